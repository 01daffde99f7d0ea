// SPDX-License-Identifier: GPL-2.0

//! Network namespaces, and what a module keeps for each.
//!
//! C header: [`include/net/net_namespace.h`](srctree/include/net/net_namespace.h).

use crate::bindings;
use core::{ffi::CStr, marker::PhantomData, ptr::NonNull};
use kernel::{
    error::{from_result, to_result},
    ffi::{c_int, c_uint, c_void},
    prelude::*,
    sync::{
        atomic::{ordering, Atomic},
        rcu, Arc,
    },
    types::Opaque,
};

/// A network namespace, `struct net`.
///
/// # Invariants
///
/// A reference points at a valid `struct net`, which stays valid as long as the reference.
#[repr(transparent)]
pub struct Net(Opaque<bindings::net>);

// SAFETY: What can be done with a reference is done under the kernel's own locks.
unsafe impl Sync for Net {}

impl Net {
    /// Makes a reference from a pointer of the kernel.
    ///
    /// # Safety
    ///
    /// `net` must point at a `struct net` that is valid for all of `'a`.
    pub(crate) unsafe fn from_raw<'a>(net: *mut bindings::net) -> &'a Self {
        // SAFETY: By the safety requirements, and as the type is transparent.
        unsafe { &*net.cast() }
    }

    pub(crate) fn as_ptr(&self) -> *mut bindings::net {
        self.0.get().cast()
    }
}

/// Shows all namespaces to `see`, in process context. No namespace comes or goes meanwhile.
pub fn for_each<F: FnMut(&Net)>(mut see: F) {
    /// # Safety
    ///
    /// `net` must be valid, and `data` point at an `F` that nobody else uses.
    unsafe extern "C" fn call<F: FnMut(&Net)>(net: *mut bindings::net, data: *mut c_void) {
        // SAFETY: By the safety requirements.
        unsafe { (*data.cast::<F>())(Net::from_raw(net)) };
    }

    // SAFETY: It is called with this data until this returns, one after the other.
    unsafe { bindings::rust_helper_visit_nets((&raw mut see).cast(), Some(call::<F>)) };
}

/// What a module keeps for each network namespace.
pub trait PerNet: Send + Sync + Sized + 'static {
    /// The static that joins this type to the kernel.
    ///
    /// ```ignore
    /// static NAMESPACES: Subsystem<Namespace> = Subsystem::new();
    /// ```
    fn subsystem() -> &'static Subsystem<Self>;

    /// Makes the data of a namespace.
    ///
    /// Process context; may sleep. On failure the namespace cannot be made.
    fn new(net: &Net) -> Result<Arc<Self>>;

    /// Attaches to a namespace what shows its data.
    ///
    /// Process context; may sleep. On failure the namespace cannot be made.
    fn attach(data: &Arc<Self>, to: &mut Attachments<'_>) -> Result;

    /// Does what must be done while the namespace is still there; its attachments are gone.
    ///
    /// Process context; may sleep.
    fn leave(&self) {}

    /// The data of a namespace; [`None`] while the namespace is made or taken down.
    ///
    /// Any context.
    fn of(net: &Net) -> Option<Arc<Self>> {
        Self::subsystem().get(net)
    }
}

/// Files of a network namespace that are there as long as it is.
///
/// The data of a namespace lives as long as someone has a reference to it, files must go with the
/// namespace. That is why nobody else gets hold of them.
pub struct Attachments<'a> {
    net: &'a Net,
    files: Files,
}

struct Files {
    proc: KVec<super::proc::File>,
    sysctl: KVec<super::sysctl::Folder>,
}

impl Files {
    /// Most files, and folders, of a namespace.
    const MAX: usize = 16;

    fn new() -> Result<Self> {
        Ok(Self {
            proc: KVec::with_capacity(Self::MAX, GFP_KERNEL)?,
            sysctl: KVec::with_capacity(Self::MAX, GFP_KERNEL)?,
        })
    }
}

