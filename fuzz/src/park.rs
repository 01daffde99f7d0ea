// SPDX-License-Identifier: GPL-2.0

//! Parking: whatever is closed, in whatever order, no bound is exceeded, and nobody is parked who
//! would lose a connection by it.

use crate::{input::Input, settings::Settings};
use heddle_core::decide::migrate::park::{fate, share, Bounds, Closing, Fate, Held, MAX_LISTENERS};

/// Parks and closes listeners.
pub fn run(data: &[u8]) {
    let mut input = Input::new(data);
    let input = &mut input;
    let bounds = if input.flag() {
        Bounds::of(&Settings::of(input))
    } else {
        Bounds {
            ms: input.any32(),
            connections: input.any64(),
            bytes: input.any64(),
        }
    };
    let mut held = Held::default();
    let mut parked = Vec::new();
    while !input.is_empty() {
        if input.rarely(4) && !parked.is_empty() {
            let (connections, bytes) = parked.swap_remove(input.place(parked.len()));
            held.listeners -= 1;
            held.connections -= connections;
            held.bytes -= bytes;
        }
        let closing = Closing {
            waiting: input.number(1000),
            limit: input.number(5000),
            receive_buffer: input.number(1 << 20),
        };
        let Some(share) = share(&bounds, &held, &closing) else {
            continue;
        };
        assert!(share.connections >= closing.waiting.max(1));
        assert!(u64::from(share.connections) <= u64::from(closing.limit.max(closing.waiting)) + 1);
        let each = u64::from(closing.receive_buffer.max(1));
        assert_eq!(share.bytes, each * u64::from(share.connections));
        held.listeners += 1;
        held.connections += u64::from(share.connections);
        held.bytes += share.bytes;
        parked.push((u64::from(share.connections), share.bytes));
        assert!(held.listeners <= MAX_LISTENERS);
        assert!(held.connections <= bounds.connections);
        assert!(held.bytes <= bounds.bytes);
        let (now, until, has_heir) = (input.any64(), input.any64(), input.flag());
        match fate(now, until, has_heir) {
            Fate::HandsOver => assert!(has_heir),
            Fate::Stays => assert!(!has_heir && now < until),
            Fate::Expires => assert!(!has_heir && now >= until),
        }
    }
}
