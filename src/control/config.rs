// SPDX-License-Identifier: GPL-2.0

//! Operation `config-set`: the whole configuration, or nothing.

use super::{
    attr, cmd, knob,
    list::{self, Listed},
    namespace,
};
use crate::{knobs, namespace::Change, ordered::Ordered};
use heddle_core::{
    decide::{migrate::migration::Migration, path::Path, rule::Rule},
    knob::{Id, PerKnob, PM_CAP_PERIOD_S},
};
use heddle_kernel::{
    error::estale,
    net::{
        genl::{Attributes, Request},
        heddle::{parse_knob, parse_migration, parse_path, parse_rule},
    },
    time::now_us,
};
use kernel::{prelude::*, sync::Arc};

pub(super) fn set(request: &Request<'_>) -> Result {
    let namespace = namespace(request.net())?;

    let mut values: PerKnob<Option<u64>> = PerKnob::from_fn(|_| None);
    for nest in request.nests(attr!(HEDDLE_A_CONFIG_KNOB)) {
        let nest = parse_knob(request, nest)?;
        let (id, value) = knob::read(&nest)?;
        if values.get_mut(id).replace(value).is_some() {
            return Err(nest.refuse(
                attr!(HEDDLE_A_KNOB_NAME),
                c"the knob is there twice",
                EEXIST,
            ));
        }
    }
    let values = PerKnob::from_fn(|id| values.get(id).unwrap_or_else(|| knobs::default(id)));

    let rules: KVVec<Rule> = list::read_all(request, attr!(HEDDLE_A_CONFIG_RULE), parse_rule)?;
    let paths: KVVec<Path> = list::read_all(request, attr!(HEDDLE_A_CONFIG_PATH), parse_path)?;
    let migrations: KVVec<Migration> =
        list::read_all(request, attr!(HEDDLE_A_CONFIG_MIGRATION), parse_migration)?;

    let left = match request.get(attr!(HEDDLE_A_CONFIG_CAP_PERIOD_LEFT)) {
        Some(left) => Some(left.number()?),
        None => None,
    };

    let change = namespace.change();
    if let Some(expected) = request.get(attr!(HEDDLE_A_CONFIG_GENERATION)) {
        if expected.to::<u32>()? != namespace.generation() {
            return Err(request.refuse(
                attr!(HEDDLE_A_CONFIG_GENERATION),
                c"the configuration has changed meanwhile: read it again",
                estale(),
            ));
        }
    }
    let rules = replaced(request, &change, &rules, &values)?;
    let paths = replaced(request, &change, &paths, &values)?;
    let migrations = replaced(request, &change, &migrations, &values)?;
    // Whether it can be told is known before it is done.
    let next = namespace.generation().wrapping_add(1);
    request.reply(cmd!(HEDDLE_CMD_CONFIG_SET), 64, |to| {
        to.u32(attr!(HEDDLE_A_CONFIG_GENERATION), next)
    })?;
    for id in Id::ALL {
        change.set_knob(id, *values.get(id));
    }
    change.set_rules(rules);
    change.set_paths(paths);
    if let Some(left) = left {
        let seconds = *values.get(PM_CAP_PERIOD_S);
        let managed = &namespace.paths_managed;
        managed.begin_period(seconds, left, now_us());
    }
    change.set_migrations(migrations);
    change.done(request.net());
    Ok(())
}

/// The list that these items make, with the knobs that belong to them.
fn replaced<T: Listed>(
    request: &Request<'_>,
    change: &Change<'_>,
    items: &[T],
    values: &PerKnob<u64>,
) -> Result<Arc<Ordered<T>>> {
    T::list(change)
        .replaced(items, *values.get(T::MAX))
        .map_err(|err| list::refuse::<T>(request, err))
}
