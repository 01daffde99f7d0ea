// SPDX-License-Identifier: GPL-2.0

//! MPTCP packet schedulers, `struct mptcp_sched_ops`.
//!
//! A scheduler is a type that implements [`Scheduler`], a static [`Ops`] for it, and a
//! [`Registration`] for as long as it is to be on offer:
//!
//! ```ignore
//! static OPS: Ops<MyScheduler> = Ops::new();
//!
//! let registration = Registration::new(&OPS, module)?;
//! ```
//!
//! C headers: [`include/net/mptcp.h`](srctree/include/net/mptcp.h),
//! [`net/mptcp/sched.c`](srctree/net/mptcp/sched.c).

use super::{Connection, Subflow};
use crate::{bindings, net::Net};
use core::{ffi::CStr, marker::PhantomData, ptr::NonNull};
use kernel::{
    error::{from_result, to_result},
    ffi::{c_char, c_int},
    prelude::*,
    sync::atomic::{ordering, Atomic},
    types::Opaque,
};

/// A packet scheduler.
pub trait Scheduler: Sized + 'static {
    /// The name in `net.mptcp.scheduler`: 1 to 15 bytes, no white space.
    const NAME: &'static CStr;

    /// What the scheduler keeps for each connection.
    ///
    /// It is dropped where the connection ends, which may be a softirq: dropping it must not
    /// sleep.
    type Data: Send;

    /// Makes the data of a new connection in the namespace `net`.
    ///
    /// Process context for a socket that an application opens, softirq for an incoming
    /// connection: it must not sleep. On failure `socket()` fails, or the incoming connection
    /// gets the kernel's default scheduler.
    ///
    /// The data is written where it stays: the stack is deep already where a connection comes in.
    fn init(net: &Net) -> impl Init<Self::Data, Error>;

    /// Chooses the subflow for new data.
    ///
    /// Process context or softirq, with the connection locked: it must not sleep. Not called for
    /// a connection that fell back to TCP.
    fn get_send<'a>(data: &mut Self::Data, connection: &'a Connection<'_>) -> Choice<Grant<'a>>;

    /// Chooses the subflow that repeats the data at the head of the connection, if any should.
    ///
    /// Process context, with the connection locked.
    fn get_retrans<'a>(
        data: &mut Self::Data,
        connection: &'a Connection<'_>,
    ) -> Choice<Subflow<'a>>;

    /// Chooses a subflow that repeats data which another one has sent.
    ///
    /// Asked when new data was sent, and on each acknowledgment, until it wants nothing.
    ///
    /// Process context or softirq, with the connection locked: it must not sleep.
    fn get_copy<'a>(data: &mut Self::Data, connection: &'a Connection<'_>) -> Option<Copy<'a>>;

    /// Learns how many bytes, at least 1, were sent of the last copy it asked for.
    ///
    /// In the same context, before it is asked for the next one.
    fn copied(data: &mut Self::Data, bytes: u32);

    /// Ends a connection, whose data is dropped next.
    ///
    /// Process context or softirq: it must not sleep.
    fn release(_data: &mut Self::Data) {}
}

/// What a scheduler chose.
pub enum Choice<T> {
    /// Nobody, now.
    Nobody,
    /// This one.
    This(T),
    /// Whoever the kernel's own scheduler chooses.
    Kernels,
}

/// Leave to send.
pub struct Grant<'a> {
    /// Who may send.
    pub subflow: Subflow<'a>,
    /// How many bytes it sends before the scheduler is asked again. With 0, for a window that is
    /// closed, it sends a fragment of the queue, up to 32 KiB, should the window open meanwhile.
    pub burst: u32,
}

/// Leave to repeat data. What was not sent yet, or is acknowledged, is left out.
pub struct Copy<'a> {
    /// Who repeats it.
    pub subflow: Subflow<'a>,
    /// DSN of the first byte.
    pub from: u64,
    /// Number of bytes. With 0 the subflow is probed: it sends its own oldest packet once more, if
    /// its retransmission timer has fired and nothing was acknowledged since.
    pub length: u32,
}

