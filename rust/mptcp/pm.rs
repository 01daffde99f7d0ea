// SPDX-License-Identifier: GPL-2.0

//! MPTCP path managers, `struct mptcp_pm_ops`.
//!
//! A path manager is a type that implements [`PathManager`], a static [`Ops`] for it, and a
//! [`Registration`] for as long as it is to be on offer. What it does comes on top of what the
//! in-kernel path manager does, unless it has that [hold back](Managed::hold) its subflows.
//!
//! C headers: [`include/net/mptcp.h`](srctree/include/net/mptcp.h),
//! [`net/mptcp/pm.c`](srctree/net/mptcp/pm.c).

use super::Connection;
use crate::{bindings, net::Net};
use core::{
    ffi::CStr,
    marker::PhantomData,
    ops::Deref,
    ptr::{addr_of_mut, NonNull},
};
use kernel::{
    error::{from_result, to_result},
    ffi::{c_char, c_int},
    prelude::*,
    sync::atomic::{ordering, Atomic},
    types::Opaque,
};

mod seen;

pub use seen::{Endpoint, Seen, Subflow, Way};

/// A path manager.
pub trait PathManager: Sized + 'static {
    /// The name in `net.mptcp.path_manager`: 1 to 15 bytes, no white space.
    const NAME: &'static CStr;

    /// What is kept for each connection between an event and the worker. Dropping it must not
    /// sleep.
    type Inbox: Send;

    /// What its worker keeps for each connection. Dropping it must not sleep.
    type State: Send;

    /// Makes what is kept for a new connection in the namespace `net`.
    ///
    /// Process context or softirq: it must not sleep. On failure the connection has the in-kernel
    /// path manager.
    fn init(net: &Net) -> Result<(Self::Inbox, Self::State)>;

    /// Something has happened. True asks for the [worker](Self::worker).
    ///
    /// Process context or softirq, with the lock of the path manager's data held: it must not
    /// sleep.
    fn event(inbox: &mut Self::Inbox, event: Event<'_>) -> bool;

    /// Does what is to be done.
    ///
    /// Process context, with the socket lock of the connection held; may sleep.
    fn worker(state: &mut Self::State, connection: &mut Managed<'_, Self>);
}

/// What has happened to a connection.
pub enum Event<'a> {
    /// More subflows may be used.
    Established,
    /// A subflow has come to be.
    SubflowEstablished,
    /// A subflow is being closed.
    SubflowClosed,
    /// The peer has announced an address.
    Announced(Address),
    /// The peer has removed addresses, by their IDs.
    Removed(Removed<'a>),
    /// The peer has changed the priority of a subflow.
    Priority,
    /// Endpoints of the namespace have changed.
    Endpoints,
}

/// The IDs of addresses that the peer has removed.
///
/// # Invariants
///
/// `list` is valid for all of `'a`.
pub struct Removed<'a> {
    list: NonNull<bindings::mptcp_rm_list>,
    lifetime: PhantomData<&'a bindings::mptcp_rm_list>,
}

impl Removed<'_> {
    /// Each of them.
    pub fn ids(&self) -> impl Iterator<Item = u8> + use<'_> {
        (0..u8::MAX).map_while(|index| {
            let mut id = 0;
            // SAFETY: By the type invariants.
            let number =
                unsafe { bindings::rust_helper_pm_removed(self.list.as_ptr(), index, &mut id) };
            (index < number).then_some(id)
        })
    }
}

/// An address with a port and an ID.
#[derive(Clone, Copy, Default)]
pub struct Address {
    bytes: [u8; 16],
    length: u8,
    id: u8,
    port: u16,
}

impl Address {
    /// Puts one together of an address of 4 or 16 bytes, or of none: any. A longer one is cut off.
    pub fn new(address: &[u8], port: u16, id: u8) -> Self {
        let mut made = Self {
            id,
            port,
            ..Self::default()
        };
        for (to, from) in made.bytes.iter_mut().zip(address) {
            *to = *from;
            made.length = made.length.wrapping_add(1);
        }
        made
    }

    fn from_raw(raw: &bindings::heddle_pm_address) -> Self {
        Self {
            bytes: raw.address,
            length: raw.length,
            id: raw.id,
            port: raw.port,
        }
    }

    fn to_raw(self) -> bindings::heddle_pm_address {
        bindings::heddle_pm_address {
            address: self.bytes,
            length: self.length,
            id: self.id,
            port: self.port,
        }
    }

    /// Its 4 or 16 bytes; none if there is no address.
    pub fn bytes(&self) -> &[u8] {
        self.bytes.get(..self.length.into()).unwrap_or(&[])
    }

