// SPDX-License-Identifier: GPL-2.0

//! The events that the module multicasts.

use std::{
    collections::VecDeque,
    io, //
};

use neli::{
    err::SocketError,
    genl::Genlmsghdr,
    nl::NlPayload,
    socket::synchronous::NlSocketHandle,
    utils::Groups, //
};
use rustix::io::Errno;

use crate::{
    error::{
        Error,
        Result, //
    },
    kernel::{
        Events,
        Incoming, //
    },
    netlink::{
        attributes::{
            self as set,
            Cmd, //
        },
        decode,
        socket::{
            failure,
            name,
            Socket, //
        },
        EVENTS, FAMILY,
    },
};

/// What the socket may hold, as far as the system allows it.
const BUFFER: usize = 4 << 20;

/// A socket that gets the events of the namespace.
pub struct Subscription {
    handle: NlSocketHandle,
    family: u16,
    came: VecDeque<Incoming>,
}

impl Subscription {
    /// Subscribes to the events.
    pub fn open() -> Result<Self> {
        let mut socket = Socket::open()?;
        let family = socket.family(FAMILY)?;
        let group = family
            .groups
            .iter()
            .find(|(name, _)| name == EVENTS)
            .map(|(_, id)| *id)
            .ok_or_else(|| Error::Protocol("the module has no events".into()))?;
        let handle = socket.into_handle();
        handle.set_recv_buffer_size(BUFFER).map_err(failure)?;
        handle
            .add_mcast_membership(Groups::new_groups(&[group]))
            .map_err(failure)?;
        Ok(Self {
            handle,
            family: family.id,
            came: VecDeque::new(),
        })
    }

    fn receive(&mut self) -> Result<()> {
        let (messages, _) = match self.handle.recv::<u16, Genlmsghdr<Cmd, set::Event>>() {
            Err(SocketError::Io(error)) if error.kind() == io::ErrorKind::Interrupted => {
                return Ok(());
            }
            Err(SocketError::Io(error))
                if error.raw_os_error() == Some(Errno::NOBUFS.raw_os_error()) =>
            {
                self.came.push_back(Incoming::Overrun);
                return Ok(());
            }
            other => other.map_err(failure)?,
        };
        for message in messages {
            let message = message.map_err(failure)?;
            if *message.nl_type() != self.family {
                continue;
            }
            if let NlPayload::Payload(payload) = message.nl_payload() {
                let event = decode::event(name(payload.cmd()), payload.attrs())?;
                self.came.push_back(Incoming::Event(event));
            }
        }
        Ok(())
    }
}

impl Events for Subscription {
    fn next(&mut self) -> Result<Incoming> {
        loop {
            match self.came.pop_front() {
                Some(incoming) => return Ok(incoming),
                None => self.receive()?,
            }
        }
    }
}
