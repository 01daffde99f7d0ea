// SPDX-License-Identifier: GPL-2.0

//! What can go wrong, and the exit status that scripts see.

use std::io;

use thiserror::Error;

use crate::model::ABI;

/// The result of everything that may fail here.
pub type Result<T> = std::result::Result<T, Error>;

/// Why a command did not do what it was asked.
#[derive(Debug, Error)]
pub enum Error {
    /// The netlink family does not exist.
    #[error(
        "the heddle module is not loaded: insmod heddle.ko, or modprobe heddle if it is installed"
    )]
    NotLoaded,
    /// The module's netlink family has another meaning than ours.
    #[error("the module has ABI {0}, this command has ABI {ABI}: use the command that came with the module")]
    Abi(u32),
    /// The kernel said no.
    #[error("{0}")]
    Refused(Refusal),
    /// The command line makes no sense.
    #[error("{0}")]
    Usage(String),
    /// Something was asked that cannot be done.
    #[error("{0}")]
    Failed(String),
    /// A message of the kernel that cannot be understood.
    #[error("cannot understand the kernel: {0}")]
    Protocol(String),
    /// An operation on a file.
    #[error("{0}: {text}", text = without_number(.1))]
    File(String, io::Error),
    /// Input or output.
    #[error("{text}", text = without_number(.0))]
    Io(#[from] io::Error),
}

impl Error {
    /// The exit status for this error; the man page lists them.
    pub fn status(&self) -> u8 {
        match self {
            Self::Usage(_) => 2,
            Self::NotLoaded => 3,
            Self::Abi(_) => 4,
            _ => 1,
        }
    }

    /// Whether the reader of our output has gone, which is no failure.
    pub fn is_broken_pipe(&self) -> bool {
        matches!(self, Self::Io(error) if error.kind() == io::ErrorKind::BrokenPipe)
    }
}

impl From<serde_json::Error> for Error {
    fn from(error: serde_json::Error) -> Self {
        Self::Io(error.into())
    }
}

/// The words of an error of the system, without "(os error NUMBER)".
pub(crate) fn without_number(error: &io::Error) -> String {
    let text = error.to_string();
    text.split(" (os error").next().unwrap_or_default().into()
}

/// An error that the kernel answered with.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Refusal {
    /// What was asked, as in "rule add".
    pub what: String,
    /// The error number, positive.
    pub errno: i32,
    /// The text of the extended acknowledgment.
    pub message: Option<String>,
    /// The attribute that it is about.
    pub attribute: Option<String>,
}

impl Refusal {
    /// Whether the kernel answered with this error number.
    pub fn is(&self, errno: rustix::io::Errno) -> bool {
        self.errno == errno.raw_os_error()
    }
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: ", self.what)?;
        let errno = without_number(&io::Error::from_raw_os_error(self.errno));
        match &self.message {
            Some(message) => write!(f, "{message}")?,
            None => write!(f, "{errno}")?,
        }
        if let Some(attribute) = &self.attribute {
            write!(f, ", attribute {attribute}")?;
        }
        if self.message.is_some() {
            write!(f, " ({errno})")?;
        }
        if self.is(rustix::io::Errno::PERM) {
            write!(
                f,
                ": changing needs CAP_NET_ADMIN in the user namespace that owns the network namespace"
            )?;
        }
        Ok(())
    }
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustix::io::Errno;

    fn refusal(errno: Errno, message: Option<&str>, attribute: Option<&str>) -> String {
        Refusal {
            what: "knob set".into(),
            errno: errno.raw_os_error(),
            message: message.map(Into::into),
            attribute: attribute.map(Into::into),
        }
        .to_string()
    }

    #[test]
    fn the_kernels_words_come_first() {
        assert_eq!(
            refusal(Errno::RANGE, Some("from 0 to 9"), Some("value")),
            "knob set: from 0 to 9, attribute value (Numerical result out of range)"
        );
        assert_eq!(
            refusal(Errno::NOENT, None, None),
            "knob set: No such file or directory"
        );
    }

    #[test]
    fn a_missing_privilege_is_named() {
        assert!(refusal(Errno::PERM, None, None).contains("CAP_NET_ADMIN"));
    }

    #[test]
    fn each_kind_has_its_status() {
        assert_eq!(Error::Failed(String::new()).status(), 1);
        assert_eq!(Error::Usage(String::new()).status(), 2);
        assert_eq!(Error::NotLoaded.status(), 3);
        assert_eq!(Error::Abi(2).status(), 4);
    }
}
