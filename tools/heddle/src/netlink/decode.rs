// SPDX-License-Identifier: GPL-2.0

//! Attributes to plain values. Attributes that are not known are passed over,
//! so that a newer module can be used.

use std::net::IpAddr;

use neli::{
    attr::Attribute,
    genl::Nlattr,
    types::Buffer,
    FromBytes, //
};

use crate::{
    error::{
        Error,
        Result, //
    },
    item::{
        settings::Settings,
        Mark,
        Ports,
        Prefix, //
    },
    migration::Migration,
    model::{
        Account,
        ChosenBy,
        Connection,
        Counter,
        Ends,
        Event,
        EventConnection,
        EventSubflow,
        Failure,
        Handover,
        Info,
        Knob,
        KnobType,
        Managed,
        PathAction,
        PathReason,
        Scheduler,
        SchedulerCounts,
        Subflow,
        Waits, //
    },
    netlink::{
        attributes as set,
        encode::List,
        socket::{
            name,
            Attr, //
        },
    },
    path::Path,
    rule::Rule,
};

/// Reads the value of an attribute.
trait Read {
    /// A number of a fixed size.
    fn number<N: FromBytes>(&self) -> Result<N>;
    /// A "uint", which has 4 or 8 bytes.
    fn uint(&self) -> Result<u64>;
    /// A string without the NUL behind it.
    fn string(&self) -> String;
    /// An address of 4 or 16 bytes. One of IPv4 that is mapped into IPv6 is
    /// one of IPv4.
    fn address(&self) -> Result<IpAddr>;
    /// The attributes in this one.
    fn nested<S: Attr>(&self) -> Result<List<S>>;
}

impl<T: Attr> Read for Nlattr<T, Buffer> {
    fn number<N: FromBytes>(&self) -> Result<N> {
        self.get_payload_as().map_err(|_| wrong(self))
    }

    fn uint(&self) -> Result<u64> {
        if self.payload().as_ref().len() == size_of::<u32>() {
            self.number::<u32>().map(u64::from)
        } else {
            self.number()
        }
    }

    fn string(&self) -> String {
        String::from_utf8_lossy(self.payload().as_ref())
            .trim_end_matches('\0')
            .into()
    }

    fn address(&self) -> Result<IpAddr> {
        let bytes = self.payload().as_ref();
        <[u8; 4]>::try_from(bytes)
            .map(IpAddr::from)
            .or_else(|_| <[u8; 16]>::try_from(bytes).map(|v6| IpAddr::from(v6).to_canonical()))
            .map_err(|_| wrong(self))
    }

    fn nested<S: Attr>(&self) -> Result<List<S>> {
        let handle = self.get_attr_handle::<S>().map_err(|_| wrong(self))?;
        Ok(handle.iter().cloned().collect())
    }
}

fn wrong<T: Attr>(attribute: &Nlattr<T, Buffer>) -> Error {
    Error::Protocol(format!(
        "attribute {} has {} bytes",
        name(attribute.nla_type().nla_type()),
        attribute.payload().as_ref().len()
    ))
}

/// The attributes of a list, each with its kind.
fn each<T>(list: &List<T>) -> impl Iterator<Item = (&T, &Nlattr<T, Buffer>)> {
    list.iter().map(|a| (a.nla_type().nla_type(), a))
}

pub(super) fn info(list: &List<set::Info>) -> Result<Info> {
    use set::Info as A;
    let mut info = Info::default();
    for (kind, a) in each(list) {
        match kind {
            A::Abi => info.abi = a.number()?,
            A::Version => info.version = a.string(),
            A::Feature => info.features.push(a.string()),
            A::Generation => info.generation = a.number()?,
            A::Connections => info.connections = a.uint()?,
            A::Rules => info.rules = a.number()?,
            A::SystemScheduler => info.system_scheduler = a.string(),
            A::Paths => info.paths = a.number()?,
            A::Migrations => info.migrations = a.number()?,
            A::CapPeriodLeft => info.cap_period_left = Some(a.number()?),
            _ => {}
        }
    }
    Ok(info)
}

