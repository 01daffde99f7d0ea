// SPDX-License-Identifier: GPL-2.0

//! Addresses, and the networks that hold them.

use core::ffi::CStr;

#[cfg(any(test, feature = "testing"))]
pub mod testing;

/// What is wrong with an address or a network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Invalid {
    /// An address has neither 4 nor 16 bytes.
    AddressLength,
    /// A prefix has more bits than its address.
    PrefixLength,
    /// An address has bits set behind its prefix.
    BitsBehindPrefix,
}

impl Invalid {
    /// Why, in words for the person who wrote it: without a capital letter or a full stop, as the
    /// extended acknowledgment of netlink has it.
    pub const fn reason(&self) -> &'static CStr {
        match self {
            Self::AddressLength => c"an address has 4 or 16 bytes",
            Self::PrefixLength => c"the prefix is longer than the address",
            Self::BitsBehindPrefix => c"bits beyond the prefix are set",
        }
    }
}

/// Bits of an IPv6 address before the IPv4 address that is mapped to it (RFC 4291, 2.5.5.2).
const MAPPED_BITS: u8 = 96;

/// An IP address, in network byte order.
///
/// An IPv4 connection of an IPv6 socket has IPv4-mapped addresses, `::ffff:192.0.2.1`. To a
/// condition that is the IPv4 address: [`from_bytes`](Self::from_bytes) and [`normalised`](Self::normalised)
/// make it one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Address {
    /// An IPv4 address.
    V4([u8; 4]),
    /// An IPv6 address.
    V6([u8; 16]),
}

impl Address {
    /// The address of 4 or 16 bytes, normalised; `None` for any other number of them.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        Self::exactly(bytes).map(Self::normalised)
    }

    /// The address of 4 or 16 bytes, as it is.
    fn exactly(bytes: &[u8]) -> Option<Self> {
        let v4 = || bytes.try_into().map(Self::V4).ok();
        let v6 = || bytes.try_into().map(Self::V6).ok();
        v4().or_else(v6)
    }

    /// The IPv4 address if this is an IPv4-mapped one, otherwise the same.
    #[must_use]
    pub const fn normalised(self) -> Self {
        match self {
            Self::V6([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, a, b, c, d]) => {
                Self::V4([a, b, c, d])
            }
            other => other,
        }
    }

    /// Its 4 or 16 bytes.
    pub const fn bytes(&self) -> &[u8] {
        match self {
            Self::V4(bytes) => bytes,
            Self::V6(bytes) => bytes,
        }
    }
}

/// A network: the addresses that begin with some bits.
///
/// IPv4 and IPv6 are apart: `0.0.0.0/0` is all of IPv4 and `::/0` all of IPv6, and the addresses
/// that are mapped are of IPv4.
///
/// # Invariants
///
/// The address is normalised, has at least as many bits as the prefix, and those behind the prefix
/// are 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Prefix {
    address: Address,
    bits: u8,
}

impl Prefix {
    /// The addresses whose first `bits` bits are those of `address`: 0 to 32 of IPv4, 0 to 128 of
    /// IPv6.
    ///
    /// Of an address that is [`Address::V6`] the bits are counted in IPv6, mapped or not:
    /// `::ffff:192.0.2.0` and 120 is 192.0.2.0/24.
    ///
    /// # Errors
    ///
    /// [`Invalid::PrefixLength`] if the address has fewer bits, [`Invalid::BitsBehindPrefix`] if
    /// one of those behind the prefix is not 0.
    pub fn new(address: Address, bits: u8) -> Result<Self, Invalid> {
        let normalised = address.normalised();
        let bits = match (address, normalised) {
            // The last bits that are skipped are 1, so a shorter prefix has bits behind it.
            (Address::V6(_), Address::V4(_)) => bits
                .checked_sub(MAPPED_BITS)
                .ok_or(Invalid::BitsBehindPrefix)?,
            _ => bits,
        };
        let (width, zeros) = match normalised {
            Address::V4(bytes) => (u32::BITS, u32::from_be_bytes(bytes).trailing_zeros()),
            Address::V6(bytes) => (u128::BITS, u128::from_be_bytes(bytes).trailing_zeros()),
        };
        let Some(behind) = width.checked_sub(u32::from(bits)) else {
            return Err(Invalid::PrefixLength);
        };
        if zeros < behind {
            return Err(Invalid::BitsBehindPrefix);
        }
        Ok(Self {
            address: normalised,
            bits,
        })
    }

