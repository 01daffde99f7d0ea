// SPDX-License-Identifier: GPL-2.0

//! Which pairs of addresses are connected.

use super::{
    number, remotes::Remotes, tries::Key, Facts, Local, Mesh, Policy, Remote, View, FULLMESH,
    LAMINAR, SUBFLOW,
};
use crate::address::Address;

/// A subflow that is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pair {
    /// From where.
    pub local: Local,
    /// To where.
    pub remote: Remote,
    /// Which of several from there to there, from 0.
    pub index: u8,
}

impl Pair {
    const fn new(local: Local, remote: Remote) -> Self {
        Self {
            local,
            remote,
            index: 0,
        }
    }

    /// What it is remembered by.
    pub const fn key(&self) -> Key {
        Key {
            local: match self.local.address {
                Some(_) => Some(self.local.id),
                None => None,
            },
            remote: self.remote.id,
            index: self.index,
        }
    }
}

/// Shows all pairs that are wanted to `see`, in the order in which they are connected.
///
/// Pairs whose local address is on no interface that is up are left out, and so are those of two
/// families. Of the announced addresses as many are used as the limit allows.
pub fn visit<V: View>(
    view: &V,
    facts: &Facts,
    remotes: &Remotes,
    policy: &Policy,
    mut see: impl FnMut(&Pair),
) {
    let mut see = |pair: Pair| {
        let has_family = |address: &Address| match address {
            Address::V4(_) => facts.v4,
            Address::V6(_) => facts.v6,
        };
        let fits = pair.local.address.is_none_or(|local| {
            is_same_family(&local, &pair.remote.address)
                && pair.local.interface != 0
                && pair.local.up
        });
        if fits && has_family(&pair.remote.address) {
            see(&pair);
        }
    };
    let first = (!facts.deny_id0).then_some(facts.remote);
    let announced = || remotes.usable(view, facts);
    let all = || Iterator::chain(first.into_iter(), announced());
    // The initial subflow itself was opened by somebody else, but it can be lost like any other.
    let home = view
        .policy_for(policy, &Pair::new(facts.local, facts.remote))
        .retries()
        .then_some(facts.local);
    let endpoints = || view.endpoints().filter(|it| it.is(SUBFLOW) && it.id != 0);

    match policy.mesh {
        Mesh::Endpoints => {
            for (local, remote) in home.into_iter().zip(first) {
                see(Pair::new(local, remote));
            }
            for local in endpoints() {
                if local.is(FULLMESH) {
                    all().for_each(|remote| see(Pair::new(local, remote)));
                } else if let Some(remote) = choose(first, announced(), &local) {
                    see(Pair::new(local, remote));
                }
            }
            // With the first of these that there are, as the in-kernel path manager has it.
            if view.endpoints().any(|it| it.is(FULLMESH)) {
                for local in view
                    .endpoints()
                    .filter(|it| it.is(FULLMESH) && !it.is(SUBFLOW))
                {
                    announced().for_each(|remote| see(Pair::new(local, remote)));
                }
            } else if view.endpoints().any(|it| it.is(LAMINAR)) {
                laminar(view, announced(), &mut see);
            } else {
                announced().for_each(|remote| see(Pair::new(Local::ANY, remote)));
            }
        }
        Mesh::Fullmesh => {
            for remote in all() {
                if home.is_some() || remote.id != 0 {
                    see(Pair::new(facts.local, remote));
                }
            }
            for local in endpoints() {
                all().for_each(|remote| see(Pair::new(local, remote)));
            }
        }
        Mesh::Ndiffports => {
            if let Some(remote) = first {
                for index in u8::from(home.is_none())..policy.ndiffports {
                    see(Pair {
                        index,
                        ..Pair::new(facts.local, remote)
                    });
                }
            }
        }
        Mesh::Interface => {
            let locals = || Iterator::chain(home.into_iter(), endpoints());
            for (place, local) in (0..u32::MAX).zip(locals()) {
                let has_subflow = view
                    .subflows()
                    .any(|it| it.interface == local.interface && it.up);
                let is_later = (0..u32::MAX)
                    .zip(locals())
                    .any(|(other, it)| other < place && it.up && it.interface == local.interface);
                if has_subflow || is_later {
                    continue;
                }
                if let Some(remote) = choose(first, announced(), &local) {
                    see(Pair::new(local, remote));
                }
            }
        }
    }
}

/// The address of the peer that a local one is connected with: that of the initial subflow if it
/// can be, else the first that was announced.
fn choose(
    first: Option<Remote>,
    announced: impl Iterator<Item = Remote>,
    local: &Local,
) -> Option<Remote> {
    let local = local.address?;
    let fits = |it: &Remote| is_same_family(&local, &it.address);
    first
        .filter(fits)
        .or_else(|| announced.into_iter().find(fits))
}

