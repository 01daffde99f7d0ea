// SPDX-License-Identifier: GPL-2.0

//! Addresses and ports of a socket's two ends.

use crate::bindings;

/// Addresses and ports of the two ends of a connection or of a subflow.
#[derive(Clone, Copy, Default)]
pub struct Endpoints {
    local: [u8; 16],
    remote: [u8; 16],
    length: usize,
    /// Port of this end.
    pub local_port: u16,
    /// Port of the other end.
    pub remote_port: u16,
}

impl Endpoints {
    /// # Safety
    ///
    /// `sk` must be a valid IPv4 or IPv6 socket. What is read may change meanwhile.
    pub(crate) unsafe fn of(sk: *const kernel::bindings::sock) -> Self {
        let mut read = bindings::heddle_endpoints::default();
        // SAFETY: By the safety requirements.
        unsafe { bindings::rust_helper_sock_endpoints(sk, &mut read) };
        Self {
            local: read.local,
            remote: read.remote,
            length: read.length.into(),
            local_port: read.local_port,
            remote_port: read.remote_port,
        }
    }

    /// Address of this end, 4 or 16 bytes.
    pub fn local(&self) -> &[u8] {
        self.local.get(..self.length).unwrap_or(&self.local)
    }

    /// Address of the other end, 4 or 16 bytes.
    pub fn remote(&self) -> &[u8] {
        self.remote.get(..self.length).unwrap_or(&self.remote)
    }
}
