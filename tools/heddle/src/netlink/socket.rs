// SPDX-License-Identifier: GPL-2.0

//! A generic netlink socket: requests and their answers.

use std::{
    fmt::Debug,
    io, //
};

use neli::{
    attr::Attribute,
    consts::{
        genl::{
            Cmd,
            CtrlAttr,
            CtrlAttrMcastGrp,
            CtrlCmd,
            Index,
            NlAttrType, //
        },
        nl::{
            GenlId,
            NlmF,
            NlmsgerrAttr, //
        },
        socket::NlFamily,
    },
    err::{
        Nlmsgerr,
        SocketError, //
    },
    genl::{
        Genlmsghdr,
        GenlmsghdrBuilder, //
    },
    nl::{
        NlPayload,
        NlmsghdrBuilder, //
    },
    socket::synchronous::NlSocketHandle,
    utils::Groups,
    Size, //
};
use rustix::io::Errno;

use crate::{
    error::{
        Error,
        Refusal,
        Result, //
    },
    netlink::encode::{
        attribute,
        list,
        List, //
    },
};

/// Headers of netlink and generic netlink, in front of the attributes.
const HEADERS: usize = 16 + 4;

/// `NLMSGERR_ATTR_MISS_TYPE`: an attribute that a request lacks.
const MISSING: u16 = 5;

/// A set of attributes.
pub(super) trait Attr: NlAttrType + Debug {}

impl<T: NlAttrType + Debug> Attr for T {}

/// The name of an attribute or operation in the netlink specification.
pub(super) fn name<T: Debug>(of: &T) -> String {
    let mut name = String::new();
    for c in format!("{of:?}").chars() {
        if c.is_uppercase() && !name.is_empty() {
            name.push('-');
        }
        name.push(c.to_ascii_lowercase());
    }
    name
}

/// A family and its multicast groups.
pub(super) struct Family {
    pub(super) id: u16,
    pub(super) groups: Vec<(String, u32)>,
}

/// A generic netlink socket.
pub(super) struct Socket {
    handle: NlSocketHandle,
    sequence: u32,
}

impl Socket {
    /// Opens a socket in the network namespace of this thread.
    pub(super) fn open() -> Result<Self> {
        let handle =
            NlSocketHandle::connect(NlFamily::Generic, None, Groups::empty()).map_err(failure)?;
        handle.enable_ext_ack(true).map_err(failure)?;
        Ok(Self {
            handle,
            sequence: 0,
        })
    }

    /// The socket alone, to receive what comes unasked.
    pub(super) fn into_handle(self) -> NlSocketHandle {
        self.handle
    }

    /// Finds a family. It does not exist while the module is not loaded.
    pub(super) fn family(&mut self, family: &str) -> Result<Family> {
        let mut found = Family {
            id: 0,
            groups: Vec::new(),
        };
        let request = list([attribute(CtrlAttr::FamilyName, family)?]);
        let answer = self.talk(
            GenlId::Ctrl.into(),
            CtrlCmd::Getfamily,
            NlmF::REQUEST | NlmF::ACK,
            request,
            &mut |list: &List<CtrlAttr>| {
                read_family(&mut found, list)
                    .map_err(|e| Error::Protocol(format!("netlink family: {e}")))
            },
        );
        match answer {
            Err(Error::Refused(refusal)) if refusal.is(Errno::NOENT) => Err(Error::NotLoaded),
            Err(error) => Err(error),
            Ok(_) => Ok(found),
        }
    }

    /// Sends a request and hands each message of the answer to `each`.
    /// Returns whether what a dump shows changed meanwhile.
    pub(super) fn talk<C, T>(
        &mut self,
        family: u16,
        cmd: C,
        flags: NlmF,
        list: List<T>,
        each: &mut dyn FnMut(&List<T>) -> Result<()>,
    ) -> Result<bool>
    where
        C: Cmd + Debug,
        T: Attr,
    {
        let what = name(&cmd);
        let offsets = offsets(&list);
        self.sequence = self.sequence.wrapping_add(1);
        self.send(family, cmd, flags, list)?;

        let mut interrupted = false;
        let mut failed = None;
        loop {
            let (messages, _) = match self.handle.recv::<u16, Genlmsghdr<C, T>>() {
                Err(SocketError::Io(error)) if error.kind() == io::ErrorKind::Interrupted => {
                    continue;
                }
                other => other.map_err(failure)?,
            };
            for message in messages {
                let message = message.map_err(failure)?;
                if *message.nl_seq() != self.sequence {
                    continue;
                }
                interrupted |= message.nl_flags().contains(NlmF::DUMP_INTR);
                match message.nl_payload() {
                    NlPayload::Payload(payload) if failed.is_none() => {
                        // The rest of the answer must still be read.
                        failed = each(payload.attrs()).err();
                    }
                    NlPayload::Payload(_) => {}
                    NlPayload::Err(error) => {
                        return Err(refusal(&what, error, &offsets).into());
                    }
                    NlPayload::DumpExtAck(error) if *error.error() != 0 => {
                        return Err(refusal(&what, error, &offsets).into());
                    }
                    NlPayload::Ack(_) | NlPayload::DumpExtAck(_) | NlPayload::Empty => {
                        return failed.map_or(Ok(interrupted), Err);
                    }
                }
            }
        }
    }

