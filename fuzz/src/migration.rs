// SPDX-License-Identifier: GPL-2.0

//! Migrations: for any of them, and any listener, the first that holds is the one of a model.

use crate::{input::Input, settings::policies};
use heddle_core::decide::{
    migrate::migration::{first, Conditions, Facts, Migration},
    naive,
};

/// Looks migrations up for some listeners.
pub fn run(data: &[u8]) {
    let mut input = Input::new(data);
    let input = &mut input;
    let migrations: Vec<_> = (0..)
        .zip(input.list(20, |input| (conditions(input), policies(input))))
        .map(|(priority, (conditions, policies))| Migration {
            priority,
            conditions,
            policies,
        })
        .collect();
    for _ in 0..8 {
        let facts = Facts {
            cookie: input.number64(3),
            local: input.address(),
            port: input.port(),
        };
        let mut holding = migrations
            .iter()
            .filter(|it| naive::migration(&it.conditions, &facts));
        assert_eq!(first(&migrations, &facts), holding.next(), "{facts:?}");
    }
}

fn conditions(input: &mut Input<'_>) -> Conditions {
    Conditions {
        cookie: input.maybe(|input| input.number64(3)),
        local: input.maybe(Input::prefix).flatten(),
        ports: input.maybe(Input::ports).flatten(),
    }
}
