// SPDX-License-Identifier: GPL-2.0

//! Knobs in `/proc/sys/net` of a network namespace.
//!
//! C header: [`include/linux/sysctl.h`](srctree/include/linux/sysctl.h).

use super::Net;
use crate::bindings;
use core::{ffi::CStr, ptr::NonNull};
use kernel::{
    bindings::{ctl_table, ctl_table_header},
    error::from_result,
    ffi::{c_char, c_int, c_void},
    prelude::*,
    sync::Arc,
};

/// Longest value of a knob, with its NUL.
pub const VALUE_SIZE: usize = 64;

/// A file.
pub struct Knob {
    /// Its name in its folder.
    pub name: &'static CStr,
    /// What the functions of [`Knobs`] are given for it.
    pub index: usize,
}

/// What knobs are kept in.
pub trait Knobs: Send + Sync + 'static {
    /// Writes the value of a knob to `value`, and returns its length. Process context.
    fn read(&self, index: usize, value: &mut [u8; VALUE_SIZE]) -> usize;

    /// Sets a knob of a namespace. Process context; may sleep.
    fn write(&self, net: &Net, index: usize, value: &[u8]) -> Result;
}

/// Knobs in a folder of a network namespace; dropping it removes them.
///
/// # Invariants
///
/// - `header` is the registration of `table`, and both outlive it.
/// - `data` of each entry points into an `Arc` whose reference belongs to this.
pub(super) struct Folder {
    header: NonNull<ctl_table_header>,
    _table: KVec<ctl_table>,
    _knobs: Arc<dyn Anything>,
}

/// What keeps the data alive, whatever its type.
trait Anything: Send + Sync {}
impl<T: Knobs> Anything for T {}

// SAFETY: All that can be done with it is to drop it, which may be done anywhere that sleeping is
// allowed.
unsafe impl Send for Folder {}

impl Folder {
    /// Makes the files. They are readable by all, and writable by who has `CAP_NET_ADMIN` in the
    /// user namespace that owns the network namespace.
    ///
    /// Fails with `ENOMEM`, also if there are files of these names.
    ///
    /// # Safety
    ///
    /// The result must be dropped before the namespace goes.
    pub(super) unsafe fn new<T: Knobs>(
        net: &Net,
        folder: &CStr,
        files: &[Knob],
        knobs: &Arc<T>,
    ) -> Result<Self> {
        let mut table = KVec::with_capacity(files.len(), GFP_KERNEL)?;
        for file in files {
            // SAFETY: All fields are integers, pointers, and optional functions: zeroes are
            // valid.
            let mut entry: ctl_table = unsafe { core::mem::zeroed() };
            entry.procname = file.name.as_char_ptr();
            entry.data = Arc::as_ptr(knobs).cast_mut().cast();
            entry.maxlen = VALUE_SIZE as c_int;
            entry.mode = 0o644;
            entry.proc_handler = Some(handle::<T>);
            entry.extra1 = core::ptr::without_provenance_mut(file.index);
            entry.extra2 = net.as_ptr().cast();
            table.push_within_capacity(entry).map_err(|_| ENOMEM)?;
        }
        // SAFETY: The namespace, the name, and the table are valid. The table is not moved and
        // lives until it is unregistered, as `KVec` keeps its content elsewhere.
        let header = unsafe {
            bindings::register_net_sysctl_sz(
                net.as_ptr(),
                folder.as_char_ptr(),
                table.as_mut_ptr(),
                table.len(),
            )
        };
        // INVARIANT: It was just registered, and the `Arc` is kept.
        Ok(Self {
            header: NonNull::new(header).ok_or(ENOMEM)?,
            _table: table,
            _knobs: knobs.clone(),
        })
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // SAFETY: By the type invariants. This waits for those that use it.
        unsafe { bindings::unregister_net_sysctl_table(self.header.as_ptr()) };
    }
}

/// # Safety
///
/// For the kernel to call, with an entry that was made above for `T`.
unsafe extern "C" fn handle<T: Knobs>(
    table: *const ctl_table,
    write: c_int,
    buffer: *mut c_void,
    length: *mut usize,
    position: *mut kernel::bindings::loff_t,
) -> c_int {
    from_result(|| {
        // SAFETY: By the safety requirements it is an entry of a `Folder`, which keeps the data
        // alive until nobody uses the entry any more.
        let (knobs, index) = unsafe { (&*(*table).data.cast::<T>(), (*table).extra1.addr()) };
        let mut value = [0u8; VALUE_SIZE];
        // Rather refused than cut.
        // SAFETY: The kernel's argument is valid.
        if write != 0 && unsafe { *length } >= VALUE_SIZE {
            return Err(EINVAL);
        }
        if write == 0 {
            let length = knobs.read(index, &mut value);
            // The text ends with a NUL.
            if let Some(end) = value.get_mut(length.min(VALUE_SIZE - 1)) {
                *end = 0;
            }
        }
        // SAFETY: The kernel's arguments are handed on; the text has the size that is told.
        let err = unsafe {
            bindings::rust_helper_proc_dostring(
                table,
                write,
                value.as_mut_ptr().cast::<c_char>(),
                VALUE_SIZE as c_int,
                buffer,
                length,
                position,
            )
        };
        kernel::error::to_result(err)?;
        if write != 0 {
            let length = value
                .iter()
                .position(|&byte| byte == 0)
                .unwrap_or(VALUE_SIZE);
            // SAFETY: By the safety requirements; a `Folder` does not outlive its namespace.
            let net = unsafe { Net::from_raw((*table).extra2.cast()) };
            knobs.write(net, index, value.get(..length).unwrap_or(&value))?;
        }
        Ok(0)
    })
}
