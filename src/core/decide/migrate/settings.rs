// SPDX-License-Identifier: GPL-2.0

//! Settings of a listener that a connection is shaped by, and the guard that compares them.
//!
//! A connection in an accept queue was made by the listener that is closed; a request was
//! negotiated by it, and its connection will be made by the heir. Linux says that both must have
//! the same settings (`tcp_migrate_req` in `Documentation/networking/ip-sysctl.rst`), and does not
//! check it.

use core::ffi::CStr;

/// What is done about members whose settings differ from those of the listener that is closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Guard {
    /// Nothing.
    Off,
    /// They are counted and named in the log, if they inherit.
    Warn,
    /// They do not inherit.
    Enforce,
}

impl Guard {
    /// All of them, in the order of their numbers.
    pub const ALL: [Self; 3] = [Self::Off, Self::Warn, Self::Enforce];

    /// Its name in `net.heddle.migrate.settings_guard`.
    pub const fn name(self) -> &'static CStr {
        match self {
            Self::Off => c"off",
            Self::Warn => c"warn",
            Self::Enforce => c"enforce",
        }
    }

    /// The one of a number, which is its place among [`ALL`](Self::ALL).
    pub fn from_value(value: u64) -> Option<Self> {
        Self::ALL.get(usize::try_from(value).ok()?).copied()
    }
}

/// Declares the settings, each with its type and its name for people.
macro_rules! settings {
    ($($(#[$doc:meta])* $field:ident: $type:ty, $variant:ident = $name:literal;)*) => {
        /// Settings of a listener, as far as they have to be equal.
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
        pub struct Settings {
            $($(#[$doc])* pub $field: $type,)*
        }

        /// A setting.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Field {
            $($(#[$doc])* $variant,)*
        }

        impl Settings {
            /// The first setting in which two listeners differ.
            pub fn differs(&self, other: &Self) -> Option<Field> {
                $(if self.$field != other.$field {
                    return Some(Field::$variant);
                })*
                None
            }
        }

        impl Field {
            /// All of them.
            pub const ALL: [Self; [$($name),*].len()] = [$(Self::$variant),*];

            /// What people call it: the socket option, where there is one.
            pub const fn name(self) -> &'static CStr {
                match self {
                    $(Self::$variant => $name,)*
                }
            }
        }
    };
}

settings! {
    /// Whether the SYN is kept (`tp->save_syn`). An heir that is to keep it would find none.
    save_syn: u8, SaveSyn = c"TCP_SAVE_SYN";
    /// How long a connection without data is not handed out (`rskq_defer_accept`), in
    /// retransmissions of the SYN+ACK.
    defer_accept: u8, DeferAccept = c"TCP_DEFER_ACCEPT";
    /// Whether data in a SYN is taken (`fastopenq.max_qlen` is not 0).
    fast_open: bool, FastOpen = c"TCP_FASTOPEN";
    /// The size of the receive buffer, if the program chose it (`SOCK_RCVBUF_LOCK`): the window
    /// scale was negotiated by it.
    receive_buffer: Option<u32>, ReceiveBuffer = c"SO_RCVBUF";
    /// The upper-layer protocol, as a number of its own (`icsk_ulp_ops`); 0 is none.
    ulp: u64, Ulp = c"TCP_ULP";
    /// The congestion control, as a number of its own (`icsk_ca_ops`).
    congestion: u64, Congestion = c"TCP_CONGESTION";
    /// Whether it is an MPTCP listener (`sk_is_mptcp()`).
    mptcp: bool, Mptcp = c"MPTCP";
    /// Whether it has keys of TCP MD5 (`tp->md5sig_info`).
    md5: bool, Md5 = c"TCP_MD5SIG";
    /// Whether it has keys of TCP-AO (`tp->ao_info`).
    ao: bool, Ao = c"TCP_AO_ADD_KEY";
    /// Whether it takes addresses that are not this host's.
    transparent: bool, Transparent = c"IP_TRANSPARENT";
    /// Type of service, or traffic class.
    tos: u8, Tos = c"IP_TOS";
    /// Priority of its packets.
    priority: u32, Priority = c"SO_PRIORITY";
    /// Mark of its packets.
    mark: u32, Mark = c"SO_MARK";
    /// Number of the interface it is bound to, 0 if it is not.
    device: u32, Device = c"SO_BINDTODEVICE";
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decide::migrate::testing::any_settings;
    use proptest::prelude::*;

    #[test]
    fn each_setting_counts() {
        let none = Settings::default();
        let each = [
            Settings {
                save_syn: 1,
                ..none
            },
            Settings {
                defer_accept: 1,
                ..none
            },
            Settings {
                fast_open: true,
                ..none
            },
            Settings {
                receive_buffer: Some(0),
                ..none
            },
            Settings { ulp: 1, ..none },
            Settings {
                congestion: 1,
                ..none
            },
            Settings {
                mptcp: true,
                ..none
            },
            Settings { md5: true, ..none },
            Settings { ao: true, ..none },
            Settings {
                transparent: true,
                ..none
            },
            Settings { tos: 1, ..none },
            Settings {
                priority: 1,
                ..none
            },
            Settings { mark: 1, ..none },
            Settings { device: 1, ..none },
        ];
        assert_eq!(none.differs(&none), None);
        assert_eq!(each.len(), Field::ALL.len());
        for (settings, field) in each.iter().zip(Field::ALL) {
            assert_eq!(settings.differs(&none), Some(field));
            assert_eq!(none.differs(settings), Some(field));
        }
    }

    #[test]
    fn each_setting_has_a_name_of_its_own() {
        for field in Field::ALL {
            let same = |other: &&Field| other.name() == field.name();
            assert_eq!(Field::ALL.iter().filter(same).count(), 1);
        }
    }

    proptest! {
        #[test]
        fn settings_differ_if_they_are_not_equal(one in any_settings(), other in any_settings()) {
            prop_assert_eq!(one.differs(&other).is_some(), one != other);
        }
    }
}
