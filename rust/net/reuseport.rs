// SPDX-License-Identifier: GPL-2.0

//! Groups of listeners that share an address, `SO_REUSEPORT`: who inherits the requests of one
//! that is closed.
//!
//! C header: [`include/net/sock_reuseport.h`](srctree/include/net/sock_reuseport.h).

use super::{park::Parked, Net};
use crate::{bindings, error::econnrefused, mptcp::Endpoints};
use core::{ffi::CStr, marker::PhantomData, ops::Deref, ptr::NonNull};
use kernel::{bindings::sock, error::to_result, ffi::c_uint, prelude::*};

/// Decisions about the listeners of groups, in all namespaces.
///
/// None of these may sleep. All are called in an RCU read-side critical section, or with the one
/// lock that all changes of groups take, a spinlock.
pub trait Migration: 'static {
    /// Whether a listener that closes may stay in its group, so that its requests can find an
    /// heir. Not asked where `net.ipv4.tcp_migrate_req` or a program says so already.
    ///
    /// Process context, with the lock of groups and that of the listener held.
    fn keep(closing: &Listener<'_>) -> bool;

    /// Chooses who inherits a request of a closed listener. Not asked where a program of the group
    /// does.
    ///
    /// See [`Stage`] for the context.
    fn migrate<'a>(group: &Group<'a>, closed: &Listener<'a>, request: &Request<'a>) -> Heir<'a>;

    /// Learns how it ended that a request of a closed listener looked for an heir, whoever chose.
    ///
    /// In the context of [`migrate`](Self::migrate), but perhaps with more locks held.
    fn migrated(closed: &Listener<'_>, heir: Option<&Listener<'_>>, ending: Ending);

    /// Learns that a listener has joined a group, which may be a new one.
    ///
    /// With the lock of groups held.
    fn joined(listener: &Listener<'_>);

    /// Takes over a listener of a group that its program closes, open as it is, or gives it back
    /// to be closed.
    ///
    /// Process context, in an RCU read-side critical section.
    fn park(parked: Parked) -> core::result::Result<(), Parked>;
}

/// Who inherits.
pub enum Heir<'a> {
    /// Whoever the kernel chooses, if `net.ipv4.tcp_migrate_req` is set.
    Kernels,
    /// Nobody.
    Nobody,
    /// This one.
    This(Member<'a>),
}

/// How it ended that a request looked for an heir.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// It has one.
    Migrated,
    /// Nobody else listens.
    NoMember,
    /// Nothing allows it to be migrated, or a program refused.
    Forbidden,
    /// [`Migration::migrate`] refused.
    Refused,
    /// The heir was about to be freed.
    Dead,
    /// The heir was closed meanwhile.
    Closed,
    /// The accept queue of the heir is full, or there was no memory for the connection. The
    /// request is still there: its client sends again.
    Overflow,
    /// No memory for the request.
    NoMemory,
    /// The SYN+ACK was sent as often as it may be, or could not be sent.
    Expired,
    /// Another CPU made a connection of it, which is no failure.
    Race,
}

impl Ending {
    fn from_raw(how: c_uint) -> Option<Self> {
        Some(match how {
            bindings::reuseport_migration_REUSEPORT_MIGRATED => Self::Migrated,
            bindings::reuseport_migration_REUSEPORT_MIGRATION_NO_MEMBER => Self::NoMember,
            bindings::reuseport_migration_REUSEPORT_MIGRATION_FORBIDDEN => Self::Forbidden,
            bindings::reuseport_migration_REUSEPORT_MIGRATION_REFUSED => Self::Refused,
            bindings::reuseport_migration_REUSEPORT_MIGRATION_DEAD => Self::Dead,
            bindings::reuseport_migration_REUSEPORT_MIGRATION_CLOSED => Self::Closed,
            bindings::reuseport_migration_REUSEPORT_MIGRATION_OVERFLOW => Self::Overflow,
            bindings::reuseport_migration_REUSEPORT_MIGRATION_NO_MEMORY => Self::NoMemory,
            bindings::reuseport_migration_REUSEPORT_MIGRATION_EXPIRED => Self::Expired,
            bindings::reuseport_migration_REUSEPORT_MIGRATION_RACE => Self::Race,
            _ => return None,
        })
    }
}

