// SPDX-License-Identifier: GPL-2.0

//! Rules: which connections are given which scheduler, and which settings of the
//! path manager.

use std::{
    fmt,
    fs,
    os::unix::fs::MetadataExt, //
};

use heddle_core::{
    decide::pm::settings::OF_RULES,
    knob::Id, //
};
use serde::Serialize;

use crate::{
    error::{
        without_number,
        Result, //
    },
    item::{
        self,
        present,
        say,
        settings::Settings,
        Item,
        Mark,
        Ports,
        Prefix, //
    },
    kernel::Kernel,
};

/// A rule. All conditions that it has must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Rule {
    /// Its place and its name. A new rule without one goes behind the others.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub priority: Option<u32>,
    /// The network of this end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<Prefix>,
    /// The ports of this end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sport: Option<Ports>,
    /// The network of the other end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<Prefix>,
    /// The ports of the other end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub port: Option<Ports>,
    /// The user that owns the socket.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub uid: Option<u32>,
    /// The cgroup that the socket was made in, or below.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cgroup: Option<u64>,
    /// The mark of the socket.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mark: Option<Mark>,
    /// The scheduler that the connection is given; empty if it is given none.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub scheduler: String,
    /// What its path manager is to do in the place of what the knobs say.
    #[serde(flatten)]
    pub settings: Settings,
    /// Connections it has matched.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hits: Option<u64>,
}

impl Item for Rule {
    const NAME: &'static str = "rule";

    const KEYWORDS: &'static [&'static str] = &[
        "priority",
        "from",
        "sport",
        "to",
        "port",
        "uid",
        "cgroup",
        "mark",
        "scheduler",
    ];

    const SETTINGS: &'static [Id] = &OF_RULES;

    fn priority(&self) -> Option<u32> {
        self.priority
    }

    fn plain(&self) -> Self {
        Self {
            hits: None,
            ..self.clone()
        }
    }

    fn counted(&self) -> Option<String> {
        Some(format!("hits {}", self.hits?))
    }

    fn words(&self) -> Vec<(&'static str, String)> {
        let scheduler = (!self.scheduler.is_empty()).then(|| self.scheduler.clone());
        let mut words = present([
            ("from", say(self.from.as_ref())),
            ("sport", say(self.sport.as_ref())),
            ("to", say(self.to.as_ref())),
            ("port", say(self.port.as_ref())),
            ("uid", say(self.uid.as_ref())),
            ("cgroup", say(self.cgroup.as_ref())),
            ("mark", say(self.mark.as_ref())),
            ("scheduler", scheduler),
        ]);
        words.extend(self.settings.words());
        words
    }

    fn set(&mut self, keyword: &str, value: &str) -> std::result::Result<(), String> {
        match keyword {
            "from" => self.from = Some(value.parse()?),
            "sport" => self.sport = Some(value.parse()?),
            "to" => self.to = Some(value.parse()?),
            "port" => self.port = Some(value.parse()?),
            "uid" => self.uid = Some(user(value)?),
            "cgroup" => self.cgroup = Some(cgroup(value)?),
            "mark" => self.mark = Some(value.parse()?),
            "scheduler" => self.scheduler = scheduler(value)?,
            _ if self.settings.set(Self::SETTINGS, keyword, value)? => {}
            _ => return item::unknown::<Self>(),
        }
        Ok(())
    }

    fn set_priority(&mut self, priority: u32) {
        self.priority = Some(priority);
    }

    fn complete(&mut self) -> std::result::Result<(), &'static str> {
        if self.scheduler.is_empty() && self.settings.is_empty() {
            return Err("scheduler");
        }
        Ok(())
    }

    fn all(kernel: &mut dyn Kernel) -> Result<Vec<Self>> {
        kernel.rules()
    }

    fn add(&self, kernel: &mut dyn Kernel, replace: bool) -> Result<u32> {
        kernel.add_rule(self, replace)
    }

    fn delete(kernel: &mut dyn Kernel, priority: u32) -> Result<()> {
        kernel.delete_rule(priority)
    }

    fn flush(kernel: &mut dyn Kernel) -> Result<()> {
        kernel.flush_rules()
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        item::write(self, f)
    }
}

/// A user by number or name.
fn user(text: &str) -> std::result::Result<u32, String> {
    if let Ok(number) = text.parse() {
        return Ok(number);
    }
    let users = fs::read_to_string("/etc/passwd").unwrap_or_default();
    user_in(&users, text).ok_or_else(|| format!("there is no user \"{text}\" in /etc/passwd"))
}

fn user_in(passwd: &str, name: &str) -> Option<u32> {
    passwd.lines().find_map(|line| {
        let mut fields = line.split(':');
        (fields.next() == Some(name))
            .then(|| fields.nth(1))
            .flatten()?
            .parse()
            .ok()
    })
}