impl Attachments<'_> {
    /// Adds a file to `/proc/net`.
    ///
    /// Fails with `ENOMEM`, also if there is a file of this name, or if there are 16 already.
    pub fn proc<T: super::proc::Show>(&mut self) -> Result {
        // SAFETY: It is dropped before the namespace goes, since the files of a slot are.
        let file = unsafe { super::proc::File::new::<T>(self.net) }?;
        self.files
            .proc
            .push_within_capacity(file)
            .map_err(|_| ENOMEM)
    }

    /// Adds a folder of knobs to `/proc/sys`.
    ///
    /// Fails with `ENOMEM`, also if there are files of these names, or if there are 16 folders
    /// already.
    pub fn sysctl<T: super::sysctl::Knobs>(
        &mut self,
        folder: &CStr,
        files: &[super::sysctl::Knob],
        knobs: &Arc<T>,
    ) -> Result {
        // SAFETY: It is dropped before the namespace goes, since the files of a slot are.
        let folder = unsafe { super::sysctl::Folder::new(self.net, folder, files, knobs) }?;
        self.files
            .sysctl
            .push_within_capacity(folder)
            .map_err(|_| ENOMEM)
    }
}

/// The data of one namespace, with its files.
struct Slot<T: PerNet> {
    files: Files,
    data: Arc<T>,
}

impl<T: PerNet> Slot<T> {
    fn end(self) {
        // Whoever reads or writes a file is waited for.
        drop(self.files);
        self.data.leave();
    }
}

/// The `struct pernet_operations` of a module; always a `static`.
///
/// # Invariants
///
/// - `taken` is true from before the operations are registered until after they were
///   unregistered. Who changed it to true is the only one to write to `ops`.
/// - `registered` is true only while they are registered, and `id` is valid then.
/// - The area that the kernel keeps for this in each namespace is a `struct heddle_slot`. Its
///   `owned` is null or a box of `Slot<T>`. Its `seen` is null or equal to `owned`, and it is
///   made null an RCU grace period before the box is dropped.
pub struct Subsystem<T: PerNet> {
    ops: Opaque<bindings::pernet_operations>,
    id: Opaque<c_uint>,
    taken: Atomic<bool>,
    registered: Atomic<bool>,
    data: PhantomData<fn() -> T>,
}

// SAFETY: `ops` and `id` are accessed by the kernel, and by who holds `taken`; `id` is only read
// while `registered` is true, when nobody writes it.
unsafe impl<T: PerNet> Sync for Subsystem<T> {}

impl<T: PerNet> Subsystem<T> {
    /// Makes the operations for `T`, unregistered.
    #[expect(
        clippy::new_without_default,
        reason = "it is for a static, hence const"
    )]
    pub const fn new() -> Self {
        // SAFETY: All fields are integers, pointers, and optional functions: zeroes are valid.
        let ops = unsafe { core::mem::zeroed() };
        Self {
            ops: Opaque::new(ops),
            id: Opaque::new(0),
            taken: Atomic::new(false),
            registered: Atomic::new(false),
            data: PhantomData,
        }
    }

    /// The data of a namespace; [`None`] while the namespace is made or taken down.
    ///
    /// Any context.
    pub fn get(&self, net: &Net) -> Option<Arc<T>> {
        let _guard = rcu::read_lock();
        if !self.registered.load(ordering::Acquire) {
            return None;
        }
        // SAFETY: By the type invariants the id is valid, and by those of `Net` the pointer is.
        let slot = unsafe { bindings::rust_helper_net_slot(net.as_ptr(), *self.id.get()) };
        // SAFETY: By the type invariants that is what the kernel keeps there.
        let seen = unsafe { bindings::rust_helper_slot_seen(slot) };
        // SAFETY: By the type invariants it lives until the guard is dropped, at the least.
        let seen = unsafe { seen.cast::<Slot<T>>().as_ref() }?;
        Some(seen.data.clone())
    }
}

/// Functions for the kernel to call.
struct Adapter<T: PerNet>(PhantomData<T>);

impl<T: PerNet> Adapter<T> {
    /// # Safety
    ///
    /// For the kernel to call, by way of the operations of `T`.
    unsafe fn slot(net: *mut bindings::net) -> NonNull<bindings::heddle_slot> {
        // SAFETY: The kernel sets the id before it calls any of the functions, and the namespace
        // is valid.
        let slot =
            unsafe { bindings::rust_helper_net_slot(net, *T::subsystem().id.get().cast_const()) };
        // SAFETY: The kernel makes the area before it calls any of the functions.
        unsafe { NonNull::new_unchecked(slot) }
    }