    /// The port; 0 if it has none.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Its ID.
    pub fn id(&self) -> u8 {
        self.id
    }
}

/// Why a subflow could not be opened.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum NotOpened {
    /// There are as many as the limit allows.
    Full,
    /// The kernel could not.
    Failed,
}

/// A connection whose worker runs.
///
/// # Invariants
///
/// The socket lock of the connection is held, in process context, and its path manager is `T`.
pub struct Managed<'a, T: PathManager> {
    connection: Connection<'a>,
    manager: PhantomData<fn() -> T>,
}

impl<'a, T: PathManager> Deref for Managed<'a, T> {
    type Target = Connection<'a>;

    fn deref(&self) -> &Self::Target {
        &self.connection
    }
}

impl<T: PathManager> Managed<'_, T> {
    /// Lets `look` see what events have left; none comes meanwhile. It must not sleep.
    pub fn inbox<R>(&mut self, look: impl FnOnce(&mut T::Inbox) -> R) -> R {
        let msk = self.as_ptr();
        // SAFETY: By the type invariants the pointer is valid.
        unsafe { bindings::rust_helper_pm_lock(msk) };
        // SAFETY: The path manager is `T`, so the data is the box that `init` made. Who uses the
        // inbox holds the lock.
        let result = look(unsafe { &mut *Kept::<T>::inbox_of(msk) });
        // SAFETY: It was just locked.
        unsafe { bindings::rust_helper_pm_unlock(msk) };
        result
    }

    /// Has the in-kernel path manager open no subflows, or open them again.
    pub fn hold(&mut self, hold: bool) {
        // SAFETY: By the type invariants.
        unsafe { bindings::rust_helper_pm_hold(self.as_ptr(), hold) };
    }

    /// Does what the in-kernel path manager would do.
    pub fn run_kernels(&mut self) {
        // SAFETY: By the type invariants.
        unsafe { bindings::rust_helper_pm_kernel_worker(self.as_ptr()) };
    }

    /// Memory for [`see`](Self::see).
    pub fn to_see(&self) -> Result<Seen> {
        // INVARIANT: All numbers are 0.
        Ok(Seen {
            seen: KBox::new_uninit(GFP_KERNEL | __GFP_ZERO)?,
        })
    }

    /// Reads all that there is to look at.
    pub fn see(&self, seen: &mut Seen) {
        // INVARIANT: By the function.
        // SAFETY: By the type invariants; there is room for what is written.
        unsafe { bindings::rust_helper_pm_see(self.as_ptr(), seen.seen.as_mut_ptr()) };
    }

    /// The way that a subflow would go, from an endpoint with this interface or from any address.
    /// [`None`] if there is no route.
    ///
    /// The route is looked up each time.
    pub fn way(&self, local: &Address, bound: i32, remote: &Address) -> Option<Way> {
        let (local, remote) = (local.to_raw(), remote.to_raw());
        let mut way = bindings::heddle_pm_way::default();
        // SAFETY: By the type invariants.
        unsafe { bindings::rust_helper_pm_way(self.as_ptr(), &local, bound, &remote, &mut way) }
            .then_some(Way(way))
    }

    /// Opens a subflow from an endpoint with these flags and this interface, or from any address.
    pub fn connect(
        &mut self,
        local: &Address,
        flags: u32,
        bound: i32,
        remote: &Address,
    ) -> Result<(), NotOpened> {
        let (local, remote) = (local.to_raw(), remote.to_raw());
        // SAFETY: By the type invariants.
        let err = unsafe {
            bindings::rust_helper_pm_connect(self.as_ptr(), &local, flags, bound, &remote)
        };
        match to_result(err) {
            Ok(()) => Ok(()),
            Err(err) if err == crate::error::edquot() => Err(NotOpened::Full),
            Err(_) => Err(NotOpened::Failed),
        }
    }

    /// Closes the subflow of a number. False if there is none any more.
    pub fn close(&mut self, id: u32) -> bool {
        // SAFETY: By the type invariants.
        unsafe { bindings::rust_helper_pm_close(self.as_ptr(), id) }
    }

    /// Has the peer close its end of what uses the local address of an ID.
    pub fn withdraw(&mut self, id: u8) {
        // SAFETY: By the type invariants.
        unsafe { bindings::rust_helper_pm_withdraw(self.as_ptr(), id) };
    }

    /// Asks the peer to use the subflow of a number as a backup, or not as one. False if there is
    /// no such subflow that could carry data.
    pub fn set_backup(&mut self, id: u32, backup: bool) -> bool {
        // SAFETY: By the type invariants.
        unsafe { bindings::rust_helper_pm_set_backup(self.as_ptr(), id, backup) }
    }

    /// Has the worker run again in so many milliseconds, in place of what was said before.
    pub fn wake_after_ms(&mut self, ms: u32) {
        // SAFETY: By the type invariants.
        unsafe { bindings::rust_helper_pm_wake_after(self.as_ptr(), ms) };
    }

    /// Has the worker run again when the connection has sent and received so many bytes, in place
    /// of what was said before; [`None`] for never.
    pub fn wake_at_bytes(&mut self, bytes: Option<u64>) {
        let bytes = bytes.unwrap_or(u64::MAX);
        // SAFETY: By the type invariants.
        unsafe { bindings::mptcp_pm_set_wake_bytes(self.as_ptr(), bytes) };
    }
}

