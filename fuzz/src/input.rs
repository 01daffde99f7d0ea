// SPDX-License-Identifier: GPL-2.0

//! Values out of bytes.

use heddle_core::{
    address::{Address, Prefix},
    decide::rule::Ports,
};

/// Bytes that values are made of, from the front on. At their end all is 0, so that every input is a
/// whole one, and a shorter one a simpler one.
#[derive(Clone, Debug)]
pub struct Input<'a>(&'a [u8]);

impl<'a> Input<'a> {
    /// Of these.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    /// Whether nothing is left.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// A byte.
    pub fn byte(&mut self) -> u8 {
        match self.0.split_first() {
            Some((byte, rest)) => {
                self.0 = rest;
                *byte
            }
            None => 0,
        }
    }

    /// As many bytes as there are left, at most so many.
    pub fn bytes(&mut self, most: usize) -> &'a [u8] {
        let (bytes, rest) = self.0.split_at(most.min(self.0.len()));
        self.0 = rest;
        bytes
    }

    /// As many bytes as it takes.
    pub fn array<const N: usize>(&mut self) -> [u8; N] {
        std::array::from_fn(|_| self.byte())
    }

    /// Any number of 16 bits.
    pub fn any16(&mut self) -> u16 {
        u16::from_be_bytes(self.array())
    }

    /// Any number of 32 bits.
    pub fn any32(&mut self) -> u32 {
        u32::from_be_bytes(self.array())
    }

    /// Any number of 64 bits, of which few need many bytes: small ones, and those near a power
    /// of two.
    pub fn any64(&mut self) -> u64 {
        let bits = self.byte();
        match bits {
            0..=63 => (1 << bits) + u64::from(self.byte()),
            64..=127 => (1u64 << (bits - 64)).wrapping_sub(self.byte().into()),
            128..=191 => self.any16().into(),
            192..=247 => self.any32().into(),
            _ => u64::from_be_bytes(self.array()),
        }
    }

    /// One of the first so many numbers, at most 256.
    pub fn below(&mut self, end: u16) -> u8 {
        u8::try_from(u16::from(self.byte()) % end).unwrap_or(0)
    }

    /// The place of one of so many.
    pub fn place(&mut self, of: usize) -> usize {
        usize::from(self.any16()) % of.max(1)
    }

    /// One of these.
    pub fn pick<T: Copy>(&mut self, of: &[T]) -> T {
        of[usize::from(self.byte()) % of.len()]
    }

    /// Yes or no.
    pub fn flag(&mut self) -> bool {
        self.byte() & 1 != 0
    }

    /// Yes once in so many times.
    pub fn rarely(&mut self, times: u8) -> bool {
        self.byte() % times == 1
    }

    /// Something or nothing.
    pub fn maybe<T>(&mut self, make: impl FnOnce(&mut Self) -> T) -> Option<T> {
        self.flag().then(|| make(self))
    }

    /// A number of a size that occurs; now and then any number at all.
    pub fn number(&mut self, usual: u32) -> u32 {
        match self.any16() {
            u16::MAX => self.any32(),
            part => u32::try_from((u64::from(part) * u64::from(usual)) >> 16).unwrap_or(0),
        }
    }

    /// The same of 64 bits.
    pub fn number64(&mut self, usual: u32) -> u64 {
        if self.rarely(16) {
            self.any64()
        } else {
            self.number(usual).into()
        }
    }

    /// A list of at most so many.
    pub fn list<T>(&mut self, most: u8, mut make: impl FnMut(&mut Self) -> T) -> Vec<T> {
        let number = self.below(u16::from(most) + 1);
        (0..number).map(|_| make(self)).collect()
    }

    /// An address of any kind, half of them few enough to meet each other.
    pub fn address(&mut self) -> Address {
        let mapped = |low: u32| Address::V6(((0xffff << 32) | u128::from(low)).to_be_bytes());
        match self.below(6) {
            0 => Address::V4([192, 0, 2, self.byte()]),
            1 => mapped(0xc000_0200 | u32::from(self.byte())),
            2 => Address::V6(((0x2001_0db8 << 96) | u128::from(self.byte())).to_be_bytes()),
            3 => Address::V4(self.array()),
            4 => mapped(self.any32()),
            _ => Address::V6(self.array()),
        }
    }

    /// A network around such an address, if there is one of so many bits.
    pub fn prefix(&mut self) -> Option<Prefix> {
        let address = self.address();
        let bits = self.below(130);
        // What is behind the prefix is cut off, now and then not.
        let address = match (self.rarely(16), address) {
            (true, any) => any,
            (_, Address::V4(bytes)) => {
                let mask = u32::MAX
                    .checked_shl(32 - u32::from(bits.min(32)))
                    .unwrap_or(0);
                Address::V4((u32::from_be_bytes(bytes) & mask).to_be_bytes())
            }
            (_, Address::V6(bytes)) => {
                let mask = u128::MAX
                    .checked_shl(128 - u32::from(bits.min(128)))
                    .unwrap_or(0);
                Address::V6((u128::from_be_bytes(bytes) & mask).to_be_bytes())
            }
        };
        Prefix::new(address, bits).ok()
    }

    /// A port, half of the time one of a few.
    pub fn port(&mut self) -> u16 {
        match self.byte() {
            low @ 0..=127 => u16::from(low % 8),
            _ => self.any16(),
        }
    }

    /// A range of ports, if they are in order.
    pub fn ports(&mut self) -> Option<Ports> {
        Ports::new(self.port(), self.port()).ok()
    }
}
