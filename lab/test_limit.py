# SPDX-License-Identifier: GPL-2.0
"""The formulas of limit.py, against figures that can be had with a pencil."""

import math
import pathlib
import unittest

import limit
import scenario


def point(paths, size="1 MiB", direction="down", event=(), kind="bulk", buffer="64 MiB", **more):
    """Paths are (Mbit/s, ms)."""
    raw = {
        "title": "test",
        "path": [
            {"name": f"p{n}", "rate": f"{rate} Mbit/s", "delay": f"{delay} ms"} for n, (rate, delay) in enumerate(paths)
        ],
        "event": list(event),
        "workload": {"kind": kind, "size": size} | ({"direction": direction} if kind in ("bulk", "stream") else {}) | more,
        "transport": {"buffer": buffer},
    }
    return scenario.points(raw, pathlib.Path("test.toml"))[0]


TCP, MPTCP = {"path": "p0"}, {"scheduler": "default"}


class Frames(unittest.TestCase):
    def test_a_full_packet_of_tcp_has_1448_bytes_of_payload(self):
        self.assertEqual(limit.frame(1448, 0), 1514)
        self.assertEqual(limit.frame(1449, 0), 1449 + 2 * 66)

    def test_one_of_mptcp_has_20_to_28_less(self):
        self.assertEqual(limit.frame(1420, limit.DSS_DOWN), 1514)
        self.assertEqual(limit.frame(1424, limit.DSS_UP), 1514)


class Bulk(unittest.TestCase):
    def test_without_delay_it_is_size_by_rate(self):
        seconds = limit.bulk(point([(10, 0)], "16 MiB"), TCP)
        self.assertAlmostEqual(seconds, (16 << 20) * 8 / 10e6 * 1514 / 1448, places=6)

    def test_two_paths_add(self):
        seconds = limit.bulk(point([(10, 0), (3, 0)], "16 MiB"), MPTCP)
        self.assertAlmostEqual(seconds, (16 << 20) * 8 / 13e6 * 1514 / 1420, places=6)

    def test_a_path_carries_no_more_than_its_cap(self):
        metered = point([(10, 0), (30, 0)], "16 MiB")
        metered.paths[1].cap = 1 << 20
        seconds = limit.bulk(metered, MPTCP)
        self.assertAlmostEqual(seconds, (15 << 20) * 8 / 10e6 * 1514 / 1420, places=6)
        # It is MPTCP's scheduler that heeds it.
        self.assertEqual(limit.bulk(metered, {"path": "p1"}), limit.bulk(point([(10, 0), (30, 0)], "16 MiB"), {"path": "p1"}))

    def test_handshake_and_request_take_four_delays_down_and_three_up(self):
        for direction, delays in (("down", 4), ("up", 3)):
            seconds = limit.bulk(point([(1000, 100)], "1448 B", direction), TCP)
            self.assertAlmostEqual(seconds, delays * 0.1, places=4)

    def test_slow_start_doubles_each_round_trip(self):
        # 10 + 20 + 40 packets fit into three round trips, the 71st needs a fourth.
        for packets, rounds in ((10, 0), (11, 1), (30, 1), (31, 2), (70, 2), (71, 3)):
            seconds = limit.bulk(point([(1000, 100)], f"{packets * 1448} B", "up"), TCP)
            self.assertAlmostEqual(seconds, 0.3 + rounds * 0.2, places=2)

    def test_slow_start_ends_when_the_link_is_full(self):
        # 10 Mbit/s and 20 ms hold 16.5 packets: full in the second round.
        rate = 10e6 / 8 * 1448 / 1514
        seconds = limit.bulk(point([(10, 10)], "1 MiB", "up"), TCP)
        self.assertAlmostEqual(seconds, 0.03 + 0.02 + ((1 << 20) - 14480) / rate, places=6)

    def test_the_second_path_begins_later(self):
        # Before 4 * 10 + 3 * 50 + 50 ms, nothing can have come by it.
        both = point([(10, 10), (10, 50)], "100 KiB")
        link = limit.links(both, MPTCP)[1]
        self.assertAlmostEqual(link.use, 0.19)
        self.assertEqual(link.delivered(0.24), 0)
        self.assertGreater(link.delivered(0.25), 0)

    def test_more_paths_are_never_worse_but_for_the_option(self):
        for size in ("10 KiB", "100 KiB", "1 MiB", "10 MiB"):
            one = limit.bulk(point([(10, 10)], size), MPTCP)
            two = limit.bulk(point([(10, 10), (1, 300)], size), MPTCP)
            self.assertLessEqual(two, one + 1e-9)

    def test_loss_is_what_has_to_be_sent_again(self):
        lossy = point([(10, 0)], "16 MiB")
        lossy.paths[0].loss = 0.1
        self.assertAlmostEqual(limit.bulk(lossy, TCP) * 0.9, limit.bulk(point([(10, 0)], "16 MiB"), TCP), places=6)

    def test_a_link_that_is_cut_carries_nothing(self):
        cut = [{"at": "1 s", "path": "p0", "action": "cut"}]
        restored = cut + [{"at": "3 s", "path": "p0", "action": "restore"}]
        whole = limit.bulk(point([(10, 0)], "4 MiB"), TCP)
        self.assertEqual(limit.bulk(point([(10, 0)], "4 MiB", event=cut), TCP), math.inf)
        self.assertAlmostEqual(limit.bulk(point([(10, 0)], "4 MiB", event=restored), TCP), whole + 2, places=6)

    def test_a_link_that_changes(self):
        change = [{"at": "1 s", "path": "p0", "action": "change", "rate": "20 Mbit/s"}]
        whole = limit.bulk(point([(10, 0)], "4 MiB"), TCP)
        self.assertAlmostEqual(limit.bulk(point([(10, 0)], "4 MiB", event=change), TCP), 1 + (whole - 1) / 2, places=6)

    def test_a_window_limits_a_path_to_itself_per_round_trip(self):
        self.assertEqual(limit.window_rate(limit.links(point([(100, 50)]), TCP), 100000), 100000 / 0.1)

    def test_a_small_window_is_better_without_the_slow_path(self):
        found = limit.links(point([(100, 5), (1, 500)]), MPTCP)
        alone = limit.window_rate(found[:1], 50000)
        self.assertEqual(limit.window_rate(found, 50000), alone)