    /// # Safety
    ///
    /// As for [`Self::slot`].
    unsafe extern "C" fn init(net: *mut bindings::net) -> c_int {
        // SAFETY: The requirements are the same.
        let slot = unsafe { Self::slot(net) };
        // SAFETY: By the safety requirements the namespace is valid.
        let net = unsafe { Net::from_raw(net) };
        from_result(|| {
            let memory = KBox::<Slot<T>>::new_uninit(GFP_KERNEL)?;
            let files = Files::new()?;
            let data = T::new(net)?;
            let mut attachments = Attachments { net, files };
            let attached = T::attach(&data, &mut attachments);
            let made = Slot {
                files: attachments.files,
                data,
            };
            if let Err(err) = attached {
                made.end();
                return Err(err);
            }
            let owned: *mut c_void = KBox::into_raw(KBox::write(memory, made)).cast();
            // SAFETY: Nobody else accesses the area of a namespace that is being made.
            // INVARIANT: It is the box that was just made.
            unsafe {
                (*slot.as_ptr()).owned = owned;
                bindings::rust_helper_slot_set_seen(slot.as_ptr(), owned);
            }
            Ok(0)
        })
    }

    /// # Safety
    ///
    /// As for [`Self::slot`].
    unsafe extern "C" fn pre_exit(net: *mut bindings::net) {
        // SAFETY: The requirements are the same.
        let slot = unsafe { Self::slot(net) };
        // SAFETY: By the type invariants of `Subsystem` that is what the kernel keeps there.
        unsafe { bindings::rust_helper_slot_set_seen(slot.as_ptr(), core::ptr::null_mut()) };
    }

    /// # Safety
    ///
    /// As for [`Self::slot`].
    unsafe extern "C" fn exit(net: *mut bindings::net) {
        // SAFETY: The requirements are the same.
        let slot = unsafe { Self::slot(net) };
        // SAFETY: Nobody else uses `owned`.
        let owned =
            unsafe { core::mem::replace(&mut (*slot.as_ptr()).owned, core::ptr::null_mut()) };
        if !owned.is_null() {
            // SAFETY: By the type invariants of `Subsystem` it is a box, and as the kernel waits
            // for a grace period between `pre_exit` and this, nobody sees it any more.
            let owned = unsafe { KBox::<Slot<T>>::from_raw(owned.cast()) };
            KBox::into_inner(owned).end();
        }
    }
}

/// A registered [`Subsystem`]; dropping it ends the data of all namespaces.
///
/// # Invariants
///
/// The operations of `subsystem` are registered.
#[must_use = "a subsystem is unregistered when its registration is dropped"]
pub struct Registration<T: PerNet> {
    subsystem: &'static Subsystem<T>,
}

impl<T: PerNet> Registration<T> {
    /// Makes the data of all namespaces there are, and of those that will be.
    ///
    /// Process context; may sleep. Fails with `EBUSY` if it is registered already, and as
    /// [`PerNet::new`] does.
    pub fn new() -> Result<Self> {
        let subsystem = T::subsystem();
        if subsystem.taken.xchg(true, ordering::Acquire) {
            return Err(EBUSY);
        }
        // SAFETY: All fields are integers, pointers, and optional functions: zeroes are valid.
        let mut ops: bindings::pernet_operations = unsafe { core::mem::zeroed() };
        ops.init = Some(Adapter::<T>::init);
        ops.pre_exit = Some(Adapter::<T>::pre_exit);
        ops.exit = Some(Adapter::<T>::exit);
        ops.id = subsystem.id.get();
        ops.size = core::mem::size_of::<bindings::heddle_slot>();
        // SAFETY: By the type invariants nobody else writes to it, as `taken` was false, and it
        // is not registered.
        unsafe { subsystem.ops.get().write(ops) };
        // SAFETY: The operations are initialised and live forever.
        let err = unsafe { bindings::register_pernet_subsys(subsystem.ops.get()) };
        if let Err(err) = to_result(err) {
            subsystem.taken.store(false, ordering::Release);
            return Err(err);
        }
        // INVARIANT: They are registered now, and the kernel has set the id.
        subsystem.registered.store(true, ordering::Release);
        Ok(Self { subsystem })
    }
}

impl<T: PerNet> Drop for Registration<T> {
    fn drop(&mut self) {
        self.subsystem.registered.store(false, ordering::Release);
        // SAFETY: It may be called wherever sleeping is allowed, which is where a module is
        // unloaded. Those who saw `registered` before are done after it.
        unsafe { kernel::bindings::synchronize_rcu() };
        // SAFETY: By the type invariants they are registered.
        unsafe { bindings::unregister_pernet_subsys(self.subsystem.ops.get()) };
        self.subsystem.taken.store(false, ordering::Release);
    }
}
