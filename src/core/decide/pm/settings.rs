// SPDX-License-Identifier: GPL-2.0

//! Settings of the path manager for some connections, or for some paths, in the place of those of
//! their namespace.
//!
//! They are values of some of the knobs `pm.*`, with the names and ranges of these, and lie
//! [over](Over) other knobs: so a [`Policy`](super::Policy) is made of them as of the others.

use crate::knob::{self, Id, Knobs};
use core::ffi::CStr;

/// The knobs whose values a rule can have: all that make a policy.
pub const OF_RULES: [Id; 12] = [
    knob::PM_MESH,
    knob::PM_NDIFFPORTS,
    knob::PM_AFTER_KIB,
    knob::PM_AFTER_MS,
    knob::PM_RETRY_MS,
    knob::PM_RETRY_MAX_MS,
    knob::PM_REMEMBER,
    knob::PM_DISJOINT,
    knob::PM_DEMOTE_RTT_MS,
    knob::PM_DEMOTE_LOSS,
    knob::PM_DEMOTE_FOR_MS,
    knob::PM_CAPPED,
];

/// The knobs whose values a path can have: those that make sense for one path by itself.
pub const OF_PATHS: [Id; 8] = [
    knob::PM_AFTER_KIB,
    knob::PM_AFTER_MS,
    knob::PM_RETRY_MS,
    knob::PM_RETRY_MAX_MS,
    knob::PM_DEMOTE_RTT_MS,
    knob::PM_DEMOTE_LOSS,
    knob::PM_DEMOTE_FOR_MS,
    knob::PM_CAPPED,
];

/// Why a setting is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// It cannot have a value of its own here.
    NotHere,
    /// It has one already.
    Twice,
    /// The value is not one of the knob.
    TooHigh,
}

impl Refused {
    /// Why, in words for the person who made it: without a capital letter or a full stop, as the
    /// extended acknowledgment of netlink has it.
    pub const fn reason(&self) -> &'static CStr {
        match self {
            Self::NotHere => c"this knob cannot be set here",
            Self::Twice => c"the knob is there twice",
            Self::TooHigh => c"the value is above the highest",
        }
    }
}

/// Values of some of the knobs that [`OF_RULES`] lists. There are no more than these.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    values: [Option<u32>; OF_RULES.len()],
}

impl Settings {
    /// None.
    pub const NONE: Self = Self {
        values: [None; OF_RULES.len()],
    };

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.values.iter().all(Option::is_none)
    }

    /// The value of a knob, if it has one here.
    pub fn get(&self, id: Id) -> Option<u64> {
        let (_, value) = OF_RULES
            .iter()
            .zip(&self.values)
            .find(|(it, _)| **it == id)?;
        value.map(u64::from)
    }

    /// Sets a knob that is one of `allowed`, to a value that is in its range.
    ///
    /// # Errors
    ///
    /// Why not, as one of [`Refused`]; nothing is changed then.
    pub fn set(&mut self, allowed: &[Id], id: Id, value: u64) -> Result<(), Refused> {
        let place = OF_RULES
            .iter()
            .zip(&mut self.values)
            .find_map(|(it, place)| (*it == id).then_some(place))
            .filter(|_| allowed.contains(&id))
            .ok_or(Refused::NotHere)?;
        if place.is_some() {
            return Err(Refused::Twice);
        }
        *place = Some(u32::try_from(value).map_err(|_| Refused::TooHigh)?);
        Ok(())
    }

    /// Each knob that has a value here, with that, in the order of [`OF_RULES`].
    pub fn iter(&self) -> impl Iterator<Item = (Id, u64)> + use<'_> {
        OF_RULES
            .into_iter()
            .zip(&self.values)
            .filter_map(|(id, value)| Some((id, u64::from((*value)?))))
    }
}

/// Knobs of which some have another value.
#[derive(Clone, Copy, Debug)]
pub struct Over<'a, K> {
    /// The other values.
    pub settings: &'a Settings,
    /// Where the rest is from.
    pub below: &'a K,
}