/// The `struct mptcp_sched_ops` of a scheduler; always a `static`.
///
/// A connection keeps using it until the connection ends, even if the scheduler is unregistered
/// meanwhile. That is why it cannot be made anew at run time: a static lives as long as the code
/// of the module, to which each connection holds a reference.
///
/// # Invariants
///
/// - Its function pointers are those of the adapter of `T`.
/// - `taken` is true from before it is registered until after the grace period that follows its
///   being unregistered. Who changed it to true is the only one to write to `ops`.
pub struct Ops<T: Scheduler> {
    ops: Opaque<bindings::mptcp_sched_ops>,
    taken: Atomic<bool>,
    scheduler: PhantomData<fn() -> T>,
}

// SAFETY: `ops` is only accessed by who holds `taken`, and by the kernel, which has its own lock
// for what it changes. The scheduler itself has no data in here.
unsafe impl<T: Scheduler> Sync for Ops<T> {}

impl<T: Scheduler> Ops<T> {
    /// The name as the kernel stores it.
    const NAME: [c_char; bindings::MPTCP_SCHED_NAME_MAX as usize] = super::stored_name(T::NAME);

    /// Makes the operations of `T`, unregistered.
    #[expect(
        clippy::new_without_default,
        reason = "it is for a static, hence const"
    )]
    pub const fn new() -> Self {
        // SAFETY: All fields are integers, pointers, and optional functions: zeroes are valid.
        let mut ops: bindings::mptcp_sched_ops = unsafe { core::mem::zeroed() };
        ops.name = Self::NAME;
        ops.init = Some(Adapter::<T>::init);
        ops.release = Some(Adapter::<T>::release);
        ops.get_send = Some(Adapter::<T>::get_send);
        ops.get_retrans = Some(Adapter::<T>::get_retrans);
        ops.get_copy = Some(Adapter::<T>::get_copy);
        // INVARIANT: The functions are those of the adapter, and it is neither taken nor
        // registered.
        Self {
            ops: Opaque::new(ops),
            taken: Atomic::new(false),
            scheduler: PhantomData,
        }
    }

    /// Whether `T` is the scheduler of a connection.
    pub fn is_of(&self, connection: &Connection<'_>) -> bool {
        // SAFETY: By the type invariants of `Connection` the pointer is valid and the scheduler
        // does not change as long as it is borrowed.
        let scheduler = unsafe { bindings::rust_helper_mptcp_sched(connection.as_ptr()) };
        scheduler == self.ops.get().cast_const()
    }

    /// What `T` keeps for a connection, if it is the connection's scheduler, and the connection to
    /// look at meanwhile.
    ///
    /// This borrows all of the connection: `T` itself, which has its data when it is asked, is
    /// handed the connection shared, and cannot get at the data once more.
    pub fn data<'a, 'c>(
        &self,
        connection: &'a mut Connection<'c>,
    ) -> (Option<&'a mut T::Data>, &'a Connection<'c>) {
        if !self.is_of(connection) {
            return (None, connection);
        }
        // SAFETY: It is the scheduler of the connection, so the data is the box that `init` made.
        // It is locked with the connection, all of which is borrowed; what is handed out of that
        // is shared, by which nobody gets at the data.
        let data = unsafe {
            bindings::rust_helper_mptcp_sched_data(connection.as_ptr())
                .cast::<T::Data>()
                .as_mut()
        };
        (data, connection)
    }
}

/// A registered scheduler; dropping it unregisters it.
///
/// New connections no longer find it then, and [`Drop`] waits for those that are just looking it
/// up. Connections that use it go on using it.
///
/// A module should register its schedulers as the last step of its initialisation: a connection
/// may use one at once, and then the module cannot fail any more.
///
/// # Invariants
///
/// `ops` is in the kernel's list of schedulers, and `taken` belongs to the same [`Ops`] and is
/// true.
#[must_use = "a scheduler is unregistered when its registration is dropped"]
pub struct Registration {
    ops: &'static Opaque<bindings::mptcp_sched_ops>,
    taken: &'static Atomic<bool>,
}