pub(super) fn connection(list: &List<set::Connection>) -> Result<Connection> {
    use set::Connection as A;
    let mut c = Connection::default();
    for (kind, a) in each(list) {
        match kind {
            A::Token => c.token = a.number()?,
            A::LocalAddr => c.local_addr = a.address()?,
            A::LocalPort => c.local_port = a.number()?,
            A::RemoteAddr => c.remote_addr = a.address()?,
            A::RemotePort => c.remote_port = a.number()?,
            A::State => c.state = a.number()?,
            A::Scheduler => c.scheduler = a.string(),
            A::ChosenBy => c.chosen_by = ChosenBy::from_number(a.number()?),
            A::Rule => c.rule = Some(a.number()?),
            A::Uid => c.uid = a.number()?,
            A::Mark => c.mark = a.number()?,
            A::Inode => c.inode = a.uint()?,
            A::Unsent => c.unsent = a.uint()?,
            A::SendWindow => c.send_window = a.uint()?,
            A::BytesSent => c.bytes_sent = a.uint()?,
            A::BytesReceived => c.bytes_received = a.uint()?,
            A::BytesAcked => c.bytes_acked = a.uint()?,
            A::BytesRetrans => c.bytes_retrans = a.uint()?,
            A::Subflow => c.subflows.push(subflow(&a.nested()?)?),
            A::WaitsNoSubflow => waits(&mut c).no_subflow = a.uint()?,
            A::WaitsFull => waits(&mut c).full = a.uint()?,
            A::WaitsFaster => waits(&mut c).faster = a.uint()?,
            A::WaitsBlocking => waits(&mut c).blocking = a.uint()?,
            A::WaitsCheaper => waits(&mut c).cheaper = a.uint()?,
            A::SettingsRule => c.settings_rule = Some(a.number()?),
            A::Unspec | A::UnrecognizedConst(_) => {}
        }
    }
    Ok(c)
}

fn waits(connection: &mut Connection) -> &mut Waits {
    connection.waits.get_or_insert_default()
}

fn subflow(list: &List<set::Subflow>) -> Result<Subflow> {
    use set::Subflow as A;
    let mut s = Subflow::default();
    for (kind, a) in each(list) {
        match kind {
            A::Id => s.id = a.number()?,
            A::LocalAddr => s.local_addr = a.address()?,
            A::LocalPort => s.local_port = a.number()?,
            A::RemoteAddr => s.remote_addr = a.address()?,
            A::RemotePort => s.remote_port = a.number()?,
            A::Ifindex => s.ifindex = a.number()?,
            A::State => s.state = a.number()?,
            A::Backup => s.backup = true,
            A::Stale => s.stale = true,
            A::InLoss => s.in_loss = true,
            A::Srtt => s.srtt = Some(a.number()?),
            A::Rttvar => s.rttvar = a.number()?,
            A::MinRtt => s.min_rtt = a.number()?,
            A::Cwnd => s.cwnd = a.number()?,
            A::InFlight => s.in_flight = a.number()?,
            A::Unsent => s.unsent = a.number()?,
            A::Mss => s.mss = a.number()?,
            A::PacingRate => s.pacing_rate = Some(a.uint()?),
            A::BytesSent => s.bytes_sent = a.uint()?,
            A::BytesReceived => s.bytes_received = a.uint()?,
            A::BytesAcked => s.bytes_acked = a.uint()?,
            A::BytesRetrans => s.bytes_retrans = a.uint()?,
            A::Retrans => s.retrans = a.number()?,
            A::StaleCount => s.stale_count = a.number()?,
            A::Grants => account(&mut s).grants = a.uint()?,
            A::GrantedBytes => account(&mut s).granted_bytes = a.uint()?,
            A::RedundantBytes => account(&mut s).redundant_bytes = a.uint()?,
            A::ReinjectedBytes => account(&mut s).reinjected_bytes = a.uint()?,
            A::RtxChoices => account(&mut s).rtx_choices = a.uint()?,
            A::Weight => s.weight = Some(a.number()?),
            A::Cost => s.cost = Some(a.number()?),
            A::Unspec | A::UnrecognizedConst(_) => {}
        }
    }
    Ok(s)
}