impl<K: Knobs> Knobs for Over<'_, K> {
    fn value(&self, id: Id) -> u64 {
        self.settings
            .get(id)
            .unwrap_or_else(|| self.below.value(id))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        decide::pm::{Mesh, Policy},
        knob::{Kind, PerKnob, KNOBS},
    };
    use proptest::prelude::*;

    struct Values(PerKnob<u64>);

    impl Knobs for Values {
        fn value(&self, id: Id) -> u64 {
            *self.0.get(id)
        }
    }

    fn defaults() -> Values {
        Values(PerKnob::from_fn(|id| {
            id.knob().default_value(|_| Some(0)).expect("a value")
        }))
    }

    /// The values that a knob takes, by its highest.
    fn highest(id: Id) -> u64 {
        match id.knob().kind {
            Kind::Number { max, .. } => max,
            Kind::Word(words) => words.len() as u64 - 1,
            _ => panic!("neither a number nor a word"),
        }
    }

    #[test]
    fn all_knobs_of_the_path_manager_but_the_period_are_of_rules() {
        let of_rules: Vec<_> = OF_RULES.iter().map(|it| it.knob().name).collect();
        let all: Vec<_> = KNOBS
            .iter()
            .map(|it| it.name)
            .filter(|it| it.to_bytes().starts_with(b"pm."))
            .filter(|it| *it != knob::PM_CAP_PERIOD_S.knob().name)
            .collect();
        assert_eq!(of_rules, all);
    }

    #[test]
    fn what_is_of_paths_is_of_rules_as_well() {
        assert!(OF_PATHS.iter().all(|id| OF_RULES.contains(id)));
        assert_eq!(Settings::NONE, Settings::default());
    }

    #[test]
    fn each_value_of_these_knobs_fits() {
        for id in OF_RULES {
            let mut settings = Settings::default();
            settings.set(&OF_RULES, id, highest(id)).expect("it fits");
            assert_eq!(settings.get(id), Some(highest(id)));
        }
    }

    #[test]
    fn what_cannot_be_set_is_refused_and_changes_nothing() {
        let mut settings = Settings::default();
        for id in Id::ALL.into_iter().filter(|it| !OF_RULES.contains(it)) {
            assert_eq!(settings.set(&OF_RULES, id, 1), Err(Refused::NotHere));
            // Not even if somebody says that it may be.
            assert_eq!(settings.set(&[id], id, 1), Err(Refused::NotHere));
        }
        let few = [knob::PM_RETRY_MS];
        assert_eq!(settings.set(&few, knob::PM_MESH, 1), Err(Refused::NotHere));
        assert_eq!(
            settings.set(&few, knob::PM_RETRY_MS, 1 << 32),
            Err(Refused::TooHigh)
        );
        assert!(settings.is_empty());
        settings.set(&few, knob::PM_RETRY_MS, 5).expect("it may be");
        assert_eq!(
            settings.set(&few, knob::PM_RETRY_MS, 6),
            Err(Refused::Twice)
        );
        assert_eq!(settings.get(knob::PM_RETRY_MS), Some(5));
    }

    #[test]
    fn a_policy_has_what_is_set_and_else_what_the_namespace_says() {
        let mut below = defaults();
        *below.0.get_mut(knob::PM_RETRY_MS) = 700;
        *below.0.get_mut(knob::PM_AFTER_KIB) = 100;
        let mut settings = Settings::default();
        for (id, value) in [(knob::PM_MESH, 1), (knob::PM_AFTER_KIB, 0)] {
            settings.set(&OF_RULES, id, value).expect("it may be");
        }
        let policy = Policy::of(&Over {
            settings: &settings,
            below: &below,
        });
        assert_eq!(policy.mesh, Mesh::Fullmesh);
        // 0 is a value as any other.
        assert_eq!((policy.after_bytes, policy.retry_ms), (0, 700));
    }

    #[test]
    fn each_reason_is_one_of_its_own() {
        let reasons = [
            Refused::NotHere.reason(),
            Refused::Twice.reason(),
            Refused::TooHigh.reason(),
        ];
        assert!(reasons[0] != reasons[1] && reasons[1] != reasons[2] && reasons[0] != reasons[2]);
    }

    /// Some settings, as a list.
    fn any_list() -> impl Strategy<Value = Vec<(Id, u64)>> {
        prop::collection::vec((0..OF_RULES.len(), any::<u64>()), 0..20).prop_map(|list| {
            list.into_iter()
                .map(|(place, value)| (OF_RULES[place], value % (highest(OF_RULES[place]) + 1)))
                .collect()
        })
    }

    proptest! {
        #[test]
        fn the_first_value_of_each_knob_is_kept(list in any_list()) {
            let mut settings = Settings::default();
            let mut model: Vec<(Id, u64)> = Vec::new();
            for (id, value) in list {
                let is_new = !model.iter().any(|(it, _)| *it == id);
                prop_assert_eq!(settings.set(&OF_RULES, id, value).is_ok(), is_new);
                if is_new {
                    model.push((id, value));
                }
            }
            for id in Id::ALL {
                let expected = model.iter().find(|(it, _)| *it == id).map(|(_, value)| *value);
                prop_assert_eq!(settings.get(id), expected);
            }
            prop_assert_eq!(settings.iter().count(), model.len());
            for it in settings.iter() {
                prop_assert!(model.contains(&it));
            }
        }

        #[test]
        fn what_lies_over_lies_over(lists in (any_list(), any_list()), below: u64) {
            let make = |list: Vec<(Id, u64)>| {
                let mut settings = Settings::default();
                for (id, value) in list {
                    let _ = settings.set(&OF_RULES, id, value);
                }
                settings
            };
            let (one, other) = (make(lists.0), make(lists.1));
            let ground = Values(PerKnob::from_fn(|_| below));
            let lower = Over { settings: &other, below: &ground };
            let upper = Over { settings: &one, below: &lower };
            for id in Id::ALL {
                let expected = one.get(id).or(other.get(id)).unwrap_or(below);
                prop_assert_eq!(upper.value(id), expected);
            }
        }
    }
}
