// SPDX-License-Identifier: GPL-2.0

//! Files in `/proc/net`.
//!
//! C header: [`include/linux/proc_fs.h`](srctree/include/linux/proc_fs.h).

use super::Net;
use crate::bindings;
use core::ffi::CStr;
use kernel::{
    ffi::{c_int, c_void},
    prelude::*,
    seq_file::SeqFile,
};

/// What a file shows.
pub trait Show {
    /// Name of the file.
    const NAME: &'static CStr;

    /// Writes the content of the file of a namespace.
    ///
    /// Process context; may sleep.
    fn show(net: &Net, file: &SeqFile);
}

/// A file in `/proc/net` of one namespace; dropping it removes it.
///
/// # Invariants
///
/// `net` outlives this, and has a file of this name.
pub(super) struct File {
    net: *mut bindings::net,
    name: &'static CStr,
}

// SAFETY: All that can be done with it is to drop it, which may be done anywhere that sleeping is
// allowed.
unsafe impl Send for File {}

impl File {
    /// Makes the file, readable by all.
    ///
    /// Fails with `ENOMEM`, also if there is a file of this name.
    ///
    /// # Safety
    ///
    /// The result must be dropped before the namespace goes.
    pub(super) unsafe fn new<T: Show>(net: &Net) -> Result<Self> {
        // SAFETY: The namespace is valid, and the name lives forever.
        let made = unsafe {
            bindings::rust_helper_proc_net_create(
                net.as_ptr(),
                T::NAME.as_char_ptr(),
                Some(show::<T>),
            )
        };
        if !made {
            return Err(ENOMEM);
        }
        // INVARIANT: It was just made, and outlives this by the safety requirements.
        Ok(Self {
            net: net.as_ptr(),
            name: T::NAME,
        })
    }
}

impl Drop for File {
    fn drop(&mut self) {
        // SAFETY: By the type invariants.
        unsafe { bindings::rust_helper_proc_net_remove(self.net, self.name.as_char_ptr()) };
    }
}

/// # Safety
///
/// For the kernel to call, with the file that was made above.
unsafe extern "C" fn show<T: Show>(file: *mut kernel::bindings::seq_file, _: *mut c_void) -> c_int {
    // SAFETY: By the safety requirements the file is valid, and belongs to a namespace that
    // lives as long as the file is open.
    let net = unsafe { Net::from_raw(bindings::rust_helper_seq_net(file)) };
    // SAFETY: By the safety requirements.
    T::show(net, unsafe { SeqFile::from_raw(file) });
    0
}
