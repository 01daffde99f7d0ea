// SPDX-License-Identifier: GPL-2.0

//! The conditions that have a notation of their own.

use std::{
    fmt,
    net::{
        IpAddr,
        Ipv4Addr,
        Ipv6Addr, //
    },
    str::FromStr,
};

use serde::{
    Serialize,
    Serializer, //
};

/// A network: `10.0.0.0/8`, or an address alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Prefix {
    /// The address. What is behind the prefix is 0.
    pub addr: IpAddr,
    /// Bits that count.
    pub bits: u8,
}

impl Prefix {
    /// Bits of an address.
    pub fn longest(addr: IpAddr) -> u8 {
        match addr {
            IpAddr::V4(_) => 32,
            IpAddr::V6(_) => 128,
        }
    }

    /// The network of an address, without what is behind the prefix.
    pub fn truncated(addr: IpAddr, bits: u8) -> Self {
        let addr = match addr {
            IpAddr::V4(v4) => {
                let mask = u32::MAX.checked_shl(32 - u32::from(bits.min(32)));
                Ipv4Addr::from(u32::from(v4) & mask.unwrap_or(0)).into()
            }
            IpAddr::V6(v6) => {
                let mask = u128::MAX.checked_shl(128 - u32::from(bits.min(128)));
                Ipv6Addr::from(u128::from(v6) & mask.unwrap_or(0)).into()
            }
        };
        Self { addr, bits }
    }
}

impl FromStr for Prefix {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong =
            || format!("\"{text}\" is no network: write it as 10.0.0.0/8, fd00::/8 or 10.0.0.1");
        let (addr, bits) = match text.split_once('/') {
            Some((addr, bits)) => (addr, Some(bits.parse::<u8>().map_err(|_| wrong())?)),
            None => (text, None),
        };
        let addr: IpAddr = addr.parse().map_err(|_| wrong())?;
        let longest = Self::longest(addr);
        let bits = bits.unwrap_or(longest);
        if bits > longest {
            return Err(format!(
                "\"{text}\": a prefix of {addr} has at most {longest} bits"
            ));
        }
        let network = Self::truncated(addr, bits);
        if network.addr != addr {
            return Err(format!(
                "\"{text}\" has bits behind its prefix: did you mean {network} or {addr}?"
            ));
        }
        Ok(network)
    }
}

impl fmt::Display for Prefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.bits == Self::longest(self.addr) {
            write!(f, "{}", self.addr)
        } else {
            write!(f, "{}/{}", self.addr, self.bits)
        }
    }
}

/// Ports: `443` or `8000-8999`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ports {
    /// The lowest.
    pub min: u16,
    /// The highest.
    pub max: u16,
}

impl FromStr for Ports {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let port = |text: &str| {
            text.parse::<u16>()
                .map_err(|_| format!("\"{text}\" is no port: write 443, or 8000-8999 for a range"))
        };
        let (min, max) = match text.split_once('-') {
            Some((min, max)) => (port(min)?, port(max)?),
            None => (port(text)?, port(text)?),
        };
        if min > max {
            return Err(format!("\"{text}\" is no range: did you mean {max}-{min}?"));
        }
        Ok(Self { min, max })
    }
}

impl fmt::Display for Ports {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.min == self.max {
            write!(f, "{}", self.min)
        } else {
            write!(f, "{}-{}", self.min, self.max)
        }
    }
}

/// A mark: `0x1`, or with a mask `0x1/0xff`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark {
    /// What the bits must be.
    pub value: u32,
    /// The bits that count.
    pub mask: u32,
}

impl FromStr for Mark {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let number = |text: &str| {
            match text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
                Some(hex) => u32::from_str_radix(hex, 16),
                None => text.parse(),
            }
            .map_err(|_| format!("\"{text}\" is no mark: write 1, 0x1 or 0x1/0xff"))
        };
        let (value, mask) = match text.split_once('/') {
            Some((value, mask)) => (number(value)?, number(mask)?),
            None => (number(text)?, u32::MAX),
        };
        if value & !mask != 0 {
            return Err(format!(
                "\"{text}\" can match nothing: {value:#x} has bits that {mask:#x} has not"
            ));
        }
        Ok(Self { value, mask })
    }
}

impl fmt::Display for Mark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:#x}", self.value)?;
        if self.mask != u32::MAX {
            write!(f, "/{:#x}", self.mask)?;
        }
        Ok(())
    }
}

macro_rules! as_text {
    ($($name:ty),*) => {$(
        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                to.collect_str(self)
            }
        }
    )*};
}
as_text!(Prefix, Ports, Mark);

#[cfg(test)]
mod tests {
    use super::*;

    fn error<T: FromStr<Err = String> + fmt::Debug>(text: &str) -> String {
        text.parse::<T>().unwrap_err()
    }

    #[test]
    fn networks() {
        for text in ["10.0.0.0/8", "10.0.0.1", "0.0.0.0/0", "fd00::/8", "::/0"] {
            assert_eq!(text.parse::<Prefix>().unwrap().to_string(), text);
        }
        assert_eq!(
            "10.0.0.1/32".parse::<Prefix>().unwrap().to_string(),
            "10.0.0.1"
        );
        assert!(error::<Prefix>("10.0.0.0/33").contains("at most 32 bits"));
        assert!(error::<Prefix>("10.1.2.3/8").contains("10.0.0.0/8 or 10.1.2.3"));
        assert!(error::<Prefix>("example.org").contains("is no network"));
    }

    #[test]
    fn ports() {
        assert_eq!("443".parse(), Ok(Ports { min: 443, max: 443 }));
        assert_eq!("1-65535".parse(), Ok(Ports { min: 1, max: 65535 }));
        assert!(error::<Ports>("9-8").contains("8-9"));
        assert!(error::<Ports>("65536").contains("is no port"));
        assert!(error::<Ports>("https").contains("is no port"));
    }

    #[test]
    fn marks() {
        assert_eq!(
            "1/255".parse(),
            Ok(Mark {
                value: 1,
                mask: 255
            })
        );
        assert_eq!("0x10".parse::<Mark>().unwrap().to_string(), "0x10");
        assert_eq!("0x1/0xff".parse::<Mark>().unwrap().to_string(), "0x1/0xff");
        assert!(error::<Mark>("0x100/0xff").contains("match nothing"));
    }
}
