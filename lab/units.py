# SPDX-License-Identifier: GPL-2.0
"""Quantities as people write them: "10 Mbit/s", "25 ms", "1 %", "64 KiB".

In the program a rate is in bits per second, a time in seconds, a share a number
from 0 to 1, and a size in bytes.
"""

import re

RATES = {"bit/s": 1, "kbit/s": 1e3, "Mbit/s": 1e6, "Gbit/s": 1e9}
TIMES = {"us": 1e-6, "ms": 1e-3, "s": 1, "min": 60}
SHARES = {"%": 0.01}
SIZES = {"B": 1, "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30}


def parse(text, units):
    """A quantity in one of the units; ValueError says what was expected."""
    match = re.fullmatch(r"([0-9]+(?:\.[0-9]+)?) ?([A-Za-z/%]+)", text) if isinstance(text, str) else None
    if not match or match[2] not in units:
        raise ValueError(f"{text!r} is not a number with a unit of {', '.join(units)}")
    return float(match[1]) * units[match[2]]


def rate(text):
    value = parse(text, RATES)
    if value <= 0:
        raise ValueError(f"{text!r}: a rate is more than nothing")
    return value


def time(text):
    return parse(text, TIMES)


def share(text):
    value = parse(text, SHARES)
    if value > 1:
        raise ValueError(f"{text!r} is more than all")
    return value


def size(text):
    value = parse(text, SIZES)
    if value < 1 or value != int(value):
        raise ValueError(f"{text!r} is not a whole number of bytes")
    return int(value)
