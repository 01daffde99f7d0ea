// SPDX-License-Identifier: GPL-2.0

//! Settings of the path manager that a rule or a path has: values of knobs pm.*
//! in the place of those of the namespace.

use std::collections::BTreeMap;

use heddle_core::knob::{
    Id,
    Kind, //
};
use serde::Serialize;

/// Values by the names of their knobs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Settings(BTreeMap<&'static str, String>);

/// The name of a knob.
pub fn name(id: Id) -> &'static str {
    id.knob().name.to_str().unwrap_or_default()
}

impl Settings {
    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The words that say the same, each with its value.
    pub fn words(&self) -> impl Iterator<Item = (&'static str, String)> + '_ {
        self.0.iter().map(|(name, value)| (*name, value.clone()))
    }

    /// Sets a knob to a value that it takes. False if it is none of `allowed`.
    pub fn set(&mut self, allowed: &[Id], word: &str, value: &str) -> Result<bool, String> {
        let Some(id) = allowed.iter().find(|id| name(**id) == word) else {
            return Ok(false);
        };
        // As the module does it; none of them is a scheduler.
        if let Err(refused) = id.knob().parse(value.as_bytes(), |_| None) {
            let why = refused.reason().to_string_lossy();
            return Err(format!("{why}: it takes {}", takes(*id)));
        }
        self.0.insert(name(*id), value.trim().into());
        Ok(true)
    }

    /// Takes over what the module says. What this command does not know is passed over.
    pub fn insert(&mut self, knob: &str, value: String) {
        if let Some(id) = Id::named(knob.as_bytes()) {
            self.0.insert(name(id), value);
        }
    }
}

fn takes(id: Id) -> String {
    match id.knob().kind {
        Kind::Number { min, max } => format!("{min} to {max}"),
        kind => kind
            .words()
            .map(|word| word.to_string_lossy().into_owned())
            .collect::<Vec<_>>()
            .join(", "),
    }
}

#[cfg(test)]
pub(crate) mod testing {
    use super::*;
    use proptest::prelude::*;

    /// Some of the settings that there can be.
    pub(crate) fn any_settings(allowed: &'static [Id]) -> impl Strategy<Value = Settings> {
        proptest::collection::vec((0..allowed.len(), any::<u64>()), 0..6).prop_map(move |list| {
            let mut settings = Settings::default();
            for (place, value) in list {
                let id = allowed[place];
                let value = match id.knob().kind {
                    Kind::Number { min, max } => (min + value % (max - min + 1)).to_string(),
                    kind => {
                        let words: Vec<_> = kind.words().collect();
                        let place = usize::try_from(value).unwrap_or(0) % words.len();
                        words[place].to_str().unwrap().into()
                    }
                };
                assert_eq!(settings.set(allowed, name(id), &value), Ok(true));
            }
            settings
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use heddle_core::{
        decide::pm::settings::OF_RULES,
        knob, //
    };

    #[test]
    fn values_are_those_of_the_knobs() {
        let mut settings = Settings::default();
        assert_eq!(settings.set(&OF_RULES, "pm.mesh", "fullmesh"), Ok(true));
        assert_eq!(settings.set(&OF_RULES, "pm.after_kib", "100"), Ok(true));
        assert_eq!(settings.set(&OF_RULES, "sched.burst", "5000"), Ok(false));
        assert_eq!(settings.set(&OF_RULES, "pm.cap_period_s", "5"), Ok(false));
        assert_eq!(
            settings.set(&[knob::PM_RETRY_MS], "pm.mesh", "fullmesh"),
            Ok(false)
        );
        let error = |knob, value| Settings::default().set(&OF_RULES, knob, value).unwrap_err();
        assert_eq!(
            error("pm.mesh", "full"),
            "the value is none of the words that there are: it takes endpoints, fullmesh, \
             ndiffports, interface"
        );
        assert!(error("pm.ndiffports", "17").ends_with("above the highest: it takes 1 to 16"));
        assert_eq!(
            settings.words().collect::<Vec<_>>(),
            [
                ("pm.after_kib", "100".into()),
                ("pm.mesh", "fullmesh".into())
            ]
        );
    }

    #[test]
    fn a_knob_of_a_newer_module_is_passed_over() {
        let mut settings = Settings::default();
        settings.insert("pm.new", "1".into());
        assert!(settings.is_empty());
        settings.insert("pm.remember", "1".into());
        assert!(!settings.is_empty());
    }
}