fn account(subflow: &mut Subflow) -> &mut Account {
    subflow.account.get_or_insert_default()
}

pub(super) fn scheduler(list: &List<set::Scheduler>) -> Result<Scheduler> {
    use set::Scheduler as A;
    let mut s = Scheduler::default();
    for (kind, a) in each(list) {
        match kind {
            A::Name => s.name = a.string(),
            A::Description => s.description = a.string(),
            A::Opened => counts(&mut s).opened = a.uint()?,
            A::Closed => counts(&mut s).closed = a.uint()?,
            A::Sends => counts(&mut s).sends = a.uint()?,
            A::Waits => counts(&mut s).waits = a.uint()?,
            A::Retransmits => counts(&mut s).retransmits = a.uint()?,
            A::Unspec | A::UnrecognizedConst(_) => {}
        }
    }
    Ok(s)
}

fn counts(scheduler: &mut Scheduler) -> &mut SchedulerCounts {
    scheduler.counts.get_or_insert_default()
}

pub(super) fn knob(list: &List<set::Knob>) -> Result<Knob> {
    use set::Knob as A;
    let mut k = Knob::default();
    for (kind, a) in each(list) {
        match kind {
            A::Name => k.name = a.string(),
            A::Value => k.value = a.string(),
            A::Default => k.default = a.string(),
            A::Type => k.kind = KnobType::from_number(a.number()?),
            A::MinValue => k.min_value = Some(a.uint()?),
            A::MaxValue => k.max_value = Some(a.uint()?),
            A::Unit => k.unit = Some(a.string()),
            A::Help => k.help = a.string(),
            A::Word => k.words.push(a.string()),
            A::Unspec | A::UnrecognizedConst(_) => {}
        }
    }
    Ok(k)
}

pub(super) fn rule(list: &List<set::Rule>) -> Result<Rule> {
    use set::Rule as A;
    let mut r = Rule::default();
    let (mut from, mut to) = ((None, None), (None, None));
    let (mut sport, mut port) = ((None, None), (None, None));
    let (mut value, mut mask) = (None, u32::MAX);
    for (kind, a) in each(list) {
        match kind {
            A::Priority => r.priority = Some(a.number()?),
            A::LocalAddr => from.0 = Some(plain_address(a)?),
            A::LocalPrefix => from.1 = Some(a.number::<u8>()?),
            A::LocalPortMin => sport.0 = Some(a.number()?),
            A::LocalPortMax => sport.1 = Some(a.number()?),
            A::RemoteAddr => to.0 = Some(plain_address(a)?),
            A::RemotePrefix => to.1 = Some(a.number::<u8>()?),
            A::RemotePortMin => port.0 = Some(a.number()?),
            A::RemotePortMax => port.1 = Some(a.number()?),
            A::Uid => r.uid = Some(a.number()?),
            A::Cgroup => r.cgroup = Some(a.uint()?),
            A::Mark => value = Some(a.number()?),
            A::MarkMask => mask = a.number()?,
            A::Scheduler => r.scheduler = a.string(),
            A::Hits => r.hits = Some(a.uint()?),
            A::Setting => setting(&mut r.settings, &a.nested()?),
            A::Replace | A::Unspec | A::UnrecognizedConst(_) => {}
        }
    }
    r.from = prefix(from);
    r.to = prefix(to);
    r.sport = ports(sport);
    r.port = ports(port);
    r.mark = value.map(|value| Mark { value, mask });
    Ok(r)
}

fn setting(settings: &mut Settings, list: &List<set::Knob>) {
    let (mut name, mut value) = (String::new(), String::new());
    for (kind, a) in each(list) {
        match kind {
            set::Knob::Name => name = a.string(),
            set::Knob::Value => value = a.string(),
            _ => {}
        }
    }
    settings.insert(&name, value);
}