    /// As [`new`](Self::new), of an address of 4 or 16 bytes.
    ///
    /// This, rather than [`Address::from_bytes`] before `new`, is for addresses that come with a
    /// number of bits: it knows whether the bits were counted in IPv4 or in IPv6.
    ///
    /// # Errors
    ///
    /// Those of `new`, and [`Invalid::AddressLength`] for any other number of bytes.
    pub fn from_bytes(bytes: &[u8], bits: u8) -> Result<Self, Invalid> {
        Self::new(Address::exactly(bytes).ok_or(Invalid::AddressLength)?, bits)
    }

    /// The first address of the network, normalised.
    pub const fn address(&self) -> Address {
        self.address
    }

    /// Bits of the address that count, 0 to 32 or 0 to 128.
    pub const fn bits(&self) -> u8 {
        self.bits
    }

    /// Whether an address is in the network. One that is IPv4-mapped is taken for the IPv4 address.
    pub fn contains(&self, address: &Address) -> bool {
        // Equal bits at the start are zeros of the difference. Shifts by a variable number would
        // have to spare the width itself, and for 128 bits be a call on some machines.
        let equal = match (self.address, address.normalised()) {
            (Address::V4(ours), Address::V4(theirs)) => {
                (u32::from_be_bytes(ours) ^ u32::from_be_bytes(theirs)).leading_zeros()
            }
            (Address::V6(ours), Address::V6(theirs)) => {
                (u128::from_be_bytes(ours) ^ u128::from_be_bytes(theirs)).leading_zeros()
            }
            _ => return false,
        };
        equal >= u32::from(self.bits)
    }
}

#[cfg(test)]
mod tests {
    use super::{
        testing::{any_address, any_prefix, cut, naive_contains, number, v6},
        *,
    };
    use proptest::prelude::*;

    const V4: Address = Address::V4([192, 0, 2, 129]);
    const ZERO_V4: Address = Address::V4([0; 4]);
    const ZERO_V6: Address = Address::V6([0; 16]);

    /// `::ffff:192.0.2.129`
    fn mapped() -> Address {
        v6(0xffff_c000_0281)
    }

    /// `2001:db8::1`
    fn documentation() -> Address {
        v6(0x2001_0db8 << 96 | 1)
    }

    fn network(address: Address, bits: u8) -> Prefix {
        Prefix::new(address, bits).expect("a network")
    }

    #[test]
    fn an_address_has_4_or_16_bytes() {
        for length in 0..40 {
            let made = Address::from_bytes(&vec![1; length]);
            assert_eq!(made.is_some(), length == 4 || length == 16, "{length}");
            if let Some(address) = made {
                assert_eq!(address.bytes(), vec![1; length]);
            }
            let made = Prefix::from_bytes(&vec![0; length], 0);
            if length == 4 || length == 16 {
                assert_eq!(
                    made.map(|prefix| prefix.address().bytes().len()),
                    Ok(length)
                );
            } else {
                assert_eq!(made, Err(Invalid::AddressLength));
            }
        }
    }

    #[test]
    fn each_reason_is_one_of_its_own() {
        let [length, prefix, bits] = [
            Invalid::AddressLength,
            Invalid::PrefixLength,
            Invalid::BitsBehindPrefix,
        ]
        .map(|invalid| invalid.reason());
        assert!(length != prefix && prefix != bits && bits != length);
    }

    #[test]
    fn a_v4_mapped_v6_address_is_the_v4_address() {
        assert_eq!(mapped().normalised(), V4);
        assert_eq!(Address::from_bytes(mapped().bytes()), Some(V4));
        assert_eq!(V4.normalised(), V4);
    }