/// A TCP socket that is, was, or is about to be a listener.
///
/// Its lock may or may not be held: two values need not be of the same moment.
///
/// # Invariants
///
/// `sk` points at a TCP socket, not a request, that is not freed before the end of `'a`, within an
/// RCU read-side critical section or the lock of groups.
#[derive(Clone, Copy)]
pub struct Listener<'a> {
    sk: NonNull<sock>,
    section: PhantomData<&'a sock>,
}

impl Listener<'_> {
    /// # Safety
    ///
    /// As the type invariants of [`Listener`] say, if it is a TCP socket; otherwise [`None`] is
    /// returned.
    pub(super) unsafe fn from_raw(sk: *mut sock) -> Option<Self> {
        let sk = NonNull::new(sk)?;
        // SAFETY: By the safety requirements it is a socket.
        if !unsafe { bindings::rust_helper_sock_is_tcp(sk.as_ptr()) } {
            return None;
        }
        // INVARIANT: By the safety requirements, and as was just asked.
        Some(Self {
            sk,
            section: PhantomData,
        })
    }

    /// The namespace it is in.
    pub fn net(&self) -> &Net {
        // SAFETY: By the type invariants; a socket keeps its namespace alive.
        unsafe { Net::from_raw(bindings::rust_helper_sock_net(self.sk.as_ptr())) }
    }

    /// Its address and port. Of the other end there is neither.
    pub fn endpoints(&self) -> Endpoints {
        // SAFETY: By the type invariants.
        unsafe { Endpoints::of(self.sk.as_ptr()) }
    }

    /// Its cookie (`SO_COOKIE`); 0 if nobody has asked for that yet, so that nobody can mean it.
    pub fn cookie(&self) -> u64 {
        // SAFETY: By the type invariants.
        unsafe { bindings::rust_helper_sock_cookie(self.sk.as_ptr()) }
    }

    /// Whether it is the TCP socket of an MPTCP listener.
    pub fn is_mptcp(&self) -> bool {
        // SAFETY: By the type invariants.
        unsafe { bindings::rust_helper_sock_is_mptcp(self.sk.as_ptr()) }
    }

    /// Whether it goes on although its program has closed it, see [`Parked`].
    pub fn is_parked(&self) -> bool {
        // SAFETY: By the type invariants. What its socket is part of is freed a grace period
        // later as well.
        unsafe { bindings::rust_helper_sock_is_parked(self.sk.as_ptr()) }
    }

    /// Says in the log, now and then, that a listener inherits from this one although they differ
    /// in a setting.
    pub fn warn_of_heir(&self, setting: &'static CStr) {
        // SAFETY: By the type invariants, and as the text ends with a NUL.
        unsafe { bindings::rust_helper_warn_of_heir(self.sk.as_ptr(), setting.as_char_ptr()) };
    }

    /// What it has to do, and where it belongs.
    pub fn state(&self) -> State {
        let mut state = bindings::heddle_listener::default();
        // SAFETY: By the type invariants.
        unsafe { bindings::rust_helper_listener(self.sk.as_ptr(), &mut state) };
        State(state)
    }

    /// The settings that shape its connections.
    pub fn settings(&self) -> Settings {
        let mut settings = bindings::heddle_listener_settings::default();
        // SAFETY: By the type invariants.
        unsafe { bindings::rust_helper_listener_settings(self.sk.as_ptr(), &mut settings) };
        Settings(settings)
    }
}