pub(super) fn path(list: &List<set::Path>) -> Result<Path> {
    use set::Path as A;
    let mut p = Path::default();
    let (mut from, mut to) = ((None, None), (None, None));
    for (kind, a) in each(list) {
        match kind {
            A::Priority => p.priority = Some(a.number()?),
            A::Interface => p.dev = Some(a.string()),
            A::LocalAddr => from.0 = Some(plain_address(a)?),
            A::LocalPrefix => from.1 = Some(a.number::<u8>()?),
            A::RemoteAddr => to.0 = Some(plain_address(a)?),
            A::RemotePrefix => to.1 = Some(a.number::<u8>()?),
            A::Weight => p.weight = Some(a.number()?),
            A::Cost => p.cost = Some(a.number()?),
            A::Cap => p.cap = Some(a.uint()?),
            A::Used => p.used = Some(a.uint()?),
            A::Setting => setting(&mut p.settings, &a.nested()?),
            A::Replace | A::Unspec | A::UnrecognizedConst(_) => {}
        }
    }
    p.from = prefix(from);
    p.to = prefix(to);
    Ok(p)
}

pub(super) fn migration(list: &List<set::Migration>) -> Result<Migration> {
    use set::Migration as A;
    let mut m = Migration::default();
    let (mut addr, mut port) = ((None, None), (None, None));
    for (kind, a) in each(list) {
        match kind {
            A::Priority => m.priority = Some(a.number()?),
            A::Cookie => m.cookie = Some(a.uint()?),
            A::LocalAddr => addr.0 = Some(plain_address(a)?),
            A::LocalPrefix => addr.1 = Some(a.number::<u8>()?),
            A::LocalPortMin => port.0 = Some(a.number()?),
            A::LocalPortMax => port.1 = Some(a.number()?),
            A::Policy => m.policy = a.string(),
            A::Hits => m.hits = Some(a.uint()?),
            A::Replace | A::Unspec | A::UnrecognizedConst(_) => {}
        }
    }
    m.addr = prefix(addr);
    m.port = ports(port);
    Ok(m)
}

/// A range of ports of its ends; one port without the highest.
fn ports((min, max): (Option<u16>, Option<u16>)) -> Option<Ports> {
    min.map(|min| Ports {
        min,
        max: max.unwrap_or(min),
    })
}

/// A network of an address and the bits of it that count, without which all do.
fn prefix((addr, bits): (Option<IpAddr>, Option<u8>)) -> Option<Prefix> {
    addr.map(|addr| Prefix {
        addr,
        bits: bits.unwrap_or(Prefix::longest(addr)),
    })
}

/// An address with the family it was written in.
fn plain_address<T: Attr>(a: &Nlattr<T, Buffer>) -> Result<IpAddr> {
    match <[u8; 16]>::try_from(a.payload().as_ref()) {
        Ok(v6) => Ok(IpAddr::from(v6)),
        Err(_) => a.address(),
    }
}

pub(super) fn counter(list: &List<set::Counter>) -> Result<Counter> {
    use set::Counter as A;
    let mut c = Counter::default();
    for (kind, a) in each(list) {
        match kind {
            A::Name => c.name = a.string(),
            A::Value => c.value = a.uint()?,
            A::Help => c.help = a.string(),
            A::Unspec | A::UnrecognizedConst(_) => {}
        }
    }
    Ok(c)
}

pub(super) fn generation(list: &List<set::Config>) -> Result<u32> {
    match each(list).find(|(kind, _)| matches!(kind, set::Config::Generation)) {
        Some((_, a)) => a.number(),
        None => Err(Error::Protocol(
            "the new configuration has no generation".into(),
        )),
    }
}

pub(super) fn event(event: String, list: &List<set::Event>) -> Result<Event> {
    use set::Event as A;
    let mut e = Event {
        event,
        ..Event::default()
    };
    for (kind, a) in each(list) {
        match kind {
            A::Sequence => e.sequence = a.uint()?,
            A::Connection => e.connection = Some(event_connection(&a.nested()?)?),
            A::Subflow => e.subflow = Some(event_subflow(&a.nested()?)?),
            A::Generation => e.generation = Some(a.number()?),
            A::Handover => e.handover = Some(Box::new(handover(&a.nested()?)?)),
            A::Managed => e.managed = Some(Box::new(managed(&a.nested()?)?)),
            A::Unspec | A::UnrecognizedConst(_) => {}
        }
    }
    Ok(e)
}

