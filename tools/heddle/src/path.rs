// SPDX-License-Identifier: GPL-2.0

//! Paths: weight, cost and cap of the subflows that some conditions hold for, and
//! settings of the path manager for them.

use std::fmt;

use heddle_core::{
    decide::pm::settings::OF_PATHS,
    knob::Id, //
};
use serde::Serialize;

use crate::{
    error::Result,
    item::{
        self,
        present,
        say,
        settings::Settings,
        Item,
        Prefix, //
    },
    kernel::Kernel,
    units,
};

/// The highest weight.
pub const WEIGHT_MAX: u32 = 1000;

/// The highest cost.
pub const COST_MAX: u32 = 255;

/// A path. All conditions that it has must hold. Without a weight or a cost it
/// is only a part of one, as which it can be looked for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Path {
    /// Its place and its name. A new path without one goes behind the others.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub priority: Option<u32>,
    /// The interface that the packets of a subflow leave by.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dev: Option<String>,
    /// The network of this end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<Prefix>,
    /// The network of the other end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<Prefix>,
    /// Its share of the bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub weight: Option<u32>,
    /// Its place in the order of costs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cost: Option<u32>,
    /// Bytes after which it is off, if there is such a limit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cap: Option<u64>,
    /// What the path manager is to do there in the place of what rules and knobs say.
    #[serde(flatten)]
    pub settings: Settings,
    /// Bytes that were charged to it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub used: Option<u64>,
}

impl Path {
    /// The same as a configuration file has it: with its use, if that counts.
    #[must_use]
    pub fn to_save(&self) -> Self {
        Self {
            used: self.used.filter(|used| *used > 0 && self.cap.is_some()),
            ..self.clone()
        }
    }
}

impl Item for Path {
    const NAME: &'static str = "path";

    const KEYWORDS: &'static [&'static str] =
        &["priority", "dev", "from", "to", "weight", "cost", "cap"];

    const SETTINGS: &'static [Id] = &OF_PATHS;

    const SAVED: &'static [&'static str] = &["used"];

    /// What it has used of its cap.
    fn saved(&self) -> Vec<(&'static str, String)> {
        present([("used", self.to_save().used.map(units::size))])
    }

    fn priority(&self) -> Option<u32> {
        self.priority
    }

    fn plain(&self) -> Self {
        Self {
            used: None,
            ..self.clone()
        }
    }

    fn counted(&self) -> Option<String> {
        Some(format!("used {}", units::bytes(self.used?)))
    }

    fn words(&self) -> Vec<(&'static str, String)> {
        let mut words = present([
            ("dev", self.dev.clone()),
            ("from", say(self.from.as_ref())),
            ("to", say(self.to.as_ref())),
            ("weight", say(self.weight.as_ref())),
            ("cost", say(self.cost.as_ref())),
            ("cap", self.cap.map(units::size)),
        ]);
        words.extend(self.settings.words());
        words
    }

    fn set(&mut self, keyword: &str, value: &str) -> std::result::Result<(), String> {
        match keyword {
            "dev" => self.dev = Some(interface(value)?),
            "from" => self.from = Some(value.parse()?),
            "to" => self.to = Some(value.parse()?),
            "weight" => self.weight = Some(number(value, "weight", WEIGHT_MAX)?),
            "cost" => self.cost = Some(number(value, "cost", COST_MAX)?),
            // The highest stands for none in the module, as 0 does.
            "cap" => self.cap = Some(size(value)?).filter(|&cap| cap != 0 && cap != u64::MAX),
            "used" => self.used = Some(size(value)?),
            _ if self.settings.set(Self::SETTINGS, keyword, value)? => {}
            _ => return item::unknown::<Self>(),
        }
        Ok(())
    }

    fn set_priority(&mut self, priority: u32) {
        self.priority = Some(priority);
    }

    fn complete(&mut self) -> std::result::Result<(), &'static str> {
        self.weight.get_or_insert(1);
        self.cost.get_or_insert(0);
        // Without a cap it does not count.
        self.used = self.to_save().used;
        Ok(())
    }

    fn all(kernel: &mut dyn Kernel) -> Result<Vec<Self>> {
        kernel.paths()
    }

    fn add(&self, kernel: &mut dyn Kernel, replace: bool) -> Result<u32> {
        kernel.add_path(self, replace)
    }

    fn delete(kernel: &mut dyn Kernel, priority: u32) -> Result<()> {
        kernel.delete_path(priority)
    }

    fn flush(kernel: &mut dyn Kernel) -> Result<()> {
        kernel.flush_paths()
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        item::write(self, f)
    }
}

fn number(text: &str, what: &str, max: u32) -> std::result::Result<u32, String> {
    text.parse()
        .ok()
        .filter(|number| *number <= max)
        .ok_or_else(|| format!("\"{text}\" is no {what}: they go from 0 to {max}"))
}

fn size(text: &str) -> std::result::Result<u64, String> {
    units::parse_size(text).ok_or_else(|| {
        format!("\"{text}\" is no amount of data: write 5G, 1.5M or a number of bytes")
    })
}