/// Declares methods that read a field.
macro_rules! fields {
    ($($(#[$doc:meta])* $name:ident: $type:ty,)*) => {
        $(
            $(#[$doc])*
            #[inline]
            pub fn $name(&self) -> $type {
                self.0.$name
            }
        )*
    };
}

/// What a listener has to do, and where it belongs.
pub struct State(bindings::heddle_listener);

impl State {
    fields! {
        /// Connections in its accept queue.
        queued: u32,
        /// Requests whose handshake is not complete.
        handshakes: u32,
        /// Its accept queue is full when there are more connections in it than this.
        limit: u32,
        /// `SO_MARK`.
        mark: u32,
        /// Bytes that its receive buffer may hold, and those of its connections at first.
        receive_buffer: u32,
        /// Number of the cgroup it was made in; 0 if the kernel keeps none.
        cgroup: u64,
    }

    /// The CPU it asked for (`SO_INCOMING_CPU`), and the node of that.
    pub fn cpu(&self) -> Option<(u32, u32)> {
        self.0.has_cpu.then_some((self.0.cpu, self.0.node))
    }
}

/// The settings of a listener that shape its connections.
pub struct Settings(bindings::heddle_listener_settings);

impl Settings {
    fields! {
        /// `TCP_SAVE_SYN`.
        save_syn: u8,
        /// `TCP_DEFER_ACCEPT`, in retransmissions of the SYN+ACK.
        defer_accept: u8,
        /// Whether data in a SYN is taken.
        fast_open: bool,
        /// A number that stands for the upper-layer protocol; 0 is none.
        ulp: u64,
        /// A number that stands for the congestion control.
        congestion_control: u64,
        /// Whether it is the TCP socket of an MPTCP listener.
        mptcp: bool,
        /// Whether it has keys of TCP MD5.
        md5: bool,
        /// Whether it has keys of TCP-AO.
        ao: bool,
        /// `IP_TRANSPARENT`.
        transparent: bool,
        /// `IP_TOS`, or `IPV6_TCLASS`.
        tos: u8,
        /// `SO_PRIORITY`.
        priority: u32,
        /// `SO_MARK`.
        mark: u32,
        /// Number of the interface it is bound to; 0 if it is not.
        interface: u32,
    }

    /// `SO_RCVBUF` in bytes, if the program chose it.
    pub fn receive_buffer(&self) -> Option<u32> {
        (self.0.receive_buffer != 0).then_some(self.0.receive_buffer)
    }
}

/// An open listener of a [`Group`].
///
/// # Invariants
///
/// It was a member of the group during `'a`.
#[derive(Clone, Copy)]
pub struct Member<'a>(Listener<'a>);

impl<'a> Deref for Member<'a> {
    type Target = Listener<'a>;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

/// The open listeners of a group, by their position.
///
/// The group may change while it is looked at: a position may be of another one the next time,
/// and of one that has just closed.
///
/// # Invariants
///
/// `reuse` is valid for all of `'a`, which is an RCU read-side critical section. Its first
/// `number` entries are sockets that were members since the beginning of `'a` or later.
pub struct Group<'a> {
    reuse: NonNull<bindings::sock_reuseport>,
    number: u16,
    joins: u32,
    section: PhantomData<&'a bindings::sock_reuseport>,
}

impl<'a> Group<'a> {
    /// # Safety
    ///
    /// `reuse` must be valid for all of `'a`, which must be an RCU read-side critical section.
    unsafe fn from_raw(reuse: NonNull<bindings::sock_reuseport>) -> Self {
        // SAFETY: By the safety requirements.
        let number = unsafe { bindings::rust_helper_reuseport_number(reuse.as_ptr()) };
        // SAFETY: By the safety requirements.
        let joins = unsafe { bindings::rust_helper_reuseport_joins(reuse.as_ptr()) };
        // INVARIANT: There were so many members just now. Entries are replaced by members only,
        // and a socket that leaves is freed a grace period later.
        Self {
            reuse,
            number,
            joins,
            section: PhantomData,
        }
    }

    /// How many there are; their positions begin at 0.
    pub fn number(&self) -> u32 {
        self.number.into()
    }

    fn index(&self, position: u32) -> Option<u16> {
        u16::try_from(position).ok().filter(|&it| it < self.number)
    }

    /// The one at a position.
    pub fn get(&self, position: u32) -> Option<Member<'a>> {
        let index = self.index(position)?;
        // SAFETY: By the type invariants the entry is there.
        let sk = unsafe { bindings::rust_helper_reuseport_member(self.reuse.as_ptr(), index) };
        // SAFETY: By the type invariants it was a member during `'a`.
        // INVARIANT: For the same reason.
        unsafe { Listener::from_raw(sk) }.map(Member)
    }

    /// The position of the one that joined last.
    pub fn newest(&self) -> u32 {
        // SAFETY: By the type invariants.
        unsafe { bindings::rust_helper_reuseport_newest(self.reuse.as_ptr()) }.into()
    }

    /// The place of a member in the order in which they joined: higher is newer, up to
    /// `u32::MAX`. To be compared with those of this `Group` only.
    pub fn generation(&self, position: u32) -> Option<u32> {
        let index = self.index(position)?;
        // SAFETY: By the type invariants the entry is there.
        let joined = unsafe { bindings::rust_helper_reuseport_joined(self.reuse.as_ptr(), index) };
        Some(match self.joins.wrapping_sub(joined) {
            age if age <= u32::MAX / 2 => u32::MAX - age,
            // It joined since the number was read.
            _ => u32::MAX,
        })
    }
}

/// Where the kernel is when it asks.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// A listener is being closed, and the connection was in its accept queue. Process context,
    /// with the locks of the listener and of the connection held, and bottom halves disabled.
    AcceptQueue,
    /// The timer of a request fired, to send the SYN+ACK again. Softirq.
    Timer,
    /// A packet came for a request, most likely the last one of the handshake. Softirq.
    Packet,
}