fn event_connection(list: &List<set::Connection>) -> Result<EventConnection> {
    use set::Connection as A;
    let mut c = EventConnection::default();
    for (kind, a) in each(list) {
        match kind {
            A::Token => c.token = a.number()?,
            A::LocalAddr => c.ends.local_addr = Some(a.address()?),
            A::LocalPort => c.ends.local_port = Some(a.number()?),
            A::RemoteAddr => c.ends.remote_addr = Some(a.address()?),
            A::RemotePort => c.ends.remote_port = Some(a.number()?),
            A::Scheduler => c.scheduler = Some(a.string()),
            _ => {}
        }
    }
    Ok(c)
}

fn managed(list: &List<set::Managed>) -> Result<Managed> {
    use set::Managed as A;
    let mut m = Managed::default();
    for (kind, a) in each(list) {
        match kind {
            A::Token => m.token = a.number()?,
            A::Action => m.action = PathAction::from_number(a.number()?),
            A::Reason => m.reason = PathReason::from_number(a.number()?),
            A::Rule => m.rule = Some(a.number()?),
            A::Subflow => m.subflow = Some(a.number()?),
            A::LocalAddr => m.local_addr = Some(a.address()?),
            A::RemoteAddr => m.remote_addr = Some(a.address()?),
            A::RemotePort => m.remote_port = Some(a.number()?),
            A::Unspec | A::UnrecognizedConst(_) => {}
        }
    }
    Ok(m)
}

fn handover(list: &List<set::Handover>) -> Result<Handover> {
    use set::Handover as A;
    let mut h = Handover::default();
    for (kind, a) in each(list) {
        match kind {
            A::Listener => h.listener = a.uint()?,
            A::LocalAddr => h.ends.local_addr = Some(a.address()?),
            A::LocalPort => h.ends.local_port = Some(a.number()?),
            A::Heir => h.heir = Some(a.uint()?),
            A::Failure => h.failure = Some(Failure::from_number(a.number()?)),
            A::Unspec | A::UnrecognizedConst(_) => {}
        }
    }
    Ok(h)
}

