// SPDX-License-Identifier: GPL-2.0

//! What those who listen to events are told of the path manager.

use super::Heddle;
use crate::{
    control::event::{self, PathManaged},
    namespace::Namespace,
};
use heddle_core::{
    address::Address,
    decide::pm::{health::Why, mesh::Pair, Action, Closed, Mesh, Outcome, Policy},
};
use heddle_kernel::{
    mptcp::pm::{Managed, Seen},
    net::heddle::uapi,
};

/// Tells of an action on a connection, which was seen before that; `rule` has settings for it.
/// Costs nothing while nobody listens. Process context; may sleep.
pub(super) fn tell(
    namespace: &Namespace,
    rule: Option<u32>,
    policy: &Policy,
    connection: &Managed<'_, Heddle>,
    seen: &Seen,
    action: &Action,
    outcome: Outcome,
) {
    let net = connection.net();
    if !event::is_wanted(net) {
        return;
    }
    let Some((done, reason)) = what(policy, action, outcome) else {
        return;
    };
    let tell = |subflow: Option<u32>, local: &[u8], remote: (&[u8], u16)| {
        let told = PathManaged {
            token: connection.token(),
            action: done,
            reason,
            rule,
            subflow,
            local,
            remote,
        };
        event::path_managed(namespace, net, &told);
    };
    match action {
        Action::Connect { pair, .. } => {
            let Pair { local, remote, .. } = pair;
            let local = local.address.as_ref().map_or(&[][..], Address::bytes);
            tell(None, local, (remote.address.bytes(), remote.port));
        }
        Action::Close { id, .. } | Action::Prioritise { id, .. } => {
            if let Some(subflow) = seen.subflows().find(|it| it.id() == *id) {
                let (local, remote) = (subflow.local(), subflow.remote());
                tell(Some(*id), local.bytes(), (remote.bytes(), remote.port()));
            }
        }
    }
}

const fn opened_by(mesh: Mesh, again: bool) -> u32 {
    match mesh {
        _ if again => uapi::HEDDLE_PATH_REASON_RETRY,
        Mesh::Endpoints => uapi::HEDDLE_PATH_REASON_ENDPOINTS,
        Mesh::Fullmesh => uapi::HEDDLE_PATH_REASON_FULLMESH,
        Mesh::Ndiffports => uapi::HEDDLE_PATH_REASON_NDIFFPORTS,
        Mesh::Interface => uapi::HEDDLE_PATH_REASON_INTERFACE,
    }
}

/// What was done, and why; nothing is told of a subflow to which it could not be done.
const fn what(policy: &Policy, action: &Action, outcome: Outcome) -> Option<(u32, u32)> {
    Some(match (action, outcome) {
        (Action::Connect { again, .. }, Outcome::Done) => (
            uapi::HEDDLE_PATH_ACTION_OPENED,
            opened_by(policy.mesh, *again),
        ),
        (Action::Connect { .. }, Outcome::Full) => (
            uapi::HEDDLE_PATH_ACTION_REFUSED,
            uapi::HEDDLE_PATH_REASON_LIMIT,
        ),
        (Action::Connect { .. }, Outcome::Failed) => (
            uapi::HEDDLE_PATH_ACTION_REFUSED,
            uapi::HEDDLE_PATH_REASON_FAILED,
        ),
        (Action::Close { why, .. }, Outcome::Done) => (
            uapi::HEDDLE_PATH_ACTION_CLOSED,
            match why {
                Closed::Dead => uapi::HEDDLE_PATH_REASON_DEAD,
                Closed::Capped => uapi::HEDDLE_PATH_REASON_CAPPED,
            },
        ),
        (Action::Prioritise { backup, why, .. }, Outcome::Done) => (
            if *backup {
                uapi::HEDDLE_PATH_ACTION_DEMOTED
            } else {
                uapi::HEDDLE_PATH_ACTION_PROMOTED
            },
            match why {
                Why::Rtt => uapi::HEDDLE_PATH_REASON_RTT,
                Why::Loss => uapi::HEDDLE_PATH_REASON_LOSS,
                Why::Capped => uapi::HEDDLE_PATH_REASON_CAPPED,
                Why::Better => uapi::HEDDLE_PATH_REASON_BETTER,
            },
        ),
        (Action::Close { .. } | Action::Prioritise { .. }, _) => return None,
    })
}