/// What looks for an heir: a connection in the accept queue of a listener that is closed, or a
/// request.
///
/// # Invariants
///
/// `sk` is a TCP socket or the socket of a request, and valid for all of `'a`.
pub struct Request<'a> {
    sk: NonNull<sock>,
    has_packet: bool,
    section: PhantomData<&'a sock>,
}

impl Request<'_> {
    /// Where the kernel is.
    pub fn stage(&self) -> Stage {
        // SAFETY: By the type invariants.
        let is_request = unsafe { bindings::rust_helper_sock_is_request(self.sk.as_ptr()) };
        match (is_request, self.has_packet) {
            (false, _) => Stage::AcceptQueue,
            (true, false) => Stage::Timer,
            (true, true) => Stage::Packet,
        }
    }

    /// Hash of its addresses and ports.
    pub fn hash(&self) -> u32 {
        // SAFETY: By the type invariants.
        unsafe { bindings::rust_helper_sock_hash(self.sk.as_ptr()) }
    }

    /// The CPU that its packets come in on, as far as that is known, and the node of that.
    pub fn cpu(&self) -> (u32, u32) {
        // SAFETY: By the type invariants. It returns a CPU that there is.
        unsafe {
            let cpu = bindings::rust_helper_migrating_cpu(self.sk.as_ptr());
            (cpu, bindings::rust_helper_cpu_node(cpu))
        }
    }

    /// Whether it is a subflow of an MPTCP connection, which needs an MPTCP listener.
    pub fn is_mptcp(&self) -> bool {
        // SAFETY: By the type invariants.
        unsafe { bindings::rust_helper_sock_is_mptcp(self.sk.as_ptr()) }
    }
}

/// A random number. Any context.
pub fn random() -> u64 {
    // SAFETY: It can be called from anywhere.
    unsafe { bindings::rust_helper_random() }
}

/// Registered decisions; dropping it leaves them to the kernel again.
///
/// # Invariants
///
/// `ops` are registered with the kernel.
#[must_use = "the kernel decides again when the registration is dropped"]
pub struct Registration {
    ops: &'static bindings::reuseport_ops,
}

impl Registration {
    /// Has `T` decide from now on.
    ///
    /// Process context; may sleep. Fails with `EBUSY` if somebody decides already.
    pub fn new<T: Migration>() -> Result<Self> {
        let ops = &Adapter::<T>::OPS;
        // SAFETY: They live forever.
        to_result(unsafe { bindings::reuseport_register_ops(ops) })?;
        // INVARIANT: They were just registered.
        Ok(Self { ops })
    }
}

