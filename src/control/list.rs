// SPDX-License-Identifier: GPL-2.0

//! What the operations on rules, on paths and on migrations have in common.

use super::{attr, dump_list, knob, namespace, say};
use crate::{
    namespace::Change,
    ordered::{Entry, Item, Ordered, Refused},
};
use heddle_core::{
    address::Prefix,
    decide::{
        pm::settings::{self, Settings},
        rule::Ports,
    },
    knob::Id,
};
use heddle_kernel::net::{
    genl::{Attribute, Attributes, Dump, Reader, Request, Writer},
    heddle::parse_knob,
};
use kernel::{prelude::*, sync::Arc};

/// An item of a list that netlink shows and changes.
pub(super) trait Listed: Item {
    /// The attribute that names one.
    const PRIORITY: u16;
    /// The attribute that lets one take the place of another.
    const REPLACE: u16;
    /// The operation that adds one.
    const ADD: u8;
    /// The operation that shows them.
    const GET: u8;

    /// The item that a set of attributes describes, at a priority that does not count.
    fn read(from: &impl Attributes) -> Result<Self>;

    /// Writes an item with what it has counted.
    fn write(to: &mut Writer<'_>, entry: &Entry<Self>, reader: &Reader<'_>) -> Result;

    /// The same at another priority.
    fn at(self, priority: u32) -> Self;