fn interface(text: &str) -> std::result::Result<String, String> {
    // What the kernel takes; a word has no blanks anyway.
    let wrong = |c: char| c.is_whitespace() || c == '/' || c == ':';
    if text.is_empty() || text.len() > 15 || text.contains(wrong) || text == "." || text == ".." {
        return Err(format!("no interface can be called \"{text}\""));
    }
    Ok(text.into())
}

#[cfg(test)]
pub(crate) mod testing {
    use super::*;
    use crate::item::{
        settings::testing::any_settings,
        testing::any_prefix,
        PRIORITY_MAX, //
    };
    use proptest::prelude::*;

    /// Any path that the module could hold, but with a priority.
    pub(crate) fn any_path() -> impl Strategy<Value = Path> {
        use proptest::option::of;
        (
            0..=PRIORITY_MAX,
            of("[a-z0-9_.-]{0,14}[a-z0-9]"),
            of(any_prefix()),
            of(any_prefix()),
            0..=WEIGHT_MAX,
            0..=COST_MAX,
            of((1u64..1 << 54, 0..=10u32).prop_map(|(cap, shift)| cap << shift)),
            any_settings(&OF_PATHS),
        )
            .prop_map(
                |(priority, dev, from, to, weight, cost, cap, settings)| Path {
                    priority: Some(priority),
                    dev,
                    from,
                    to,
                    weight: Some(weight),
                    cost: Some(cost),
                    cap,
                    settings,
                    used: None,
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
            verb,
            words, //
        },
        path::testing::any_path,
        testing::{
            run,
            Fake, //
        },
    };
    use proptest::prelude::*;

    fn words(text: &str) -> Result<Path> {
        words::parse_complete(&given(text))
    }

    fn error(text: &str) -> String {
        words(text).unwrap_err().to_string()
    }

    #[test]
    fn the_longest_path() {
        let text = "priority 10 dev eth1 from fd00::/8 to 10.0.0.0/8 weight 3 cost 10 cap 5G \
                    pm.capped close pm.retry_ms 500";
        assert_eq!(words(text).unwrap().to_string(), text);
    }

    #[test]
    fn what_is_not_said_has_its_default() {
        assert_eq!(
            words("d wlan0 ca 1.5M prio 3").unwrap().to_string(),
            "priority 3 dev wlan0 weight 1 cost 0 cap 1500k"
        );
        assert_eq!(words("cap 0").unwrap().cap, None);
        assert_eq!(words("cap 18446744073709551615").unwrap().cap, None);
    }

    #[test]
    fn errors_say_what_to_do() {
        assert_eq!(error("c 1"), "\"c\" can mean cost or cap");
        assert!(error("port 443").starts_with("\"port\" is no part of a path"));
        assert!(error("pm.capped open").contains("it takes ignore, demote, close"));
        assert!(error("pm.mesh fullmesh").contains("is no part of a path"));
        assert!(error("weight 1001").contains("0 to 1000"));
        assert!(error("cost -1").contains("0 to 255"));
        assert!(error("cap much").contains("write 5G"));
        assert!(error("dev eth0:1").contains("no interface can be called"));
        assert!(error("dev sixteen_letters_").contains("no interface can be called"));
    }

    #[test]
    fn use_is_a_comment() {
        let mut fake = Fake::sample();
        let shown = run(false, |out| verb::show::<Path>(&mut fake, out, true)).unwrap();
        assert_eq!(
            shown,
            "priority 10 dev wlan0 weight 3 cost 0 # used 8.39 MB\n\
             priority 20 from 10.0.2.0/24 weight 1 cost 10 cap 5G # used 0 B\n"
        );
    }

    #[test]
    fn a_path_is_added_replaced_and_deleted() {
        let mut fake = Fake::sample();
        let text = run(true, |out| {
            verb::add::<Path>(&mut fake, out, &given("dev eth0 cost 5"), false)
        });
        assert_eq!(
            text.unwrap(),
            "{\"priority\":30,\"dev\":\"eth0\",\"weight\":1,\"cost\":5}\n"
        );
        let again = given("priority 10 weight 5");
        run(false, |out| verb::add::<Path>(&mut fake, out, &again, true)).unwrap();
        // What was used up is.
        assert_eq!(fake.paths[0].used, Some(8_388_608));
        verb::delete::<Path>(&mut fake, &given("cost 10")).unwrap();
        let left: Vec<_> = fake.paths.iter().filter_map(|p| p.priority).collect();
        assert_eq!(left, [10, 30]);
    }

    #[test]
    fn what_was_used_can_be_forgotten() {
        let mut fake = Fake::sample();
        assert!(fake.reset_paths(Some(11)).is_err());
        fake.reset_paths(Some(20)).unwrap();
        assert_eq!(fake.paths[0].used, Some(8_388_608));
        fake.reset_paths(None).unwrap();
        assert_eq!(fake.paths[0].used, Some(0));
    }

    proptest! {
        #[test]
        fn what_is_shown_can_be_added(path in any_path()) {
            prop_assert_eq!(words(&path.to_string()).unwrap(), path);
        }
    }
}
