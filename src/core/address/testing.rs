// SPDX-License-Identifier: GPL-2.0

//! Addresses and networks for tests, and what they mean in plain numbers.

#![allow(clippy::arithmetic_side_effects, reason = "a test may panic")]

use super::Address;
#[cfg(test)]
use super::Prefix;
#[cfg(test)]
use proptest::prelude::*;

/// The number of an address, and how many bits that number has.
pub fn number(address: &Address) -> (u128, u32) {
    let number = address
        .bytes()
        .iter()
        .fold(0u128, |number, &byte| number * 256 + u128::from(byte));
    match address {
        Address::V4(_) => (number, 32),
        Address::V6(_) if number / (1 << 32) == 0xffff => (number % (1 << 32), 32),
        Address::V6(_) => (number, 128),
    }
}

/// Cuts the bits behind a prefix off a number of so many bits.
pub fn cut(number: u128, width: u32, bits: u8) -> u128 {
    match width - u32::from(bits) {
        128 => 0,
        behind => number / 2u128.pow(behind),
    }
}

/// Whether an address is in a network.
pub fn naive_contains(network: &Address, bits: u8, address: &Address) -> bool {
    let (network, width) = number(network);
    let (address, other_width) = number(address);
    width == other_width && cut(network, width, bits) == cut(address, width, bits)
}

/// The address of a number.
pub fn v6(number: u128) -> Address {
    Address::V6(number.to_be_bytes())
}

/// Addresses of all kinds, half of them few enough to meet each other.
#[cfg(test)]
pub(crate) fn any_address() -> impl Strategy<Value = Address> {
    prop_oneof![
        (0..4u32).prop_map(|low| Address::V4(low.to_be_bytes())),
        (0..4u128).prop_map(|low| v6(0xffff << 32 | low)),
        (0..4u128).prop_map(|low| v6(0x2001_0db8 << 96 | low)),
        any::<u32>().prop_map(|number| Address::V4(number.to_be_bytes())),
        any::<u32>().prop_map(|low| v6(0xffff << 32 | u128::from(low))),
        any::<u128>().prop_map(v6),
    ]
}

#[cfg(test)]
prop_compose! {
    /// Networks of any length around such addresses.
    pub(crate) fn any_prefix()(
        address in any_address(),
        bits in prop_oneof![0..=128u8, Just(0), Just(128)],
    ) -> Prefix {
        let (number, width) = number(&address);
        let bits = if width == 32 { bits % 33 } else { bits };
        let behind = width - u32::from(bits);
        let first = cut(number, width, bits).checked_shl(behind).unwrap_or(0);
        let address = if width == 32 {
            Address::V4(u32::try_from(first).expect("32 bits").to_be_bytes())
        } else {
            v6(first)
        };
        Prefix::new(address, bits).expect("a network")
    }
}