/// A cgroup by number, or by the path of its folder.
fn cgroup(text: &str) -> std::result::Result<u64, String> {
    if let Ok(number) = text.parse() {
        return Ok(number);
    }
    if !text.starts_with('/') {
        return Err(format!(
            "\"{text}\" is no cgroup: write the path of its folder, /sys/fs/cgroup/..., or its number"
        ));
    }
    match fs::metadata(text) {
        Ok(data) if data.is_dir() => Ok(data.ino()),
        Ok(_) => Err(format!("{text} is no folder")),
        Err(error) => Err(format!("{text}: {}", without_number(&error))),
    }
}

fn scheduler(text: &str) -> std::result::Result<String, String> {
    if text.is_empty() || text.len() > 15 {
        return Err(format!(
            "\"{text}\": the name of a scheduler has 1 to 15 characters"
        ));
    }
    Ok(text.into())
}

#[cfg(test)]
pub(crate) mod testing {
    use super::*;
    use crate::item::{
        settings::testing::any_settings,
        testing::{
            any_ports,
            any_prefix, //
        },
        PRIORITY_MAX,
    };
    use proptest::prelude::*;

    fn mark() -> impl Strategy<Value = Mark> {
        (any::<u32>(), any::<u32>()).prop_map(|(value, mask)| Mark {
            value: value & mask,
            mask,
        })
    }

    /// Any rule that the module could hold, but with a priority.
    pub(crate) fn any_rule() -> impl Strategy<Value = Rule> {
        use proptest::option::of;
        (
            0..=PRIORITY_MAX,
            of(any_prefix()),
            of(any_ports()),
            of(any_prefix()),
            of(any_ports()),
            of(any::<u32>()),
            of(any::<u64>()),
            of(mark()),
            "[a-z_]{0,15}",
            any_settings(&OF_RULES),
        )
            .prop_filter("it gives something", |it| {
                !it.8.is_empty() || !it.9.is_empty()
            })
            .prop_map(
                |(priority, from, sport, to, port, uid, cgroup, mark, scheduler, settings)| Rule {
                    priority: Some(priority),
                    from,
                    sport,
                    to,
                    port,
                    uid,
                    cgroup,
                    mark,
                    scheduler,
                    settings,
                    hits: None,
                },
            )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        item::{
            testing::given,
            words, //
        },
        rule::testing::any_rule,
    };
    use proptest::prelude::*;

    fn words(text: &str) -> Result<Rule> {
        words::parse_complete(&given(text))
    }

    fn error(text: &str) -> String {
        words(text).unwrap_err().to_string()
    }

    #[test]
    fn the_longest_rule() {
        let text = "priority 10 from fd00::/8 sport 1-9 to 10.0.0.0/8 port 443 uid 1000 \
                    cgroup 17 mark 0x1/0xff scheduler minrtt pm.after_kib 100 pm.mesh fullmesh";
        assert_eq!(words(text).unwrap().to_string(), text);
    }

    #[test]
    fn any_order_and_abbreviations() {
        assert_eq!(
            words("sc minrtt po 443 prio 3").unwrap().to_string(),
            "priority 3 port 443 scheduler minrtt"
        );
    }

    #[test]
    fn a_rule_may_be_about_paths_alone() {
        let text = "port 8080 pm.after_kib 100 pm.retry_ms 500";
        let rule = words(text).unwrap();
        assert_eq!(rule.to_string(), text);
        assert_eq!(
            serde_json::to_string(&rule).unwrap(),
            r#"{"port":"8080","pm.after_kib":"100","pm.retry_ms":"500"}"#
        );
        assert_eq!(
            words("pm.me fullmesh").unwrap().to_string(),
            "pm.mesh fullmesh"
        );
    }

    #[test]
    fn errors_say_what_to_do() {
        assert!(error("port 1 pm.retry_ms soon").contains("it takes 0 to 3600000"));
        assert!(error("pm.cap_period_s 5").contains("is no part of a rule"));
        assert!(error("port 443").contains("scheduler NAME"));
        assert!(error("scheduler sixteen_letters_").contains("1 to 15"));
        assert!(error("cgroup web scheduler x").contains("/sys/fs/cgroup"));
    }

    #[test]
    fn users_have_names() {
        let passwd = "root:x:0:0:root:/root:/bin/sh\nwww:x:33:33::/:/bin/false\n";
        assert_eq!(user_in(passwd, "www"), Some(33));
        assert_eq!(user_in(passwd, "ww"), None);
    }

    #[test]
    fn a_cgroup_is_the_inode_of_its_folder() {
        let folder = std::env::temp_dir();
        let number = fs::metadata(&folder).unwrap().ino();
        assert_eq!(cgroup(folder.to_str().unwrap()), Ok(number));
        assert_eq!(
            cgroup("/no/such/folder"),
            Err("/no/such/folder: No such file or directory".into())
        );
    }

    proptest! {
        #[test]
        fn what_is_shown_can_be_added(rule in any_rule()) {
            prop_assert_eq!(words(&rule.to_string()).unwrap(), rule);
        }
    }
}
