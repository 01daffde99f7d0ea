# SPDX-License-Identifier: GPL-2.0
"""From packets and reads to figures."""

import math
import struct
import types
import unittest

import capture
import measure
import scenario


class Percentiles(unittest.TestCase):
    def test_nearest_rank(self):
        self.assertEqual(measure.percentile([3, 1, 2, 4], 50), 2)
        self.assertEqual(measure.percentile(range(1, 101), 99), 99)
        self.assertEqual(measure.percentile([5], 99), 5)
        self.assertEqual(measure.percentile([], 50), math.inf)


class Packets(unittest.TestCase):
    def test_what_is_missing_is_waited_for(self):
        # The second packet comes first, and is read with the first.
        result = {"packets": [[1.0, "c1", 100, 100], [1.5, "c2", 0, 100]], "received": {"reads": [[1.5, 200]]}}
        self.assertEqual(list(measure.out_of_order(result)), [0.5, 0.0])

    def test_what_came_twice_counts_once(self):
        packets = [[0, "c1", 0, 100], [0, "c2", 50, 100], [0, "c1", 0, 100], [0, "c1", 300, 10]]
        self.assertEqual(measure.distinct(packets), 160)

    def test_a_path_is_back_when_it_carries_half(self):
        before = [[n / 100, "c1", None, 1000] for n in range(800, 1000)]
        probe = [[20.5, "c1", None, 1000]]
        after = [[25 + n / 100, "c1", None, 1000] for n in range(100)]
        self.assertAlmostEqual(measure.back(before + probe + after, 10, 20), 5.0)
        self.assertEqual(measure.back(before + probe, 10, 20), math.inf)
        self.assertIsNone(measure.back(after, 10, 20))

    def test_what_a_path_carries_beyond_its_cap(self):
        # 10 Mbit/s, 20 ms there and back: 25000 bytes, and ten packets of 1514 that wait.
        paths = [scenario.Path("free", 10e6, 0.01), scenario.Path("metered", 10e6, 0.01, queue=10, cap=10_000)]
        point = types.SimpleNamespace(paths=paths, path=lambda name: paths[1])
        for bytes_carried, wrong in ((9_000, 0), (50_140, 0), (50_141, 1)):
            result = {"packets": [[0, "c1", 0, 10**6], [0, "c2", 0, bytes_carried]]}
            over = measure.over_caps(point, result["packets"])
            self.assertEqual(over, {"metered": max(0, bytes_carried - 10_000)})
            self.assertEqual(len(list(measure.beyond_caps(point, result))), wrong)


class Schedulers(unittest.TestCase):
    def test_who_was_asked(self):
        ours = {"Heddle.MinRttSends": 5, "Heddle.MinRttWaits": 1}
        self.assertEqual(list(measure.wrong_scheduler("minrtt", ours)), [])
        self.assertTrue(list(measure.wrong_scheduler("default", ours)))
        self.assertTrue(list(measure.wrong_scheduler("ecf", ours)))
        self.assertTrue(list(measure.wrong_scheduler("minrtt", {})))
        self.assertEqual(list(measure.wrong_scheduler("default", {})), [])


def packet(options, sequence, payload, flags=0x10):
    options += b"\x01" * (-len(options) % 4)
    tcp = struct.pack("!HHIIBBHHH", 5001, 40000, sequence, 0, (20 + len(options)) // 4 << 4, flags, 0, 0, 0)
    size = 20 + len(tcp) + len(options) + payload
    ip = struct.pack("!BBHHHBBH4s4s", 0x45, 0, size, 0, 0, 64, 6, 0, b"\x0a\x09\x00\x01", b"\x0a\x00\x01\x01")
    return b"\0" * 14 + ip + tcp + options


class Reader(unittest.TestCase):
    def test_plain_tcp_counts_from_its_syn(self):
        reader = capture.Reader()
        self.assertEqual(reader.read(packet(b"", 2**32 - 10, 0, capture.SYN)), (0, 0))
        self.assertEqual(reader.read(packet(b"", 5, 1448)), (15, 1448))

    def test_a_mapping_with_and_without_acknowledgment(self):
        for flags, ack in ((0x0C, b""), (0x0D, b"\0" * 4), (0x0F, b"\0" * 8)):
            reader = capture.Reader()
            reader.read(packet(b"", 1000, 0, capture.SYN))
            dss = bytes([30, 4 + len(ack) + 14, 0x20, flags]) + ack + struct.pack("!QIH", 7000, 1, 3000)
            self.assertEqual(reader.read(packet(b"\x01\x01" + dss, 1001 + 1420, 1420)), (7000 + 1420, 1420))

    def test_an_option_without_a_mapping_tells_nothing(self):
        reader = capture.Reader()
        self.assertEqual(reader.read(packet(bytes([30, 8, 0x20, 0x01]) + b"\0" * 4, 1, 10)), (None, 10))

    def test_a_clients_first_data_has_no_mapping(self):
        first = capture.Reader().read(packet(bytes([30, 4, 0x00, 0x01]), 1, 10))
        self.assertEqual(first, (capture.START, 10))
        found = [[0.1, "s1", 5010, 5], [0.2, "s1", *first], [0.3, "s2", None, 1]]
        self.assertEqual([entry[2] for entry in capture.offsets(found)], [10, 0, None])


if __name__ == "__main__":
    unittest.main()