// SAFETY: All that can be done with a registration is to drop it, which may be done anywhere
// that sleeping is allowed.
unsafe impl Send for Registration {}
// SAFETY: A shared reference to a registration can do nothing.
unsafe impl Sync for Registration {}

impl Registration {
    /// Registers a scheduler of `module`.
    ///
    /// Process context. Fails with `EEXIST` if the name is taken, and with `EBUSY` if `ops` are
    /// registered already.
    pub fn new<T: Scheduler>(ops: &'static Ops<T>, module: &'static ThisModule) -> Result<Self> {
        if ops.taken.xchg(true, ordering::Acquire) {
            return Err(EBUSY);
        }
        // SAFETY: By the type invariants of `Ops` nobody else writes to it, as `taken` was false.
        // Connections of an earlier registration may read the field, but then it is set already.
        unsafe {
            let owner = &raw mut (*ops.ops.get()).owner;
            if *owner != module.as_ptr() {
                *owner = module.as_ptr();
            }
        }
        // SAFETY: The operations are initialised and live forever, and are not in the list.
        let err = unsafe { bindings::mptcp_register_scheduler(ops.ops.get()) };
        if let Err(err) = to_result(err) {
            ops.taken.store(false, ordering::Release);
            return Err(err);
        }
        // INVARIANT: They are in the list now, and `taken` was set above.
        Ok(Self {
            ops: &ops.ops,
            taken: &ops.taken,
        })
    }
}

impl Drop for Registration {
    fn drop(&mut self) {
        // SAFETY: By the type invariants the operations are in the list.
        unsafe { bindings::mptcp_unregister_scheduler(self.ops.get()) };
        // SAFETY: Dropping is for process context, by the documentation of the type.
        unsafe { kernel::bindings::synchronize_rcu() };
        self.taken.store(false, ordering::Release);
    }
}

/// A name of a scheduler.
#[derive(Clone, Copy)]
pub struct Name([u8; bindings::MPTCP_SCHED_NAME_MAX as usize]);

impl Name {
    /// # Safety
    ///
    /// There must be as many bytes as a name has, with a NUL among them. They may change
    /// meanwhile.
    pub(super) unsafe fn copy(from: *const c_char) -> Self {
        let mut name = [0u8; bindings::MPTCP_SCHED_NAME_MAX as usize];
        for (to, at) in name
            .iter_mut()
            .zip(0..bindings::MPTCP_SCHED_NAME_MAX as usize)
        {
            // SAFETY: By the safety requirements.
            *to = unsafe { from.cast::<u8>().add(at).read_volatile() };
        }
        Self(name)
    }

    /// The scheduler that new sockets of a namespace get (`net.mptcp.scheduler`).
    pub fn of_new_sockets(net: &Net) -> Self {
        // SAFETY: The namespace is valid. The name is there as long as it is.
        unsafe { Self::copy(bindings::mptcp_get_scheduler(net.as_ptr())) }
    }

    /// The name as text.
    pub fn text(&self) -> &CStr {
        CStr::from_bytes_until_nul(&self.0).unwrap_or_default()
    }
}

/// The functions that the kernel calls for `T`.
struct Adapter<T: Scheduler>(PhantomData<T>);

impl<T: Scheduler> Adapter<T> {
    /// # Safety
    ///
    /// `msk` must be a valid connection that nobody else uses, and that has no data yet.
    unsafe extern "C" fn init(msk: *mut bindings::mptcp_sock) -> c_int {
        from_result(|| {
            // SAFETY: By the safety requirements the connection is valid; it keeps its namespace.
            let net = unsafe { Net::from_raw(bindings::rust_helper_sock_net(msk.cast())) };
            let data = KBox::init(T::init(net), GFP_ATOMIC)?;
            // SAFETY: By the safety requirements the connection is valid and not in use.
            unsafe { bindings::rust_helper_mptcp_set_sched_data(msk, KBox::into_raw(data).cast()) };
            Ok(0)
        })
    }