impl Drop for Registration {
    fn drop(&mut self) {
        // SAFETY: By the type invariants. This waits for those that are being asked; dropping is
        // for process context, where a module is unloaded.
        unsafe { bindings::reuseport_unregister_ops(self.ops) };
    }
}

/// The functions that the kernel calls for `T`.
struct Adapter<T: Migration>(PhantomData<T>);

impl<T: Migration> Adapter<T> {
    const OPS: bindings::reuseport_ops = bindings::reuseport_ops {
        select: None,
        keep: Some(Self::keep),
        migrate: Some(Self::migrate),
        changed: Some(Self::changed),
        park: Some(Self::park),
        migrated: Some(Self::migrated),
    };

    /// # Safety
    ///
    /// For the kernel to call.
    unsafe extern "C" fn keep(_: *mut bindings::sock_reuseport, sk: *mut sock) -> bool {
        // SAFETY: By the safety requirements it is valid, and the lock of groups is held.
        unsafe { Listener::from_raw(sk) }.is_some_and(|closing| T::keep(&closing))
    }

    /// # Safety
    ///
    /// For the kernel to call.
    unsafe extern "C" fn migrate(
        reuse: *mut bindings::sock_reuseport,
        sk: *mut sock,
        migrating: *mut sock,
        packet: *mut bindings::sk_buff,
    ) -> *mut sock {
        let (Some(reuse), Some(migrating)) = (NonNull::new(reuse), NonNull::new(migrating)) else {
            return core::ptr::null_mut();
        };
        // SAFETY: By the safety requirements this is an RCU read-side critical section, and all of
        // it is valid.
        let (group, closed) = unsafe { (Group::from_raw(reuse), Listener::from_raw(sk)) };
        let Some(closed) = closed else {
            return core::ptr::null_mut();
        };
        // SAFETY: By the safety requirements it is valid.
        if !unsafe { bindings::rust_helper_can_migrate(migrating.as_ptr()) } {
            return econnrefused().to_ptr();
        }
        // INVARIANT: By the safety requirements.
        let request = Request {
            sk: migrating,
            has_packet: !packet.is_null(),
            section: PhantomData,
        };
        match T::migrate(&group, &closed, &request) {
            Heir::Kernels => core::ptr::null_mut(),
            Heir::Nobody => econnrefused().to_ptr(),
            Heir::This(heir) => heir.sk.as_ptr(),
        }
    }

    /// # Safety
    ///
    /// For the kernel to call.
    unsafe extern "C" fn migrated(
        sk: *mut sock,
        heir: *mut sock,
        how: bindings::reuseport_migration,
    ) {
        // SAFETY: By the safety requirements both are valid, or null, and this is an RCU read-side
        // critical section.
        let (closed, heir) = unsafe { (Listener::from_raw(sk), Listener::from_raw(heir)) };
        if let (Some(closed), Some(ending)) = (closed, Ending::from_raw(how)) {
            T::migrated(&closed, heir.as_ref(), ending);
        }
    }

    /// # Safety
    ///
    /// For the kernel to call.
    unsafe extern "C" fn changed(sk: *mut sock, change: bindings::reuseport_change) {
        if change != bindings::reuseport_change_REUSEPORT_JOINED {
            return;
        }
        // SAFETY: By the safety requirements it is valid, and the lock of groups is held.
        if let Some(listener) = unsafe { Listener::from_raw(sk) } {
            T::joined(&listener);
        }
    }

    /// # Safety
    ///
    /// For the kernel to call.
    unsafe extern "C" fn park(sock: *mut bindings::socket) -> bool {
        let Some(sock) = NonNull::new(sock) else {
            return false;
        };
        // SAFETY: By the safety requirements it is handed over to be parked.
        match T::park(unsafe { Parked::from_raw(sock) }) {
            Ok(()) => true,
            Err(parked) => {
                parked.give_back();
                false
            }
        }
    }
}