fn event_subflow(list: &List<set::Subflow>) -> Result<EventSubflow> {
    use set::Subflow as A;
    let mut s = EventSubflow {
        ends: Ends::default(),
        ..EventSubflow::default()
    };
    for (kind, a) in each(list) {
        match kind {
            A::Id => s.id = a.number()?,
            A::LocalAddr => s.ends.local_addr = Some(a.address()?),
            A::LocalPort => s.ends.local_port = Some(a.number()?),
            A::RemoteAddr => s.ends.remote_addr = Some(a.address()?),
            A::RemotePort => s.ends.remote_port = Some(a.number()?),
            A::Backup => s.backup = true,
            _ => {}
        }
    }
    Ok(s)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        migration::testing::any_migration,
        netlink::encode::{
            self,
            attribute,
            list, //
        },
        path::testing::any_path,
        rule::testing::any_rule,
    };
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_rule_comes_back_as_it_was_sent(given in any_rule()) {
            prop_assert_eq!(rule(&encode::rule(&given, false).unwrap()).unwrap(), given);
        }

        #[test]
        fn a_path_comes_back_as_it_was_sent(given in any_path()) {
            prop_assert_eq!(path(&encode::path(&given, false).unwrap()).unwrap(), given);
        }

        #[test]
        fn a_migration_comes_back_as_it_was_sent(given in any_migration()) {
            let sent = encode::migration(&given, false).unwrap();
            prop_assert_eq!(migration(&sent).unwrap(), given);
        }
    }

    #[test]
    fn a_uint_has_four_or_eight_bytes() {
        use set::Counter as A;
        let four = list([attribute(A::Value, 7u32).unwrap()]);
        let eight = list([attribute(A::Value, 7u64 << 40).unwrap()]);
        assert_eq!(counter(&four).unwrap().value, 7);
        assert_eq!(counter(&eight).unwrap().value, 7 << 40);
        let three = list([attribute(A::Value, [0u8; 3]).unwrap()]);
        let error = counter(&three).unwrap_err().to_string();
        assert!(error.ends_with("attribute value has 3 bytes"), "{error}");
    }

    #[test]
    fn subflows_are_nests_in_order() {
        use set::Connection as A;
        let subflow = |id: u32| {
            let inner = list([
                attribute(set::Subflow::Id, id).unwrap(),
                attribute(set::Subflow::Backup, neli::types::Buffer::new()).unwrap(),
                attribute(set::Subflow::LocalAddr, [10u8, 0, 0, 1]).unwrap(),
            ]);
            encode::nest(A::Subflow, &inner).unwrap()
        };
        let message = list([
            attribute(A::Token, 5u32).unwrap(),
            attribute(A::UnrecognizedConst(200), 1u8).unwrap(),
            subflow(1),
            subflow(2),
        ]);
        let connection = connection(&message).unwrap();
        assert_eq!(connection.token, 5);
        let ids: Vec<_> = connection.subflows.iter().map(|s| s.id).collect();
        assert_eq!(ids, [1, 2]);
        assert!(connection.subflows[0].backup);
        assert_eq!(connection.subflows[1].local_addr.to_string(), "10.0.0.1");
    }

    #[test]
    fn who_is_not_scheduled_has_no_counts() {
        use set::Connection as A;
        let message = |waits: &[A]| {
            let subflow = list([attribute(set::Subflow::Id, 1u32).unwrap()]);
            let mut all = vec![encode::nest(A::Subflow, &subflow).unwrap()];
            all.extend(waits.iter().map(|a| attribute(*a, 7u32).unwrap()));
            list(all)
        };
        let none = connection(&message(&[])).unwrap();
        assert_eq!((none.waits, &none.subflows[0].account), (None, &None));
        let some = connection(&message(&[A::WaitsFull, A::WaitsCheaper])).unwrap();
        let waits = some.waits.unwrap();
        assert_eq!((waits.full, waits.cheaper, waits.faster), (7, 7, 0));
    }

    #[test]
    fn counts_of_a_subflow() {
        use set::Subflow as A;
        let message = list([
            attribute(A::Grants, 3u32).unwrap(),
            attribute(A::GrantedBytes, 5u64 << 40).unwrap(),
            attribute(A::Weight, 4u32).unwrap(),
        ]);
        let subflow = subflow(&message).unwrap();
        let account = subflow.account.unwrap();
        assert_eq!((account.grants, account.granted_bytes), (3, 5 << 40));
        assert_eq!((subflow.weight, subflow.cost), (Some(4), None));
    }

    #[test]
    fn mapped_addresses_are_of_ipv4() {
        use set::Connection as A;
        let mapped = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 10, 0, 0, 9u8];
        let message = list([attribute(A::RemoteAddr, mapped).unwrap()]);
        let connection = connection(&message).unwrap();
        assert_eq!(connection.remote_addr.to_string(), "10.0.0.9");
    }

    #[test]
    fn a_handover_has_an_heir_or_a_failure() {
        use set::Handover as A;
        let message = |what| {
            let inner = list([attribute(A::Listener, 7u64).unwrap(), what]);
            let message = list([encode::nest(set::Event::Handover, &inner).unwrap()]);
            let event = event("connection-handed-over".into(), &message).unwrap();
            *event.handover.unwrap()
        };
        let some = message(attribute(A::Heir, 9u64).unwrap());
        assert_eq!((some.listener, some.heir, some.failure), (7, Some(9), None));
        let none = message(attribute(A::Failure, 3u32).unwrap());
        assert_eq!((none.heir, none.failure), (None, Some(Failure::HeirFull)));
        let newer = message(attribute(A::Failure, 99u32).unwrap());
        assert_eq!(newer.failure, Some(Failure::Unknown));
    }

    #[test]
    fn an_event_of_a_closed_connection_has_its_token_only() {
        let inner = list([attribute(set::Connection::Token, 9u32).unwrap()]);
        let message = list([
            attribute(set::Event::Sequence, 3u32).unwrap(),
            encode::nest(set::Event::Connection, &inner).unwrap(),
        ]);
        let event = event("connection-closed".into(), &message).unwrap();
        assert_eq!(event.sequence, 3);
        let connection = event.connection.unwrap();
        assert_eq!(connection.token, 9);
        assert_eq!(connection.ends, Ends::default());
    }
}
