// SPDX-License-Identifier: GPL-2.0

//! Something that is kept for each subflow of a connection.

use super::{Subflow, MAX_SUBFLOWS};

/// A value for each subflow, found by the number of the subflow.
#[derive(Clone, Debug)]
pub struct PerSubflow<T> {
    /// A number of 0 marks a free place: numbers start at 1.
    entries: [(u32, T); MAX_SUBFLOWS],
    /// The highest of the numbers that are followed, and how many there are. A number is never used
    /// twice, and those that are not seen are behind those that are, so they tell of every change.
    followed: (u32, u32),
}

impl<T: Default> Default for PerSubflow<T> {
    fn default() -> Self {
        Self {
            entries: core::array::from_fn(|_| Default::default()),
            followed: (0, 0),
        }
    }
}

impl<T: Default> PerSubflow<T> {
    /// The value of a subflow, if there is one.
    #[inline]
    pub fn get(&self, id: u32) -> Option<&T> {
        let mut entries = self.entries.iter();
        entries.find_map(|(of, value)| (*of == id && id != 0).then_some(value))
    }

    /// The value of a subflow to change, if there is one.
    #[inline]
    pub fn get_mut(&mut self, id: u32) -> Option<&mut T> {
        let mut entries = self.entries.iter_mut();
        entries.find_map(|(of, value)| (*of == id && id != 0).then_some(value))
    }

    /// Forgets the subflows that are gone, and starts with `T::default()` for those that are new.
    pub fn follow(&mut self, subflows: &[Subflow]) {
        self.keep(subflows.iter().map(|it| it.id));
    }

    /// The same, for subflows of these numbers. Returns whether they are others than before.
    #[inline]
    pub fn keep(&mut self, ids: impl Iterator<Item = u32> + Clone) -> bool {
        let followed = ids.clone().fold((0, 0u32), |(newest, number), id| {
            (id.max(newest), number.saturating_add(1))
        });
        if self.followed == followed {
            return false;
        }
        self.followed = followed;
        for (of, value) in &mut self.entries {
            if *of != 0 && !ids.clone().any(|id| id == *of) {
                *of = 0;
                *value = T::default();
            }
        }
        for id in ids {
            if self.get(id).is_none() {
                if let Some(free) = self.entries.iter_mut().find(|(of, _)| *of == 0) {
                    *free = (id, T::default());
                }
            }
        }
        true
    }

    /// The subflows and their values to change.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = (u32, &mut T)> {
        self.entries
            .iter_mut()
            .filter(|(of, _)| *of != 0)
            .map(|(of, value)| (*of, value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decide::sched::testing::{any_subflows, subflow};
    use proptest::prelude::*;

    fn numbered(id: u32) -> Subflow {
        Subflow { id, ..subflow(10) }
    }

    #[test]
    fn a_subflow_keeps_its_value_until_it_is_gone() {
        let mut values = PerSubflow::<u32>::default();
        values.follow(&[numbered(1), numbered(2)]);
        *values.get_mut(2).expect("it is there") = 7;
        values.follow(&[numbered(2), numbered(3)]);
        assert_eq!(values.get(1), None);
        assert_eq!(values.get(2), Some(&7));
        assert_eq!(values.get(3), Some(&0));
    }

    #[test]
    fn one_without_a_number_has_no_value() {
        let mut values = PerSubflow::<u32>::default();
        values.follow(&[numbered(0)]);
        assert_eq!(values.get(0), None);
        assert_eq!(values.get_mut(0), None);
    }

    proptest! {
        #[test]
        fn as_many_as_there_may_be_all_have_a_value(
            one in any_subflows(),
            other in any_subflows(),
        ) {
            let mut values = PerSubflow::<u32>::default();
            values.follow(&one);
            values.follow(&other);
            for subflow in &other {
                prop_assert!(values.get(subflow.id).is_some());
            }
            prop_assert_eq!(values.iter_mut().count(), other.len());
        }
    }
}
