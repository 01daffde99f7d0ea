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
use crate::bindings;
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

    /// Makes the data of a new connection.
    ///
    /// Process context for a socket that an application opens, softirq for an incoming
    /// connection: it must not sleep. On failure `socket()` fails, or the incoming connection
    /// gets the kernel's default scheduler.
    fn init() -> Result<Self::Data>;

    /// Chooses the subflow for new data. [`None`] sends nothing now.
    ///
    /// Process context or softirq, with the connection locked: it must not sleep. Not called for
    /// a connection that fell back to TCP.
    fn get_send<'a>(data: &mut Self::Data, connection: &'a Connection<'_>) -> Option<Grant<'a>>;

    /// Chooses the subflow that repeats the data at the head of the connection, if any should.
    ///
    /// Process context, with the connection locked.
    fn get_retrans<'a>(
        data: &mut Self::Data,
        connection: &'a Connection<'_>,
    ) -> Option<Subflow<'a>>;

    /// Ends a connection, and takes back its data.
    ///
    /// Process context or softirq: it must not sleep.
    fn release(data: Self::Data) {
        drop(data);
    }
}

/// Leave to send.
pub struct Grant<'a> {
    /// Who may send.
    pub subflow: Subflow<'a>,
    /// How many bytes it sends before the scheduler is asked again. The core asks between the
    /// fragments of its queue only, so that one fragment, up to 32 KiB, is always sent whole.
    pub burst: u32,
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
    /// The name as the kernel stores it. Fails the build if the kernel could not store it, or
    /// nobody could write it to a sysctl.
    const NAME: [c_char; bindings::MPTCP_SCHED_NAME_MAX as usize] = {
        let bytes = T::NAME.to_bytes();
        let mut stored = [0; bindings::MPTCP_SCHED_NAME_MAX as usize];
        assert!(!bytes.is_empty(), "a scheduler needs a name");
        assert!(
            bytes.len() < stored.len(),
            "the name of a scheduler has 15 bytes at the most"
        );
        let mut i = 0;
        while i < bytes.len() {
            assert!(
                bytes[i].is_ascii_graphic(),
                "the name of a scheduler is written to a sysctl"
            );
            stored[i] = bytes[i];
            i += 1;
        }
        stored
    };

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
        // INVARIANT: The functions are those of the adapter, and it is neither taken nor
        // registered.
        Self {
            ops: Opaque::new(ops),
            taken: Atomic::new(false),
            scheduler: PhantomData,
        }
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

/// The functions that the kernel calls for `T`.
struct Adapter<T: Scheduler>(PhantomData<T>);

impl<T: Scheduler> Adapter<T> {
    /// # Safety
    ///
    /// `msk` must be a valid connection that nobody else uses, and that has no data yet.
    unsafe extern "C" fn init(msk: *mut bindings::mptcp_sock) -> c_int {
        from_result(|| {
            // The memory first: what `T` made is not taken back without its `release`.
            let memory = KBox::<T::Data>::new_uninit(GFP_ATOMIC)?;
            let data = KBox::write(memory, T::init()?);
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
        let data: KBox<T::Data> = unsafe {
            let data = bindings::rust_helper_mptcp_sched_data(msk);
            bindings::rust_helper_mptcp_set_sched_data(msk, core::ptr::null_mut());
            KBox::from_raw(data.cast())
        };
        T::release(KBox::into_inner(data));
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
                let Some(Grant { subflow, burst }) = T::get_send(data, connection) else {
                    return EAGAIN.to_errno();
                };
                subflow.set_scheduled();
                connection.set_burst(burst);
                0
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
                let Some(subflow) = T::get_retrans(data, connection) else {
                    return EAGAIN.to_errno();
                };
                subflow.set_scheduled();
                0
            })
        }
    }
}