    /// The list, which nobody else replaces meanwhile.
    fn list(change: &Change<'_>) -> Arc<Ordered<Self>>;

    /// Puts another list in place.
    fn put(change: &Change<'_>, list: Arc<Ordered<Self>>);
}

/// The priority that a set of attributes names.
pub(super) fn priority<T: Listed>(from: &impl Attributes) -> Result<Option<u32>> {
    match from.get(T::PRIORITY) {
        Some(priority) => Ok(Some(priority.to()?)),
        None => Ok(None),
    }
}

/// The network of an address and the bits of it that count.
pub(super) fn prefix(from: &impl Attributes, address: u16, bits: u16) -> Result<Option<Prefix>> {
    match (from.get(address), from.get(bits)) {
        (None, None) => Ok(None),
        (None, Some(_)) => Err(from.refuse(
            bits,
            c"a prefix length needs the address it belongs to",
            EINVAL,
        )),
        (Some(given), _) => {
            let length = from.need(bits)?.to()?;
            Prefix::from_bytes(given.bytes(), length)
                .map(Some)
                .map_err(|err| from.refuse(address, err.reason(), EINVAL))
        }
    }
}

/// The range of its ends.
pub(super) fn ports(from: &impl Attributes, min: u16, max: u16) -> Result<Option<Ports>> {
    match (from.get(min), from.get(max)) {
        (None, None) => Ok(None),
        (None, Some(_)) => Err(from.refuse(
            max,
            c"a highest port needs the lowest one of its range",
            EINVAL,
        )),
        (Some(lowest), highest) => {
            let lowest = lowest.to()?;
            let highest = match highest {
                Some(highest) => highest.to()?,
                None => lowest,
            };
            Ports::new(lowest, highest)
                .map(Some)
                .map_err(|err| from.refuse(max, err.reason(), EINVAL))
        }
    }
}

/// The settings of the path manager, of which the knobs `allowed` can be some.
pub(super) fn read_settings(
    from: &impl Attributes,
    attribute: u16,
    allowed: &[Id],
) -> Result<Settings> {
    let mut settings = Settings::default();
    for nest in from.nests(attribute) {
        let nest = parse_knob(from.request(), nest)?;
        let (id, value) = knob::read(&nest)?;
        settings.set(allowed, id, value).map_err(|err| {
            let error = match err {
                settings::Refused::Twice => EEXIST,
                settings::Refused::NotHere | settings::Refused::TooHigh => EINVAL,
            };
            nest.refuse(attr!(HEDDLE_A_KNOB_NAME), err.reason(), error)
        })?;
    }
    Ok(settings)
}

/// Writes settings of the path manager.
pub(super) fn write_settings(to: &mut Writer<'_>, attribute: u16, from: &Settings) -> Result {
    for (id, value) in from.iter() {
        to.nest(attribute, |to| knob::write_value(to, id, value))?;
    }
    Ok(())
}

/// Writes a network, if there is one.
pub(super) fn write_prefix(
    to: &mut Writer<'_>,
    prefix: Option<&Prefix>,
    address: u16,
    bits: u16,
) -> Result {
    if let Some(prefix) = prefix {
        to.bytes(address, prefix.address().bytes())?;
        to.u8(bits, prefix.bits())?;
    }
    Ok(())
}

/// Writes a range of ports, if there is one.
pub(super) fn write_ports(
    to: &mut Writer<'_>,
    ports: Option<&Ports>,
    min: u16,
    max: u16,
) -> Result {
    if let Some(ports) = ports {
        to.u16(min, ports.min())?;
        to.u16(max, ports.max())?;
    }
    Ok(())
}

/// Tells why.
pub(super) fn refuse<T: Listed>(request: &Request<'_>, why: Refused) -> Error {
    match why {
        Refused::Exists | Refused::Missing => {
            request.refuse(T::PRIORITY, T::reason(&why), why.error())
        }
        _ => say(request, T::reason(&why), why.error()),
    }
}

pub(super) fn add<T: Listed>(request: &Request<'_>) -> Result {
    let namespace = namespace(request.net())?;
    let item = T::read(request)?;
    let given = priority::<T>(request)?;
    let replace = request.get(T::REPLACE).is_some();
    let max = namespace.knob(T::MAX);

    let change = namespace.change();
    let list = T::list(&change);
    let priority = match given {
        Some(priority) => priority,
        None => list
            .next_priority()
            .map_err(|err| refuse::<T>(request, err))?,
    };
    let list = list
        .with(item.at(priority), replace, max)
        .map_err(|err| refuse::<T>(request, err))?;
    // Whether it can be told is known before it is done.
    request.reply(T::ADD, 64, |to| to.u32(T::PRIORITY, priority))?;
    T::put(&change, list);
    change.done(request.net());
    Ok(())
}

pub(super) fn del<T: Listed>(request: &Request<'_>) -> Result {
    let namespace = namespace(request.net())?;
    let priority = request.need(T::PRIORITY)?.to()?;
    let change = namespace.change();
    let list = T::list(&change)
        .without(priority)
        .map_err(|err| refuse::<T>(request, err))?;
    T::put(&change, list);
    change.done(request.net());
    Ok(())
}

pub(super) fn flush<T: Listed>(request: &Request<'_>) -> Result {
    let namespace = namespace(request.net())?;
    let none = Ordered::none()?;
    let change = namespace.change();
    T::put(&change, none);
    change.done(request.net());
    Ok(())
}

pub(super) fn dump<T: Listed>(dump: &mut Dump<'_>) -> Result {
    let namespace = namespace(dump.net())?;
    let reader = dump.reader();
    // With the change held, generation and items belong together.
    let change = namespace.change();
    dump.set_generation(namespace.generation());
    dump_list(dump, T::list(&change).iter(), |dump, entry| {
        dump.entry(T::GET, |to| T::write(to, entry, &reader))
    })
}

/// The items of a configuration: the nests of a type, each with a priority.
pub(super) fn read_all<'a, T: Listed, A: Attributes>(
    request: &'a Request<'a>,
    attribute: u16,
    parse: impl Fn(&'a Request<'a>, Attribute<'a>) -> Result<A>,
) -> Result<KVVec<T>> {
    // Not count(), which could overflow.
    let number = request
        .nests(attribute)
        .fold(0usize, |number, _| number.saturating_add(1));
    let mut items = KVVec::with_capacity(number, GFP_KERNEL)?;
    for nest in request.nests(attribute) {
        let nest = parse(request, nest)?;
        // There is no last one to go behind.
        let priority = nest.need(T::PRIORITY)?.to()?;
        items
            .push_within_capacity(T::read(&nest)?.at(priority))
            .map_err(|_| ENOMEM)?;
    }
    Ok(items)
}
