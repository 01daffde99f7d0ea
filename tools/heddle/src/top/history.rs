// SPDX-License-Identifier: GPL-2.0

//! Rates, from the byte counters of one sample and the next.

use std::collections::{
    HashMap,
    VecDeque, //
};

use crate::{
    model::{
        Connection,
        Subflow, //
    },
    top::Sample,
};

/// How many rates are remembered.
pub const LENGTH: usize = 40;

/// A counter of bytes, and its last rates in bytes per second.
#[derive(Clone, Debug, Default)]
pub struct Track {
    bytes: u64,
    rates: VecDeque<f64>,
}

impl Track {
    fn begin(bytes: u64) -> Self {
        Self {
            bytes,
            rates: VecDeque::new(),
        }
    }

    fn add(&mut self, bytes: u64, seconds: f64) {
        // What went back is another connection that has the same token.
        #[allow(clippy::cast_precision_loss, reason = "a rate, for people")]
        let grown = bytes.saturating_sub(self.bytes) as f64;
        self.bytes = bytes;
        self.push(grown / seconds);
    }

    fn push(&mut self, rate: f64) {
        if self.rates.len() == LENGTH {
            self.rates.pop_front();
        }
        self.rates.push_back(rate);
    }

    /// The last rate.
    pub fn rate(&self) -> f64 {
        self.rates.back().copied().unwrap_or(0.0)
    }

    /// The rates, oldest first.
    pub fn rates(&self) -> impl DoubleEndedIterator<Item = f64> + '_ {
        self.rates.iter().copied()
    }
}

#[derive(Default)]
struct Tracks {
    whole: Track,
    subflows: HashMap<u32, Track>,
    /// The sample that had it last.
    seen: u64,
}

/// The rates of all connections, of their subflows, and of everything.
#[derive(Default)]
pub struct History {
    connections: HashMap<u32, Tracks>,
    total: Track,
    at: Option<f64>,
    samples: u64,
}

/// Bytes that a connection carried, in both directions.
fn of_connection(connection: &Connection) -> u64 {
    connection
        .bytes_sent
        .saturating_add(connection.bytes_received)
}

/// Bytes that a subflow carried, in both directions.
fn of_subflow(subflow: &Subflow) -> u64 {
    subflow.carried(true).saturating_add(subflow.carried(false))
}

impl History {
    /// Takes a sample. Those that are not in it any more are forgotten.
    pub fn add(&mut self, sample: &Sample) {
        self.samples += 1;
        let seconds = self.at.map(|at| (sample.at - at).max(1e-6));
        self.at = Some(sample.at);
        let mut total = 0.0;
        for connection in &sample.connections {
            let bytes = of_connection(connection);
            let tracks = self
                .connections
                .entry(connection.token)
                .or_insert_with(|| Tracks {
                    whole: Track::begin(bytes),
                    ..Tracks::default()
                });
            // What is new has no rate yet.
            let known = tracks.seen > 0;
            tracks.seen = self.samples;
            if let (Some(seconds), true) = (seconds, known) {
                tracks.whole.add(bytes, seconds);
                total += tracks.whole.rate();
            }
            for subflow in &connection.subflows {
                let bytes = of_subflow(subflow);
                match (tracks.subflows.get_mut(&subflow.id), seconds) {
                    (Some(track), Some(seconds)) => track.add(bytes, seconds),
                    _ => {
                        tracks.subflows.insert(subflow.id, Track::begin(bytes));
                    }
                }
            }
            let there = |id: &u32| connection.subflows.iter().any(|s| s.id == *id);
            tracks.subflows.retain(|id, _| there(id));
        }
        let samples = self.samples;
        self.connections.retain(|_, tracks| tracks.seen == samples);
        if seconds.is_some() {
            self.total.push(total);
        }
    }

    /// The rates of a connection.
    pub fn connection(&self, token: u32) -> Option<&Track> {
        Some(&self.connections.get(&token)?.whole)
    }

    /// The rates of a subflow.
    pub fn subflow(&self, token: u32, id: u32) -> Option<&Track> {
        self.connections.get(&token)?.subflows.get(&id)
    }

    /// The rates of everything.
    pub fn total(&self) -> &Track {
        &self.total
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(at: f64, connections: &[(u32, u64)]) -> Sample {
        let connection = |(token, bytes): &(u32, u64)| Connection {
            token: *token,
            bytes_sent: *bytes,
            subflows: vec![Subflow {
                id: 1,
                bytes_sent: *bytes,
                ..Subflow::default()
            }],
            ..Connection::default()
        };
        Sample {
            at,
            connections: connections.iter().map(connection).collect(),
        }
    }

    #[test]
    fn a_rate_is_a_difference_over_time() {
        let mut history = History::default();
        history.add(&sample(10.0, &[(1, 1000), (2, 0)]));
        assert_eq!(history.connection(1).unwrap().rate(), 0.0);
        history.add(&sample(12.0, &[(1, 3000), (2, 500)]));
        assert_eq!(history.connection(1).unwrap().rate(), 1000.0);
        assert_eq!(history.subflow(1, 1).unwrap().rate(), 1000.0);
        assert_eq!(history.total().rate(), 1250.0);
    }

    #[test]
    fn what_is_new_or_gone_makes_no_peak() {
        let mut history = History::default();
        history.add(&sample(1.0, &[(1, 1000)]));
        history.add(&sample(2.0, &[(2, 9_000_000)]));
        assert_eq!(history.total().rate(), 0.0);
        assert!(history.connection(1).is_none());
        history.add(&sample(3.0, &[(2, 9_000_100)]));
        assert_eq!(history.total().rate(), 100.0);
    }

    #[test]
    fn a_counter_that_goes_back_is_no_rate() {
        let mut history = History::default();
        history.add(&sample(1.0, &[(1, 1000)]));
        history.add(&sample(2.0, &[(1, 10)]));
        assert_eq!(history.connection(1).unwrap().rate(), 0.0);
    }

    #[test]
    fn it_does_not_grow_for_ever() {
        let mut history = History::default();
        for i in 0..200u32 {
            history.add(&sample(f64::from(i), &[(1, u64::from(i))]));
        }
        assert_eq!(history.total().rates().count(), LENGTH);
    }
}