/// Each announced address with a laminar endpoint of its own.
fn laminar<V: View>(view: &V, announced: impl Iterator<Item = Remote>, see: &mut impl FnMut(Pair)) {
    for remote in announced {
        if view.subflows().any(|it| is_at(&it.remote, &remote)) {
            continue;
        }
        let is_free = |local: &Local| {
            local.is(LAMINAR)
                && local
                    .address
                    .is_some_and(|it| is_same_family(&it, &remote.address))
                && !view.subflows().any(|it| it.local_id == local.id)
        };
        if let Some(local) = view.endpoints().find(is_free) {
            see(Pair::new(local, remote));
        }
    }
}

fn is_same_family(one: &Address, other: &Address) -> bool {
    matches!(
        (one, other),
        (Address::V4(_), Address::V4(_)) | (Address::V6(_), Address::V6(_))
    )
}

fn is_at(one: &Remote, other: &Remote) -> bool {
    one.address == other.address && one.port == other.port
}

/// Whether a subflow of the connection is this pair.
pub fn is_connected<V: View>(view: &V, pair: &Pair) -> bool {
    let subflows = view
        .subflows()
        .filter(|it| is_at(&it.remote, &pair.remote))
        .filter(|it| pair.local.address.is_none_or(|local| it.local == local));
    number(subflows) > u32::from(pair.index)
}

/// How many subflows share an interface with a pair, a gateway, or the address of the peer. What is
/// near counts for more: it is often the narrower one.
pub fn shared<V: View>(view: &V, pair: &Pair) -> u32 {
    let mut shared = 0u32;
    let hop = view.hop(pair);
    for subflow in view.subflows() {
        if pair.local.interface != 0 && subflow.interface == pair.local.interface {
            shared = shared.saturating_add(2);
        }
        if hop.is_some() && subflow.hop == hop {
            shared = shared.saturating_add(2);
        }
        if subflow.remote.address == pair.remote.address {
            shared = shared.saturating_add(1);
        }
    }
    shared
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decide::pm::{
        remotes::Inbox,
        testing::{endpoint, remote, Net},
        Hop, Manager,
    };

    fn hop(interface: i32, last: u8) -> Hop {
        Hop::new(interface, Address::V4([10, 9, 9, last]))
    }

    #[test]
    fn pairs_that_share_a_gateway_come_later() {
        let policy = Policy {
            mesh: Mesh::Fullmesh,
            disjoint: true,
            ..Policy::default()
        };
        let mut net = Net::new(vec![endpoint(1, SUBFLOW), endpoint(2, SUBFLOW)], 1, 0);
        net.subflows[0].hop = Some(hop(1, 1));
        // Both have an interface of their own.
        net.hops.insert(2, hop(2, 1));
        net.hops.insert(3, hop(3, 2));
        net.run(&mut Manager::default(), &policy, &Inbox::default(), false);
        assert_eq!(net.pairs(), [(0, 0), (2, 0)]);
    }

    #[test]
    fn an_interface_that_is_shared_is_as_bad_as_a_gateway() {
        let mut net = Net::new(vec![endpoint(1, SUBFLOW)], 1, 0);
        net.subflows[0].hop = Some(hop(1, 1));
        let from = |net: &Net, interface| {
            let mut local = net.endpoints[0];
            local.interface = interface;
            shared(net, &Pair::new(local, remote(5)))
        };
        assert_eq!((from(&net, 2), from(&net, 1)), (0, 2));
        net.hops.insert(2, hop(2, 1));
        net.hops.insert(1, hop(1, 1));
        assert_eq!((from(&net, 2), from(&net, 1)), (2, 4));
        // No gateway is not the same as no gateway.
        net.subflows[0].hop = None;
        net.hops.clear();
        assert_eq!(from(&net, 2), 0);
    }

    #[test]
    fn an_address_of_a_link_means_another_gateway_on_each() {
        let mut link = [0; 16];
        link[..2].copy_from_slice(&[0xfe, 0x80]);
        let mut wide = link;
        wide[0] = 0xfd;
        for (address, same) in [
            (Address::V6(link), false),
            (Address::V6(wide), true),
            (Address::V4([10, 0, 0, 1]), true),
        ] {
            assert_eq!(Hop::new(1, address) == Hop::new(2, address), same);
            assert_eq!(Hop::new(1, address), Hop::new(1, address));
        }
    }

    #[test]
    fn a_path_may_be_for_long_connections_only() {
        let mut policy = Policy::default();
        let mut net = Net::new(vec![endpoint(1, SUBFLOW), endpoint(2, SUBFLOW)], 8, 0);
        let long = Policy {
            after_bytes: 100_000,
            ..policy
        };
        net.want(&mut policy, 2, long);
        let mut manager = Manager::default();
        let (_, wait) = net.run(&mut manager, &policy, &Inbox::default(), false);
        assert_eq!(
            (net.pairs(), wait.bytes),
            (vec![(0, 0), (2, 0)], Some(100_000))
        );
        net.facts.bytes = 100_000;
        net.run(&mut manager, &policy, &Inbox::default(), false);
        assert_eq!(net.pairs(), [(0, 0), (1, 0), (2, 0)]);
    }
}