/// What is kept for a connection.
struct Kept<T: PathManager> {
    /// For who holds the lock of the path manager's data.
    inbox: T::Inbox,
    /// For the worker, which has the socket lock.
    state: T::State,
}

impl<T: PathManager> Kept<T> {
    /// # Safety
    ///
    /// [`Adapter::init`] must have succeeded for `msk`.
    unsafe fn of(msk: *const bindings::mptcp_sock) -> *mut Self {
        // SAFETY: By the safety requirements the pointer is valid.
        unsafe { bindings::rust_helper_pm_data(msk).cast() }
    }

    /// # Safety
    ///
    /// As for [`Self::of`].
    unsafe fn inbox_of(msk: *const bindings::mptcp_sock) -> *mut T::Inbox {
        // SAFETY: By the safety requirements it is the box that `init` made.
        unsafe { addr_of_mut!((*Self::of(msk)).inbox) }
    }

    /// # Safety
    ///
    /// As for [`Self::of`].
    unsafe fn state_of(msk: *const bindings::mptcp_sock) -> *mut T::State {
        // SAFETY: By the safety requirements it is the box that `init` made.
        unsafe { addr_of_mut!((*Self::of(msk)).state) }
    }
}

/// The `struct mptcp_pm_ops` of a path manager; always a `static`.
///
/// # Invariants
///
/// - Its function pointers are those of the adapter of `T`, and others that the kernel has filled
///   in.
/// - `taken` becomes true before it is registered, and stays so: only who made it true writes to
///   `ops`, and the kernel.
pub struct Ops<T: PathManager> {
    ops: Opaque<bindings::mptcp_pm_ops>,
    taken: Atomic<bool>,
    manager: PhantomData<fn() -> T>,
}

// SAFETY: `ops` is only accessed by who made `taken` true, and by the kernel, which has its own
// lock for what it changes. The path manager itself has no data in here.
unsafe impl<T: PathManager> Sync for Ops<T> {}

impl<T: PathManager> Ops<T> {
    /// The name as the kernel stores it.
    const NAME: [c_char; bindings::MPTCP_PM_NAME_MAX as usize] = super::stored_name(T::NAME);

    /// Makes the operations of `T`, unregistered.
    #[expect(
        clippy::new_without_default,
        reason = "it is for a static, hence const"
    )]
    pub const fn new() -> Self {
        // SAFETY: All fields are integers, pointers, and optional functions: zeroes are valid.
        let mut ops: bindings::mptcp_pm_ops = unsafe { core::mem::zeroed() };
        ops.name = Self::NAME;
        ops.init = Some(Adapter::<T>::init);
        ops.release = Some(Adapter::<T>::release);
        ops.rm_addr_received = Some(Adapter::<T>::rm_addr_received);
        ops.mp_prio_received = Some(Adapter::<T>::mp_prio_received);
        ops.established = Some(Adapter::<T>::established);
        ops.subflow_established = Some(Adapter::<T>::subflow_established);
        ops.subflow_closed = Some(Adapter::<T>::subflow_closed);
        ops.add_addr_received = Some(Adapter::<T>::add_addr_received);
        ops.addr_removed = Some(Adapter::<T>::addr_removed);
        ops.worker = Some(Adapter::<T>::worker);
        ops.endpoints_changed = Some(Adapter::<T>::endpoints_changed);
        // INVARIANT: The functions are those of the adapter, and it is not taken.
        Self {
            ops: Opaque::new(ops),
            taken: Atomic::new(false),
            manager: PhantomData,
        }
    }

    /// What the worker keeps for a connection; [`None`] if its path manager is another one.
    ///
    /// For who has the socket lock, or the data lock while nobody has that. This borrows all of
    /// the connection: the worker itself, which has its state, is handed the connection shared,
    /// and cannot get at the state once more.
    pub fn state<'a>(&self, connection: &'a mut Connection<'_>) -> Option<&'a T::State> {
        // SAFETY: By the type invariants of `Connection` the pointer is valid; the operations are
        // only compared.
        if !unsafe { bindings::rust_helper_pm_is_of(connection.as_ptr(), self.ops.get()) } {
            return None;
        }
        // SAFETY: It is the path manager of the connection, so the data is the box that `init`
        // made; it is released with the lock held. Only the worker changes the state, and that has
        // the lock, as this has now.
        Some(unsafe { &*Kept::<T>::state_of(connection.as_ptr()) })
    }

    /// Has the workers of all connections of a namespace run whose path manager is `T`. Returns
    /// how many there are.
    ///
    /// Process context; may sleep.
    pub fn schedule_all(&self, net: &Net) -> u32 {
        // SAFETY: The namespace is valid, and the operations are only compared.
        unsafe { bindings::rust_helper_pm_schedule_all(net.as_ptr(), self.ops.get()) }
    }
}