    /// # Safety
    ///
    /// `msk` must be a valid connection for which [`Self::init`] succeeded, and for which no
    /// other function of this adapter runs or is called any more.
    unsafe extern "C" fn release(msk: *mut bindings::mptcp_sock) {
        // SAFETY: By the safety requirements the pointer is valid, and its data is the box that
        // `init` made, which nobody else takes back.
        let mut data: KBox<T::Data> = unsafe {
            let data = bindings::rust_helper_mptcp_sched_data(msk);
            bindings::rust_helper_mptcp_set_sched_data(msk, core::ptr::null_mut());
            KBox::from_raw(data.cast())
        };
        T::release(&mut data);
    }

    /// Hands the data of the connection and the connection to `f`.
    ///
    /// # Safety
    ///
    /// As for [`Self::get_send`].
    unsafe fn with_connection(
        msk: *mut bindings::mptcp_sock,
        f: impl FnOnce(&mut T::Data, &mut Connection<'_>) -> c_int,
    ) -> c_int {
        // SAFETY: By the safety requirements `msk` is valid, hence not null.
        let msk = unsafe { NonNull::new_unchecked(msk) };
        // SAFETY: By the safety requirements it is locked until this returns.
        let mut connection = unsafe { Connection::from_raw(msk) };
        // SAFETY: By the safety requirements `init` succeeded, so the data is the box made there.
        // It is locked with the connection, so that there is no other reference to it.
        let data =
            unsafe { &mut *bindings::rust_helper_mptcp_sched_data(msk.as_ptr()).cast::<T::Data>() };
        f(data, &mut connection)
    }

    /// # Safety
    ///
    /// `msk` must be a valid connection for which [`Self::init`] succeeded and [`Self::release`]
    /// was not called, and it must be locked, as described at [`Connection`].
    unsafe extern "C" fn get_send(msk: *mut bindings::mptcp_sock) -> c_int {
        // SAFETY: The requirements are the same.
        unsafe {
            Self::with_connection(msk, |data, connection| {
                let chosen = match T::get_send(data, connection) {
                    Choice::This(Grant { subflow, burst }) => {
                        subflow.set_scheduled();
                        connection.set_burst(burst);
                        true
                    }
                    Choice::Nobody => false,
                    Choice::Kernels => connection.default_send(),
                };
                result(chosen)
            })
        }
    }

    /// # Safety
    ///
    /// As for [`Self::get_send`].
    unsafe extern "C" fn get_retrans(msk: *mut bindings::mptcp_sock) -> c_int {
        // SAFETY: The requirements are the same.
        unsafe {
            Self::with_connection(msk, |data, connection| {
                let chosen = match T::get_retrans(data, connection) {
                    Choice::This(subflow) => {
                        subflow.set_scheduled();
                        true
                    }
                    Choice::Nobody => false,
                    Choice::Kernels => connection.default_retrans(),
                };
                result(chosen)
            })
        }
    }

    /// # Safety
    ///
    /// As for [`Self::get_send`], and `copy` must be valid, with nobody else using it.
    unsafe extern "C" fn get_copy(
        msk: *mut bindings::mptcp_sock,
        copy: *mut bindings::mptcp_sched_copy,
    ) -> c_int {
        // SAFETY: By the safety requirements.
        let copy = unsafe { &mut *copy };
        // SAFETY: The requirements are the same.
        unsafe {
            Self::with_connection(msk, |data, connection| {
                if copy.sent > 0 {
                    T::copied(data, copy.sent);
                }
                let wanted = T::get_copy(data, connection);
                if let Some(wanted) = &wanted {
                    *copy = bindings::mptcp_sched_copy {
                        ssk: wanted.subflow.tcp_sock().cast_mut(),
                        seq: wanted.from,
                        len: wanted.length,
                        sent: 0,
                    };
                }
                result(wanted.is_some())
            })
        }
    }
}

/// What the kernel is told: 0 if a subflow was chosen, else to send nothing.
fn result(chosen: bool) -> c_int {
    if chosen {
        0
    } else {
        EAGAIN.to_errno()
    }
}