    #[test]
    fn what_only_resembles_a_v4_mapped_address_stays_v6() {
        for other in [
            // ::192.0.2.129, ::fffe:192.0.2.129, ::1:ffff:192.0.2.129, and the v6 of NAT64.
            v6(0xc000_0281),
            v6(0xfffe_c000_0281),
            v6(0x1_ffff_c000_0281),
            v6(0x0064_ff9b << 96 | 0xc000_0281),
            ZERO_V6,
        ] {
            assert_eq!(other.normalised(), other);
        }
    }

    #[test]
    fn v4_0_is_all_of_v4_and_nothing_of_v6() {
        let all = network(ZERO_V4, 0);
        assert!(all.contains(&V4) && all.contains(&mapped()));
        assert!(all.contains(&ZERO_V4) && all.contains(&Address::V4([255; 4])));
        assert!(!all.contains(&documentation()) && !all.contains(&ZERO_V6));
    }

    #[test]
    fn v6_0_is_all_of_v6_and_nothing_of_v4() {
        let all = network(ZERO_V6, 0);
        assert!(all.contains(&documentation()) && all.contains(&Address::V6([255; 16])));
        assert!(!all.contains(&V4) && !all.contains(&mapped()));
    }

    #[test]
    fn prefix_0_of_another_address_than_0_is_refused() {
        for address in [
            Address::V4([0, 0, 0, 1]),
            Address::V4([128, 0, 0, 0]),
            v6(1),
        ] {
            assert_eq!(Prefix::new(address, 0), Err(Invalid::BitsBehindPrefix));
        }
    }

    #[test]
    fn prefix_32_is_one_v4_address() {
        let one = network(V4, 32);
        assert!(one.contains(&V4) && one.contains(&mapped()));
        assert!(!one.contains(&Address::V4([192, 0, 2, 128])));
        assert!(!one.contains(&Address::V4([64, 0, 2, 129])));
    }

    #[test]
    fn prefix_33_is_refused_for_v4_and_taken_for_v6() {
        assert_eq!(Prefix::new(ZERO_V4, 33), Err(Invalid::PrefixLength));
        assert_eq!(Prefix::new(ZERO_V4, 255), Err(Invalid::PrefixLength));
        assert!(Prefix::new(v6(0x2001_0db8_8000 << 80), 33).is_ok());
    }

    #[test]
    fn prefix_128_is_one_v6_address() {
        let one = network(documentation(), 128);
        assert!(one.contains(&documentation()));
        assert!(!one.contains(&v6(0x2001_0db8 << 96)));
        assert!(!one.contains(&v6(0xa001_0db8 << 96 | 1)));
    }

    #[test]
    fn prefix_129_is_refused() {
        assert_eq!(Prefix::new(ZERO_V6, 129), Err(Invalid::PrefixLength));
        assert_eq!(Prefix::new(ZERO_V6, 255), Err(Invalid::PrefixLength));
        assert_eq!(Prefix::new(mapped(), 129), Err(Invalid::PrefixLength));
    }

    #[test]
    fn the_last_bit_of_a_prefix_counts_and_the_one_behind_it_does_not() {
        let half = network(Address::V4([192, 0, 2, 128]), 25);
        assert!(half.contains(&Address::V4([192, 0, 2, 128])));
        assert!(half.contains(&Address::V4([192, 0, 2, 192])));
        assert!(!half.contains(&Address::V4([192, 0, 2, 127])));
        assert_eq!(
            Prefix::new(Address::V4([192, 0, 2, 128]), 24),
            Err(Invalid::BitsBehindPrefix)
        );
    }

