// SPDX-License-Identifier: GPL-2.0

//! Addresses and networks: they go around, and hold what a model says, bit by bit.

use crate::input::Input;
use heddle_core::address::{testing::naive_contains, Address, Invalid, Prefix};

/// Makes addresses and networks of any bytes, of any length.
pub fn run(data: &[u8]) {
    whole(data);
    let mut input = Input::new(data);
    let bits = input.byte();
    let length = input.pick(&[4, 16, 4, 16, 16, usize::from(bits)]);
    let bytes = input.bytes(length);
    network(bytes, bits);
    while !input.is_empty() {
        let (prefix, address) = (input.prefix(), input.address());
        if let Some(prefix) = prefix {
            let naive = naive_contains(&prefix.address(), prefix.bits(), &address);
            assert_eq!(
                prefix.contains(&address),
                naive,
                "{address:?} in {prefix:?}"
            );
        }
    }
}

fn whole(bytes: &[u8]) {
    let Some(address) = Address::from_bytes(bytes) else {
        assert!(bytes.len() != 4 && bytes.len() != 16);
        return;
    };
    assert_eq!(address.normalised(), address);
    assert_eq!(Address::from_bytes(address.bytes()), Some(address));
    assert!(bytes.ends_with(address.bytes()));
}

fn network(bytes: &[u8], bits: u8) {
    let is_set = |bit: usize| bytes[bit / 8] & (0x80 >> (bit % 8)) != 0;
    let is_set_behind = (bits.into()..bytes.len() * 8).any(is_set);
    match Prefix::from_bytes(bytes, bits) {
        Err(Invalid::AddressLength) => assert!(bytes.len() != 4 && bytes.len() != 16),
        Err(Invalid::PrefixLength) => assert!(usize::from(bits) > bytes.len() * 8),
        Err(Invalid::BitsBehindPrefix) => assert!(is_set_behind),
        Ok(prefix) => {
            let address = Address::from_bytes(bytes).expect("an address");
            assert!(!is_set_behind, "{prefix:?}");
            assert_eq!(prefix.address(), address);
            // Of an IPv4-mapped address they were counted in IPv6.
            let skipped = (bytes.len() - address.bytes().len()) * 8;
            assert_eq!(usize::from(prefix.bits()) + skipped, usize::from(bits));
            assert!(prefix.contains(&address));
            assert_eq!(Prefix::new(prefix.address(), prefix.bits()), Ok(prefix));
            // Each bit of it counts, and none behind it.
            for bit in 0..bytes.len() * 8 {
                let mut other = bytes.to_vec();
                other[bit / 8] ^= 0x80 >> (bit % 8);
                let other = Address::from_bytes(&other).expect("an address");
                let same_family = address.bytes().len() == other.bytes().len();
                let holds = same_family && bit >= bits.into();
                assert_eq!(prefix.contains(&other), holds, "{other:?} in {prefix:?}");
            }
        }
    }
}