/// A registered path manager; dropping it unregisters it.
///
/// A module should register it as the last step of its initialisation: a connection may use it at
/// once, and then the module cannot fail any more.
///
/// # Invariants
///
/// `ops` is in the kernel's list of path managers.
#[must_use = "a path manager is unregistered when its registration is dropped"]
pub struct Registration {
    ops: &'static Opaque<bindings::mptcp_pm_ops>,
}

// SAFETY: All that can be done with a registration is to drop it, which may be done anywhere
// that sleeping is allowed.
unsafe impl Send for Registration {}
// SAFETY: A shared reference to a registration can do nothing.
unsafe impl Sync for Registration {}

impl Registration {
    /// Registers a path manager of `module`, which can be done once.
    ///
    /// Process context; may sleep. Fails with `EEXIST` if the name is taken, and with `EBUSY` if
    /// `ops` were registered before.
    pub fn new<T: PathManager>(ops: &'static Ops<T>, module: &'static ThisModule) -> Result<Self> {
        if ops.taken.xchg(true, ordering::Acquire) {
            return Err(EBUSY);
        }
        // SAFETY: By the type invariants of `Ops` nobody else writes to it, as `taken` was false.
        unsafe { (*ops.ops.get()).owner = module.as_ptr() };
        // SAFETY: The operations are initialised and live forever, and are not in the list.
        to_result(unsafe { bindings::mptcp_pm_register(ops.ops.get()) })?;
        // INVARIANT: They are in the list now.
        Ok(Self { ops: &ops.ops })
    }
}

impl Drop for Registration {
    fn drop(&mut self) {
        // SAFETY: By the type invariants the operations are in the list. This waits for those
        // that look at them.
        unsafe { bindings::mptcp_pm_unregister(self.ops.get()) };
    }
}

/// The functions that the kernel calls for `T`.
struct Adapter<T: PathManager>(PhantomData<T>);

impl<T: PathManager> Adapter<T> {
    /// # Safety
    ///
    /// `msk` must be a valid connection that nobody else uses, and that has no data yet.
    unsafe extern "C" fn init(msk: *mut bindings::mptcp_sock) -> c_int {
        from_result(|| {
            // SAFETY: By the safety requirements the connection is valid; it keeps its namespace.
            let net = unsafe { Net::from_raw(bindings::rust_helper_sock_net(msk.cast())) };
            let (inbox, state) = T::init(net)?;
            let kept = KBox::new(Kept::<T> { inbox, state }, GFP_ATOMIC)?;
            // SAFETY: By the safety requirements the connection is valid and not in use.
            unsafe { bindings::rust_helper_pm_set_data(msk, KBox::into_raw(kept).cast()) };
            Ok(0)
        })
    }

    /// # Safety
    ///
    /// `msk` must be a valid connection for which [`Self::init`] succeeded, and for which no
    /// other function of this adapter runs or is called any more.
    unsafe extern "C" fn release(msk: *mut bindings::mptcp_sock) {
        // SAFETY: By the safety requirements its data is the box that `init` made, which nobody
        // else takes back.
        drop(unsafe { KBox::from_raw(Kept::<T>::of(msk)) });
        // SAFETY: By the safety requirements the connection is valid.
        unsafe { bindings::rust_helper_pm_set_data(msk, core::ptr::null_mut()) };
    }

    /// Tells of an event.
    ///
    /// # Safety
    ///
    /// `msk` must be a valid connection for which [`Self::init`] succeeded and [`Self::release`]
    /// was not called, and the lock of the path manager's data must be held.
    unsafe fn tell(msk: *mut bindings::mptcp_sock, event: Event<'_>) {
        // SAFETY: By the safety requirements it is the box that `init` made, and the lock is held.
        if T::event(unsafe { &mut *Kept::<T>::inbox_of(msk) }, event) {
            // SAFETY: By the safety requirements the connection is valid.
            unsafe { bindings::mptcp_pm_schedule(msk) };
        }
    }

