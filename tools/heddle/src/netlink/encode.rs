// SPDX-License-Identifier: GPL-2.0

//! Plain values to attributes.

use std::net::IpAddr;

use neli::{
    genl::{
        AttrTypeBuilder,
        Nlattr,
        NlattrBuilder, //
    },
    types::{
        Buffer,
        GenlBuffer, //
    },
    Size,
    ToBytes, //
};

use crate::{
    error::{
        Error,
        Result, //
    },
    item::{
        Ports,
        Prefix, //
    },
    migration, model,
    netlink::{
        attributes as set,
        socket::Attr, //
    },
    path, rule,
};

/// A list of attributes, as a message or a nest has it.
pub(super) type List<T> = GenlBuffer<T, Buffer>;

/// Something that netlink cannot be told.
fn wrong(error: impl std::fmt::Display) -> Error {
    Error::Failed(format!("cannot make a netlink message: {error}"))
}

/// A list of these attributes.
pub(super) fn list<T>(attributes: impl IntoIterator<Item = Nlattr<T, Buffer>>) -> List<T> {
    attributes.into_iter().collect()
}

/// An attribute.
pub(super) fn attribute<T, P>(kind: T, value: P) -> Result<Nlattr<T, Buffer>>
where
    T: Attr,
    P: Size + ToBytes,
{
    NlattrBuilder::default()
        .nla_type(
            AttrTypeBuilder::default()
                .nla_type(kind)
                .build()
                .map_err(wrong)?,
        )
        .nla_payload(value)
        .build()
        .map_err(wrong)
}

/// An attribute with attributes in it.
pub(super) fn nest<T: Attr, S: Attr>(kind: T, inner: &List<S>) -> Result<Nlattr<T, Buffer>> {
    inner
        .iter()
        .try_fold(attribute(kind, Buffer::new())?, |nest, attribute| {
            nest.nest(attribute).map_err(wrong)
        })
}

/// Name and value of a knob.
pub(super) fn knob(name: &str, value: &str) -> Result<List<set::Knob>> {
    Ok(list([
        attribute(set::Knob::Name, name)?,
        attribute(set::Knob::Value, value)?,
    ]))
}

fn address<T: Attr>(kind: T, addr: IpAddr) -> Result<Nlattr<T, Buffer>> {
    match addr {
        IpAddr::V4(v4) => attribute(kind, v4.octets()),
        IpAddr::V6(v6) => attribute(kind, v6.octets()),
    }
}

/// A network, if there is one: its address, and the bits of it that count.
fn network<T: Attr>(
    [addr, bits]: [T; 2],
    prefix: Option<Prefix>,
) -> Result<Vec<Nlattr<T, Buffer>>> {
    let Some(prefix) = prefix else {
        return Ok(Vec::new());
    };
    Ok(vec![
        address(addr, prefix.addr)?,
        attribute(bits, prefix.bits)?,
    ])
}

/// A range of ports, if there is one.
fn range<T: Attr>([min, max]: [T; 2], ports: Option<Ports>) -> Result<Vec<Nlattr<T, Buffer>>> {
    let Some(ports) = ports else {
        return Ok(Vec::new());
    };
    Ok(vec![attribute(min, ports.min)?, attribute(max, ports.max)?])
}

/// A rule, which with `replace` takes the place of the one that has its
/// priority.
pub(super) fn rule(rule: &rule::Rule, replace: bool) -> Result<List<set::Rule>> {
    use set::Rule as A;
    let mut all = Vec::new();
    if let Some(priority) = rule.priority {
        all.push(attribute(A::Priority, priority)?);
    }
    all.extend(network([A::LocalAddr, A::LocalPrefix], rule.from)?);
    all.extend(range([A::LocalPortMin, A::LocalPortMax], rule.sport)?);
    all.extend(network([A::RemoteAddr, A::RemotePrefix], rule.to)?);
    all.extend(range([A::RemotePortMin, A::RemotePortMax], rule.port)?);
    if let Some(uid) = rule.uid {
        all.push(attribute(A::Uid, uid)?);
    }
    if let Some(cgroup) = rule.cgroup {
        all.push(attribute(A::Cgroup, cgroup)?);
    }
    if let Some(mark) = rule.mark {
        all.push(attribute(A::Mark, mark.value)?);
        all.push(attribute(A::MarkMask, mark.mask)?);
    }
    if !rule.scheduler.is_empty() {
        all.push(attribute(A::Scheduler, rule.scheduler.as_str())?);
    }
    for (name, value) in rule.settings.words() {
        all.push(nest(A::Setting, &knob(name, &value)?)?);
    }
    if replace {
        all.push(attribute(A::Replace, Buffer::new())?);
    }
    Ok(list(all))
}

/// A path, which with `replace` takes the place of the one that has its
/// priority.
pub(super) fn path(path: &path::Path, replace: bool) -> Result<List<set::Path>> {
    use set::Path as A;
    let mut all = Vec::new();
    if let Some(priority) = path.priority {
        all.push(attribute(A::Priority, priority)?);
    }
    if let Some(dev) = &path.dev {
        all.push(attribute(A::Interface, dev.as_str())?);
    }
    all.extend(network([A::LocalAddr, A::LocalPrefix], path.from)?);
    all.extend(network([A::RemoteAddr, A::RemotePrefix], path.to)?);
    if let Some(weight) = path.weight {
        all.push(attribute(A::Weight, weight)?);
    }
    if let Some(cost) = path.cost {
        all.push(attribute(A::Cost, cost)?);
    }
    if let Some(cap) = path.cap {
        all.push(attribute(A::Cap, cap)?);
    }
    for (name, value) in path.settings.words() {
        all.push(nest(A::Setting, &knob(name, &value)?)?);
    }
    if let Some(used) = path.used {
        all.push(attribute(A::Used, used)?);
    }
    if replace {
        all.push(attribute(A::Replace, Buffer::new())?);
    }
    Ok(list(all))
}

/// A migration, which with `replace` takes the place of the one that has its
/// priority.
pub(super) fn migration(
    migration: &migration::Migration,
    replace: bool,
) -> Result<List<set::Migration>> {
    use set::Migration as A;
    let mut all = Vec::new();
    if let Some(priority) = migration.priority {
        all.push(attribute(A::Priority, priority)?);
    }
    if let Some(cookie) = migration.cookie {
        all.push(attribute(A::Cookie, cookie)?);
    }
    all.extend(network([A::LocalAddr, A::LocalPrefix], migration.addr)?);
    all.extend(range([A::LocalPortMin, A::LocalPortMax], migration.port)?);
    all.push(attribute(A::Policy, migration.policy.as_str())?);
    if replace {
        all.push(attribute(A::Replace, Buffer::new())?);
    }
    Ok(list(all))
}

/// A whole configuration, to be set if the generation is still this one.
pub(super) fn config(config: &model::Config, generation: u32) -> Result<List<set::Config>> {
    let mut all = vec![attribute(set::Config::Generation, generation)?];
    if let Some(left) = config.cap_period_left() {
        all.push(attribute(set::Config::CapPeriodLeft, left)?);
    }
    for (name, value) in &config.knobs {
        all.push(nest(set::Config::Knob, &knob(name, value)?)?);
    }
    for one in &config.rules {
        all.push(nest(set::Config::Rule, &rule(one, false)?)?);
    }
    for one in &config.paths {
        all.push(nest(set::Config::Path, &path(one, false)?)?);
    }
    for one in &config.migrations {
        all.push(nest(set::Config::Migration, &migration(one, false)?)?);
    }
    Ok(list(all))
}
