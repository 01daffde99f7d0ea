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
    let token = connection.token();
    match action {
        Action::Connect { pair, again, .. } => {
            let Pair { local, remote, .. } = pair;
            let (action, reason) = match outcome {
                Outcome::Done => (
                    uapi::HEDDLE_PATH_ACTION_OPENED,
                    opened_by(policy.mesh, *again),
                ),
                Outcome::Full => (
                    uapi::HEDDLE_PATH_ACTION_REFUSED,
                    uapi::HEDDLE_PATH_REASON_LIMIT,
                ),
                Outcome::Failed => (
                    uapi::HEDDLE_PATH_ACTION_REFUSED,
                    uapi::HEDDLE_PATH_REASON_FAILED,
                ),
            };
            let told = PathManaged {
                token,
                action,
                reason,
                rule,
                subflow: None,
                local: local.address.as_ref().map_or(&[][..], Address::bytes),
                remote: (remote.address.bytes(), remote.port),
            };
            event::path_managed(namespace, net, &told);
        }
        Action::Close { id, .. } | Action::Prioritise { id, .. } if outcome == Outcome::Done => {
            let Some(subflow) = seen.subflows().find(|it| it.id() == *id) else {
                return;
            };
            let (action, reason) = done_to(action);
            let (local, remote) = (subflow.local(), subflow.remote());
            let told = PathManaged {
                token,
                action,
                reason,
                rule,
                subflow: Some(*id),
                local: local.bytes(),
                remote: (remote.bytes(), remote.port()),
            };
            event::path_managed(namespace, net, &told);
        }
        Action::Close { .. } | Action::Prioritise { .. } => {}
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

/// What was done to a subflow, and why.
const fn done_to(action: &Action) -> (u32, u32) {
    match action {
        Action::Connect { .. } => (
            uapi::HEDDLE_PATH_ACTION_OPENED,
            uapi::HEDDLE_PATH_REASON_ENDPOINTS,
        ),
        Action::Close { why, .. } => (
            uapi::HEDDLE_PATH_ACTION_CLOSED,
            match why {
                Closed::Dead => uapi::HEDDLE_PATH_REASON_DEAD,
                Closed::Capped => uapi::HEDDLE_PATH_REASON_CAPPED,
            },
        ),
        Action::Prioritise { backup, why, .. } => (
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
    }
}