    fn send<C, T>(&self, family: u16, cmd: C, flags: NlmF, list: List<T>) -> Result<()>
    where
        C: Cmd + Debug,
        T: Attr,
    {
        let wrong = |error: &dyn std::fmt::Display| {
            Error::Failed(format!("cannot make a netlink message: {error}"))
        };
        let payload = GenlmsghdrBuilder::default()
            .cmd(cmd)
            .version(1)
            .attrs(list)
            .build()
            .map_err(|e| wrong(&e))?;
        let message = NlmsghdrBuilder::default()
            .nl_type(family)
            .nl_flags(flags)
            .nl_seq(self.sequence)
            .nl_payload(NlPayload::Payload(payload))
            .build()
            .map_err(|e| wrong(&e))?;
        let size = message.padded_size();
        self.handle.send(&message).map_err(|error| match error {
            SocketError::Io(error)
                if error.raw_os_error() == Some(Errno::MSGSIZE.raw_os_error()) =>
            {
                Error::Failed(format!(
                    "the request has {size} bytes, more than a socket may send at once: \
                     raise net.core.wmem_default above that"
                ))
            }
            other => failure(other),
        })
    }
}

fn read_family(
    found: &mut Family,
    list: &List<CtrlAttr>,
) -> std::result::Result<(), neli::err::DeError> {
    for attribute in list.iter() {
        match attribute.nla_type().nla_type() {
            CtrlAttr::FamilyId => found.id = attribute.get_payload_as()?,
            CtrlAttr::McastGroups => {
                for group in attribute.get_attr_handle::<Index>()?.iter() {
                    let group = group.get_attr_handle::<CtrlAttrMcastGrp>()?;
                    found.groups.push((
                        group.get_attr_payload_as_with_len(CtrlAttrMcastGrp::Name)?,
                        group.get_attr_payload_as(CtrlAttrMcastGrp::Id)?,
                    ));
                }
            }
            _ => {}
        }
    }
    Ok(())
}

/// Where each attribute of a request begins, and what it is called.
fn offsets<T: Attr>(list: &List<T>) -> Vec<(usize, String)> {
    list.iter()
        .scan(HEADERS, |offset, attribute| {
            let at = *offset;
            *offset += attribute.padded_size();
            Some((at, name(attribute.nla_type().nla_type())))
        })
        .collect()
}

/// What the kernel says with an error.
fn refusal<M>(what: &str, error: &Nlmsgerr<M>, offsets: &[(usize, String)]) -> Refusal {
    let mut refusal = Refusal {
        what: what.replace('-', " "),
        errno: error.error().saturating_neg(),
        ..Refusal::default()
    };
    for attribute in error.ext_ack().iter() {
        match attribute.nla_type().nla_type() {
            NlmsgerrAttr::Msg => {
                let text = String::from_utf8_lossy(attribute.payload().as_ref());
                refusal.message = Some(text.trim_end_matches('\0').into());
            }
            NlmsgerrAttr::Offset => {
                let offset: Option<u32> = attribute.get_payload_as().ok();
                let offset = offset.and_then(|offset| usize::try_from(offset).ok());
                refusal.attribute = offsets
                    .iter()
                    .rev()
                    .find(|(at, _)| Some(*at) <= offset)
                    .map(|(_, name)| name.clone());
            }
            NlmsgerrAttr::UnrecognizedConst(MISSING) if refusal.message.is_none() => {
                refusal.message = Some("an attribute is missing".into());
            }
            _ => {}
        }
    }
    refusal
}

/// An error of the socket.
pub(super) fn failure(error: SocketError) -> Error {
    match error {
        SocketError::Io(error) => match error.raw_os_error() {
            Some(number) => io::Error::from_raw_os_error(number).into(),
            None => io::Error::new(error.kind(), error.to_string()).into(),
        },
        other => Error::Protocol(other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::netlink::attributes::Subflow;

    #[test]
    fn names_are_those_of_the_specification() {
        assert_eq!(name(&Subflow::MinRtt), "min-rtt");
        assert_eq!(name(&Subflow::Id), "id");
    }

    #[test]
    fn a_family_that_nobody_has_is_a_module_that_is_not_loaded() {
        let mut socket = Socket::open().unwrap();
        assert!(matches!(
            socket.family("no-such-family"),
            Err(Error::NotLoaded)
        ));
    }

    #[test]
    fn a_family_that_every_kernel_has_is_found_with_its_groups() {
        let family = Socket::open().unwrap().family("nlctrl").unwrap();
        assert_eq!(family.id, 16);
        assert!(family.groups.iter().any(|(name, _)| name == "notify"));
    }

    #[test]
    fn the_kernels_words_and_the_attribute_are_told() {
        // The kernel's own controller refuses a name that is too long.
        let long = "x".repeat(64);
        let error = Socket::open().unwrap().family(&long);
        match error {
            Err(Error::Refused(refusal)) => {
                assert_eq!(refusal.what, "getfamily");
                assert_eq!(refusal.attribute.as_deref(), Some("family-name"));
                assert!(refusal.message.is_some());
            }
            _ => panic!("not refused"),
        }
    }
}
