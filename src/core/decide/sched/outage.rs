// SPDX-License-Identifier: GPL-2.0

//! The round-trip time of a subflow whose path was gone.
//!
//! When a path is back, the acknowledgment of what is sent on it first often carries the time
//! stamp of the last packet that the peer had from before: the peer has the data already, and
//! only its acknowledgment was lost. By RFC 7323 that is a sample, of the length of the outage, and
//! TCP's smoothed value needs some 17 more to forget it. A scheduler that goes by round-trip times
//! would not use the path for as long, and without being used it gets no samples.

use super::{PerSubflow, Subflow};

/// What is remembered of the outages of a connection's subflows.
#[derive(Clone, Debug, Default)]
pub struct Outages {
    /// Some subflow has one.
    any: bool,
    of: PerSubflow<Outage>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Outage {
    /// Round-trip time when the retransmission timer had fired, and its deviation, as TCP stores
    /// them; 0 if there is no outage.
    srtt: u32,
    rttvar: u32,
    /// The round-trip time that TCP had at the last look.
    last: u32,
}

impl Outages {
    /// Gives subflows the round-trip time from before their outage, as long as TCP forgets that:
    /// until its value is no longer above that, or rises again.
    pub fn correct(&mut self, subflows: &mut [Subflow]) {
        if !self.any && !subflows.iter().any(|it| it.in_loss) {
            return;
        }
        self.any = false;
        self.of.follow(subflows);
        for subflow in subflows {
            if let Some(outage) = self.of.get_mut(subflow.id) {
                outage.correct(subflow);
                self.any |= outage.srtt != 0;
            }
        }
    }
}

impl Outage {
    fn correct(&mut self, subflow: &mut Subflow) {
        let srtt = subflow.srtt_x8_us;
        if subflow.in_loss {
            // Nothing was acknowledged, so there was no sample. If the timer fires again before
            // the last outage is forgotten, it is the same one.
            if self.srtt == 0 {
                self.srtt = srtt;
                self.rttvar = subflow.rttvar_x4_us;
            }
            // The next sample is the outage.
            self.last = u32::MAX;
        } else if srtt <= self.srtt || (!subflow.repairs && srtt > self.last) {
            *self = Self::default();
        } else {
            self.last = srtt;
        }
        if self.srtt != 0 {
            subflow.srtt_x8_us = self.srtt;
            subflow.rttvar_x4_us = self.rttvar;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decide::sched::testing::{any_subflows, in_loss, subflow};
    use proptest::prelude::*;

    /// What is made of a subflow, in ms.
    fn seen(outages: &mut Outages, subflow: Subflow) -> u32 {
        let mut subflows = [subflow];
        outages.correct(&mut subflows);
        subflows[0].srtt_x8_us / 8000
    }

    fn repairs(srtt_ms: u32) -> Subflow {
        Subflow {
            repairs: true,
            ..subflow(srtt_ms)
        }
    }

    #[test]
    fn an_outage_is_no_round_trip() {
        let mut outages = Outages::default();
        assert_eq!(seen(&mut outages, subflow(20)), 20);
        assert_eq!(seen(&mut outages, in_loss(subflow(20))), 20);
        // Two acknowledgments with an old time stamp, and then new samples.
        for srtt in [900, 1600, 1400] {
            assert_eq!(seen(&mut outages, repairs(srtt)), 20);
        }
        for srtt in [1400, 1200, 700, 100, 21] {
            assert_eq!(seen(&mut outages, subflow(srtt)), 20);
        }
        assert_eq!(seen(&mut outages, subflow(19)), 19);
        assert_eq!(seen(&mut outages, subflow(30)), 30);
    }

    #[test]
    fn the_first_sample_is_the_outage_even_if_nothing_is_to_be_repaired() {
        let mut outages = Outages::default();
        seen(&mut outages, in_loss(subflow(20)));
        assert_eq!(seen(&mut outages, subflow(900)), 20);
        assert_eq!(seen(&mut outages, subflow(800)), 20);
    }

    #[test]
    fn a_path_that_came_back_slower_is_found_out() {
        let mut outages = Outages::default();
        seen(&mut outages, in_loss(subflow(20)));
        assert_eq!(seen(&mut outages, repairs(900)), 20);
        assert_eq!(seen(&mut outages, subflow(500)), 20);
        assert_eq!(seen(&mut outages, subflow(400)), 20);
        assert_eq!(seen(&mut outages, subflow(401)), 401);
        assert_eq!(seen(&mut outages, subflow(400)), 400);
    }

    #[test]
    fn one_outage_during_another_is_the_same() {
        let mut outages = Outages::default();
        seen(&mut outages, in_loss(subflow(20)));
        assert_eq!(seen(&mut outages, repairs(900)), 20);
        assert_eq!(seen(&mut outages, in_loss(subflow(900))), 20);
        assert_eq!(seen(&mut outages, repairs(1500)), 20);
    }

    proptest! {
        #[test]
        fn without_an_outage_nothing_is_changed(subflows in any_subflows()) {
            let mut outages = Outages::default();
            let mut corrected = subflows.clone();
            outages.correct(&mut corrected);
            prop_assert_eq!(&corrected, &subflows);
            for subflow in &mut corrected {
                subflow.in_loss = false;
                subflow.repairs = false;
            }
            let before = corrected.clone();
            outages.correct(&mut corrected);
            outages.correct(&mut corrected);
            prop_assert_eq!(corrected, before);
            prop_assert!(!outages.any);
        }
    }
}
