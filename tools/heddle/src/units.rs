// SPDX-License-Identifier: GPL-2.0

//! Numbers as people read them.

/// The time, in seconds since 1970.
pub fn now() -> u64 {
    std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .map_or(0, |now| now.as_secs())
}

/// A time in µs, as ms with three digits that matter.
pub fn ms(micros: u32) -> String {
    let ms = f64::from(micros) / 1000.0;
    match micros {
        0 => "0".into(),
        1..10_000 => format!("{ms:.2}"),
        10_000..100_000 => format!("{ms:.1}"),
        _ => format!("{ms:.0}"),
    }
}

/// An amount of data, in decimal units as `ip -s -h` and disks have them.
#[allow(clippy::cast_precision_loss, reason = "three digits are shown")]
pub fn bytes(bytes: u64) -> String {
    let mut scaled = bytes as f64;
    for unit in ["B", "kB", "MB", "GB", "TB"] {
        // What would be rounded to 1000 belongs to the next unit.
        if scaled < 999.5 {
            return match unit {
                "B" => format!("{bytes} B"),
                _ if scaled < 9.995 => format!("{scaled:.2} {unit}"),
                _ if scaled < 99.95 => format!("{scaled:.1} {unit}"),
                _ => format!("{scaled:.0} {unit}"),
            };
        }
        scaled /= 1000.0;
    }
    format!("{scaled:.0} PB")
}

/// The units that a size can be written in, the largest first.
const SIZES: [(&str, u64); 10] = [
    ("Pi", 1 << 50),
    ("P", 1_000_000_000_000_000),
    ("Ti", 1 << 40),
    ("T", 1_000_000_000_000),
    ("Gi", 1 << 30),
    ("G", 1_000_000_000),
    ("Mi", 1 << 20),
    ("M", 1_000_000),
    ("Ki", 1 << 10),
    ("k", 1000),
];

/// An amount of data to the byte, in the largest decimal unit that it is a
/// multiple of: 5G, 1500k, 1234567.
pub fn size(bytes: u64) -> String {
    SIZES
        .iter()
        .filter(|(unit, _)| unit.len() == 1)
        .find(|(_, size)| bytes > 0 && bytes % size == 0)
        .map_or_else(
            || bytes.to_string(),
            |(unit, size)| format!("{}{unit}", bytes / size),
        )
}

/// Reads an amount of data: bytes, or with a unit as in 5G, 1.5MB or 20Gi.
pub fn parse_size(text: &str) -> Option<u64> {
    let end = text.find(|c: char| c != '.' && !c.is_ascii_digit());
    let (number, unit) = text.split_at(end.unwrap_or(text.len()));
    let unit = unit.strip_suffix(['B', 'b']).unwrap_or(unit);
    let size = match SIZES
        .iter()
        .find(|(name, _)| name.eq_ignore_ascii_case(unit))
    {
        Some((_, size)) => *size,
        None if unit.is_empty() => 1,
        None => return None,
    };
    let Some((whole, fraction)) = number.split_once('.') else {
        return number.parse::<u64>().ok()?.checked_mul(size);
    };
    // A fraction of bytes is none.
    let scale = 10u128.checked_pow(u32::try_from(fraction.len()).ok()?)?;
    let part = fraction.parse::<u64>().ok().map(u128::from)? * u128::from(size);
    if part % scale != 0 {
        return None;
    }
    let part = u64::try_from(part / scale).ok()?;
    whole
        .parse::<u64>()
        .ok()?
        .checked_mul(size)?
        .checked_add(part)
}

/// A rate in bytes per second, as Mbit/s without the unit.
pub fn mbit(bytes_per_second: f64) -> String {
    let mbit = bytes_per_second * 8.0 / 1e6;
    if mbit <= 0.0 {
        "0".into()
    } else if mbit < 9.995 {
        format!("{mbit:.2}")
    } else if mbit < 99.95 {
        format!("{mbit:.1}")
    } else {
        format!("{mbit:.0}")
    }
}

/// A share as percent.
pub fn percent(share: Option<f64>) -> String {
    share.map_or_else(|| "-".into(), |share| format!("{:.0}%", share * 100.0))
}

/// A token, as `ss` and `ip mptcp monitor` write it.
pub fn token(token: u32) -> String {
    format!("{token:08x}")
}

/// Reads a token, which is hexadecimal with or without 0x.
pub fn parse_token(text: &str) -> Option<u32> {
    let digits = text.strip_prefix("0x").unwrap_or(text);
    let hexadecimal = digits.chars().all(|c| c.is_ascii_hexdigit());
    u32::from_str_radix(digits, 16)
        .ok()
        .filter(|token| hexadecimal && *token != 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times() {
        let shown: Vec<_> = [0, 8, 950, 20_140, 967_000, 3_000_000].map(ms).into();
        assert_eq!(shown, ["0", "0.01", "0.95", "20.1", "967", "3000"]);
    }

    #[test]
    fn amounts() {
        let shown: Vec<_> = [0, 999, 1000, 8_388_608, 999_499, 999_500, u64::MAX]
            .map(bytes)
            .into();
        assert_eq!(
            shown,
            ["0 B", "999 B", "1.00 kB", "8.39 MB", "999 kB", "1.00 MB", "18447 PB"]
        );
    }

    #[test]
    fn sizes_are_exact() {
        let shown: Vec<_> = [
            0,
            1,
            1000,
            1500,
            1_500_000,
            5_000_000_000,
            1 << 30,
            u64::MAX,
        ]
        .map(size)
        .into();
        assert_eq!(
            shown,
            [
                "0",
                "1",
                "1k",
                "1500",
                "1500k",
                "5G",
                "1073741824",
                "18446744073709551615"
            ]
        );
        for (text, bytes) in [
            ("0", 0),
            ("5G", 5_000_000_000),
            ("5gb", 5_000_000_000),
            ("1.5M", 1_500_000),
            ("0.001k", 1),
            ("20Gi", 20 << 30),
            ("1KiB", 1024),
            ("7B", 7),
            ("2.50P", 2_500_000_000_000_000),
            ("18446744073709551615", u64::MAX),
        ] {
            assert_eq!(parse_size(text), Some(bytes), "{text}");
        }
        for wrong in [
            "",
            "G",
            "-1",
            "+1",
            "1.",
            ".5k",
            "1.5",
            "0.0001k",
            "1.2.3M",
            "5X",
            "5 G",
            "1e3",
            "\u{663}",
            "18446744073709551616",
            "20000P",
            "1.00000000000000000000000000000000000000000001G",
        ] {
            assert_eq!(parse_size(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn rates() {
        let shown: Vec<_> = [0.0, 125_000.0, 3_981_250.0, 125e6].map(mbit).into();
        assert_eq!(shown, ["0", "1.00", "31.9", "1000"]);
    }

    #[test]
    fn tokens() {
        assert_eq!(token(0x1a2b), "00001a2b");
        assert_eq!(parse_token("1a2b"), Some(0x1a2b));
        assert_eq!(parse_token("0x00001A2B"), Some(0x1a2b));
        for wrong in ["", "0", "+1", "10.0.0.1", "123456789"] {
            assert_eq!(parse_token(wrong), None, "{wrong}");
        }
    }
}