class Others(unittest.TestCase):
    def test_an_answer_takes_a_round_trip_of_the_fastest_path(self):
        both = point([(10, 150), (10, 10)], "200 B", kind="request", every="100 ms", count=10)
        self.assertAlmostEqual(limit.request(both, MPTCP), 2 * (0.01 + (200 + 66 + 28) * 8 / 10e6))
        self.assertAlmostEqual(limit.request(both, TCP), 2 * (0.15 + (200 + 66) * 8 / 10e6))

    def test_a_block_takes_the_fastest_path_that_is_up(self):
        cut = [{"at": "1 s", "path": "p1", "action": "cut"}]
        both = point([(10, 150), (10, 10)], "200 B", kind="stream", every="10 ms", count=10, event=cut)
        self.assertAlmostEqual(limit.stream(both, MPTCP, 0.5), 0.01, places=3)
        self.assertAlmostEqual(limit.stream(both, MPTCP, 1.5), 0.15, places=3)

    def test_a_chunk_needs_no_slow_start(self):
        one = point([(8, 10)], "1 MiB", kind="chunks", every="5 s", count=2)
        asking = 0.01 + 166 * 8 / 8e6
        self.assertAlmostEqual(limit.chunks(one, TCP), asking + 0.01 + (1 << 20) / 1e6 * 1514 / 1448, places=6)

    def test_files_are_asked_for_one_after_the_other(self):
        files = point([(1000, 100)], "1 KiB", kind="objects", count=12, connections=6)
        # A handshake and two round trips: the second file of each connection.
        self.assertAlmostEqual(limit.objects(files, TCP), 0.4 + 0.2, places=3)


if __name__ == "__main__":
    unittest.main()