    #[test]
    fn the_bits_of_a_v4_mapped_network_are_counted_in_v6() {
        let mapped = v6(0xffff_c000_0200);
        let v4 = network(Address::V4([192, 0, 2, 0]), 24);
        assert_eq!(Prefix::new(mapped, 120), Ok(v4));
        assert_eq!(Prefix::from_bytes(mapped.bytes(), 120), Ok(v4));
        assert_eq!(Prefix::from_bytes(&[192, 0, 2, 0], 24), Ok(v4));
        assert_eq!(Prefix::new(v6(0xffff << 32), 96), Ok(network(ZERO_V4, 0)));
        // 24 bits of IPv6 are not 24 bits of IPv4.
        for bits in [0, 24, 80, 95] {
            assert_eq!(Prefix::new(mapped, bits), Err(Invalid::BitsBehindPrefix));
        }
    }

    proptest! {
        #[test]
        fn a_network_holds_what_the_model_says(prefix in any_prefix(), address in any_address()) {
            prop_assert_eq!(
                prefix.contains(&address),
                naive_contains(&prefix.address(), prefix.bits(), &address)
            );
        }

        #[test]
        fn a_bit_that_differs_matters_within_the_prefix_only(
            prefix in any_prefix(),
            filling: u128,
            bit in 0..128u32,
        ) {
            let (first, width) = number(&prefix.address());
            let behind = width - u32::from(prefix.bits());
            let bit = bit % width;
            let inside = first | (filling & 1u128.checked_shl(behind).map_or(u128::MAX, |n| n - 1));
            let address = |number: u128| match u32::try_from(number) {
                Ok(number) if width == 32 => Address::V4(number.to_be_bytes()),
                _ => v6(number),
            };
            // An address that comes out as a mapped one is in no network of IPv6.
            let v6_still = |address: &Address| address.normalised() == *address;
            let inside_address = address(inside);
            prop_assert_eq!(prefix.contains(&inside_address), v6_still(&inside_address));
            let flipped = address(inside ^ (1 << bit));
            prop_assert_eq!(prefix.contains(&flipped), bit < behind && v6_still(&flipped));
        }

        #[test]
        fn a_network_is_made_if_the_model_finds_nothing_behind_it(
            address in any_address(),
            mask in 0..=128u32,
            bits in prop_oneof![0..=40u8, any::<u8>()],
        ) {
            // Many zeros at the end, or few.
            let address = match address {
                Address::V4(bytes) => Address::V4(
                    (u32::from_be_bytes(bytes) & u32::MAX.checked_shl(mask).unwrap_or(0))
                        .to_be_bytes(),
                ),
                Address::V6(bytes) => {
                    v6(u128::from_be_bytes(bytes) & u128::MAX.checked_shl(mask).unwrap_or(0))
                }
            };
            let plain = address
                .bytes()
                .iter()
                .fold(0u128, |number, &byte| number * 256 + u128::from(byte));
            let width = if matches!(address, Address::V4(_)) { 32 } else { 128 };
            let expected = if u32::from(bits) > width {
                Err(Invalid::PrefixLength)
            } else {
                let first = cut(plain, width, bits)
                    .checked_shl(width - u32::from(bits))
                    .unwrap_or(0);
                if first == plain { Ok(()) } else { Err(Invalid::BitsBehindPrefix) }
            };
            let made = Prefix::new(address, bits);
            prop_assert_eq!(made.map(|_| ()), expected);
            prop_assert_eq!(Prefix::from_bytes(address.bytes(), bits), made);
            if let Ok(prefix) = made {
                prop_assert_eq!(prefix.address(), address.normalised());
                prop_assert!(prefix.contains(&address));
                prop_assert_eq!(Prefix::new(prefix.address(), prefix.bits()), made);
            }
        }

        #[test]
        fn bytes_go_around(bytes in prop_oneof![
            prop::collection::vec(any::<u8>(), 4),
            prop::collection::vec(any::<u8>(), 16),
        ]) {
            let address = Address::from_bytes(&bytes).expect("4 or 16 bytes");
            prop_assert_eq!(address.normalised(), address);
            if address.bytes().len() == bytes.len() {
                prop_assert_eq!(address.bytes(), bytes);
            } else {
                prop_assert!(bytes.ends_with(address.bytes()));
            }
        }
    }
}