    /// # Safety
    ///
    /// As for [`Self::tell`], with a valid list.
    unsafe extern "C" fn rm_addr_received(
        msk: *mut bindings::mptcp_sock,
        list: *const bindings::mptcp_rm_list,
    ) {
        let Some(list) = NonNull::new(list.cast_mut()) else {
            return;
        };
        // INVARIANT: By the safety requirements.
        let removed = Removed {
            list,
            lifetime: PhantomData,
        };
        // SAFETY: The requirements are the same.
        unsafe { Self::tell(msk, Event::Removed(removed)) };
    }

    /// # Safety
    ///
    /// As for [`Self::tell`].
    unsafe extern "C" fn mp_prio_received(
        msk: *mut bindings::mptcp_sock,
        _: *mut bindings::mptcp_subflow_context,
        _: bool,
    ) {
        // SAFETY: The requirements are the same.
        unsafe { Self::tell(msk, Event::Priority) };
    }

    /// # Safety
    ///
    /// As for [`Self::tell`].
    unsafe extern "C" fn established(msk: *mut bindings::mptcp_sock) {
        // SAFETY: The requirements are the same.
        unsafe {
            bindings::rust_helper_pm_kernel_established(msk);
            Self::tell(msk, Event::Established);
        }
    }

    /// # Safety
    ///
    /// As for [`Self::tell`].
    unsafe extern "C" fn subflow_established(msk: *mut bindings::mptcp_sock) {
        // SAFETY: The requirements are the same.
        unsafe {
            bindings::rust_helper_pm_kernel_subflow_established(msk);
            Self::tell(msk, Event::SubflowEstablished);
        }
    }

    /// # Safety
    ///
    /// As for [`Self::tell`], with a valid subflow, and the socket lock held.
    unsafe extern "C" fn subflow_closed(
        msk: *mut bindings::mptcp_sock,
        subflow: *const bindings::mptcp_subflow_context,
    ) {
        // SAFETY: The requirements are the same.
        unsafe {
            bindings::rust_helper_pm_kernel_subflow_closed(msk, subflow);
            Self::tell(msk, Event::SubflowClosed);
        }
    }

    /// # Safety
    ///
    /// As for [`Self::tell`], with a valid address.
    unsafe extern "C" fn add_addr_received(
        msk: *mut bindings::mptcp_sock,
        addr: *const bindings::mptcp_addr_info,
    ) {
        let mut address = Address::default().to_raw();
        // SAFETY: The requirements are the same.
        unsafe {
            bindings::rust_helper_pm_kernel_add_addr_received(msk, addr);
            bindings::rust_helper_pm_address(addr, &mut address);
            Self::tell(msk, Event::Announced(Address::from_raw(&address)));
        }
    }

    /// # Safety
    ///
    /// As for [`Self::tell`].
    unsafe extern "C" fn addr_removed(msk: *mut bindings::mptcp_sock, id: u8) {
        // SAFETY: The requirements are the same.
        unsafe { bindings::rust_helper_pm_kernel_addr_removed(msk, id) };
    }

    /// # Safety
    ///
    /// `msk` must be a valid connection for which [`Self::init`] succeeded and [`Self::release`]
    /// was not called, and its socket lock must be held, in process context.
    unsafe extern "C" fn worker(msk: *mut bindings::mptcp_sock) {
        // SAFETY: By the safety requirements `msk` is valid, hence not null.
        let valid = unsafe { NonNull::new_unchecked(msk) };
        // INVARIANT: By the safety requirements.
        let mut managed = Managed {
            // SAFETY: By the safety requirements it is locked until this returns.
            connection: unsafe { Connection::from_raw(valid) },
            manager: PhantomData,
        };
        // SAFETY: By the safety requirements it is the box that `init` made. Only the worker uses
        // the state, with the socket lock held.
        T::worker(unsafe { &mut *Kept::<T>::state_of(msk) }, &mut managed);
    }

    /// # Safety
    ///
    /// As for [`Self::worker`].
    unsafe extern "C" fn endpoints_changed(msk: *mut bindings::mptcp_sock) {
        // SAFETY: By the safety requirements, and with the lock held for the event.
        unsafe {
            bindings::rust_helper_pm_lock(msk);
            Self::tell(msk, Event::Endpoints);
            bindings::rust_helper_pm_unlock(msk);
        }
    }
}
