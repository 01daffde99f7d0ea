// SPDX-License-Identifier: GPL-2.0

//! Migrations: who inherits the connections of some listeners.

use std::fmt;

use serde::Serialize;

use crate::{
    error::Result,
    item::{
        self,
        present,
        say,
        Item,
        Ports,
        Prefix, //
    },
    kernel::Kernel,
};

/// The longest list of policies, in characters.
const POLICY_MAX: usize = 63;

/// Policies for the listeners for which all conditions hold that it has.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Migration {
    /// Its place and its name. A new migration without one goes behind the
    /// others.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub priority: Option<u32>,
    /// The cookie of the listener.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cookie: Option<u64>,
    /// The network that the address of the listener is in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub addr: Option<Prefix>,
    /// The ports of the listener.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub port: Option<Ports>,
    /// Who decides: names of policies with a comma between each two.
    pub policy: String,
    /// Connections and requests that it held for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hits: Option<u64>,
}

impl Item for Migration {
    const NAME: &'static str = "migration";

    const KEYWORDS: &'static [&'static str] = &["priority", "cookie", "addr", "port", "policy"];

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
        let policy = (!self.policy.is_empty()).then(|| self.policy.clone());
        present([
            ("cookie", say(self.cookie.as_ref())),
            ("addr", say(self.addr.as_ref())),
            ("port", say(self.port.as_ref())),
            ("policy", policy),
        ])
    }

    fn set(&mut self, keyword: &str, value: &str) -> std::result::Result<(), String> {
        match keyword {
            "cookie" => self.cookie = Some(cookie(value)?),
            "addr" => self.addr = Some(value.parse()?),
            "port" => self.port = Some(value.parse()?),
            "policy" => self.policy = policy(value)?,
            _ => return item::unknown::<Self>(),
        }
        Ok(())
    }

    fn set_priority(&mut self, priority: u32) {
        self.priority = Some(priority);
    }

    fn complete(&mut self) -> std::result::Result<(), &'static str> {
        if self.policy.is_empty() {
            return Err("policy");
        }
        Ok(())
    }

    fn all(kernel: &mut dyn Kernel) -> Result<Vec<Self>> {
        kernel.migrations()
    }

    fn add(&self, kernel: &mut dyn Kernel, replace: bool) -> Result<u32> {
        kernel.add_migration(self, replace)
    }

    fn delete(kernel: &mut dyn Kernel, priority: u32) -> Result<()> {
        kernel.delete_migration(priority)
    }

    fn flush(kernel: &mut dyn Kernel) -> Result<()> {
        kernel.flush_migrations()
    }
}

impl fmt::Display for Migration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        item::write(self, f)
    }
}

/// A cookie as `ss --extended` has it behind `sk:`, in hexadecimal, or as a
/// decimal number.
fn cookie(text: &str) -> std::result::Result<u64, String> {
    match text.strip_prefix("sk:") {
        Some(hex) => u64::from_str_radix(hex, 16).ok(),
        None => text.parse().ok(),
    }
    .ok_or_else(|| {
        format!("\"{text}\" is no cookie: write it as ss --extended does, sk:1f, or as a number")
    })
}

/// A list of policies. Which there are is for the kernel to say.
fn policy(text: &str) -> std::result::Result<String, String> {
    let is_name = |name: &str| !name.is_empty() && !name.contains(char::is_whitespace);
    if text.len() > POLICY_MAX || !text.split(',').all(is_name) {
        return Err(format!(
            "\"{text}\" is no list of policies: write newest, or label,shortest"
        ));
    }
    Ok(text.into())
}

#[cfg(test)]
pub(crate) mod testing {
    use super::*;
    use crate::item::{
        testing::{
            any_ports,
            any_prefix, //
        },
        PRIORITY_MAX,
    };
    use proptest::prelude::*;

    /// Any migration that the module could hold, but with a priority.
    pub(crate) fn any_migration() -> impl Strategy<Value = Migration> {
        use proptest::option::of;
        (
            0..=PRIORITY_MAX,
            of(any::<u64>()),
            of(any_prefix()),
            of(any_ports()),
            "[a-z_]{1,12}(,[a-z_]{1,12}){0,3}",
        )
            .prop_map(|(priority, cookie, addr, port, policy)| Migration {
                priority: Some(priority),
                cookie,
                addr,
                port,
                policy,
                hits: None,
            })
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
        migration::testing::any_migration,
        testing::{
            run,
            Fake, //
        },
    };
    use proptest::prelude::*;

    fn words(text: &str) -> Result<Migration> {
        words::parse_complete(&given(text))
    }

    fn error(text: &str) -> String {
        words(text).unwrap_err().to_string()
    }

    #[test]
    fn the_longest_migration() {
        let text = "priority 10 cookie 17 addr 10.0.0.0/8 port 8000-8999 policy newest,shortest";
        assert_eq!(words(text).unwrap().to_string(), text);
    }

    #[test]
    fn a_cookie_is_written_as_ss_does() {
        assert_eq!(words("c sk:1f pol hash").unwrap().cookie, Some(31));
        assert_eq!(words("cookie 31 pol hash").unwrap().cookie, Some(31));
    }

    #[test]
    fn errors_say_what_to_do() {
        assert!(error("port 443").contains("policy NAME"));
        assert!(error("cookie 1f policy hash").contains("sk:1f"));
        assert!(error("policy newest,").contains("no list of policies"));
        assert!(error("p hash").contains("can mean"));
    }

    #[test]
    fn a_migration_is_added_replaced_and_deleted() {
        let mut fake = Fake::sample();
        let text = run(true, |out| {
            let words = given("port 80 policy hash");
            verb::add::<Migration>(&mut fake, out, &words, false)
        });
        assert_eq!(
            text.unwrap(),
            "{\"priority\":20,\"port\":\"80\",\"policy\":\"hash\"}\n"
        );
        let again = given("priority 10 policy refuse");
        run(false, |out| {
            verb::add::<Migration>(&mut fake, out, &again, true)
        })
        .unwrap();
        assert_eq!(fake.migrations[0].hits, Some(0));
        verb::delete::<Migration>(&mut fake, &given("port 80")).unwrap();
        let left: Vec<_> = fake.migrations.iter().map(ToString::to_string).collect();
        assert_eq!(left, ["priority 10 policy refuse"]);
        <Migration as Item>::flush(&mut fake).unwrap();
        assert!(fake.migrations.is_empty());
    }

    proptest! {
        #[test]
        fn what_is_shown_can_be_added(migration in any_migration()) {
            prop_assert_eq!(words(&migration.to_string()).unwrap(), migration);
        }
    }
}
