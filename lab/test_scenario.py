# SPDX-License-Identifier: GPL-2.0
"""What a scenario may hold, and what is said of what it may not."""

import dataclasses
import json
import pathlib
import tomllib
import unittest

import scenario
import units

GOOD = """
title = "two paths"
[[path]]
name = "a"
rate = "1 Mbit/s"
delay = "10 ms"
[[path]]
name = "b"
rate = "2.5 Mbit/s"
delay = "20 ms"
jitter = "10 %"
loss = "1 %"
queue = 7
[workload]
kind = "bulk"
size = "64 KiB"
"""


def points(text):
    return scenario.points(tomllib.loads(text), pathlib.Path("some.toml"))


class Units(unittest.TestCase):
    def test_each_has_its_unit(self):
        self.assertEqual(units.rate("2.5 Mbit/s"), 2.5e6)
        self.assertEqual(units.time("25 ms"), 0.025)
        self.assertEqual(units.share("1 %"), 0.01)
        self.assertEqual(units.size("64 KiB"), 65536)

    def test_others_are_refused(self):
        for function, text in (
            (units.rate, "0 Mbit/s"), (units.rate, "5 Mbps"), (units.rate, 5), (units.time, "-1 s"),
            (units.share, "101 %"), (units.size, "0.5 B"), (units.size, "1 MB"),
        ):  # fmt: skip
            with self.assertRaises(ValueError):
                function(text)


class Good(unittest.TestCase):
    def test_settings_of_a_path(self):
        (point,) = points(GOOD.replace("queue = 7", 'queue = 7\ncost = 10\ncap = "2 MiB"'))
        self.assertEqual(point.paths[0].settings(), {})
        self.assertEqual(point.paths[1].settings(), {"cost": 10, "cap": 2 << 20})
        self.assertEqual(scenario.point_of(json.loads(json.dumps(dataclasses.asdict(point)))), point)

    def test_values(self):
        (point,) = points(GOOD)
        self.assertEqual(point.scenario, "some")
        self.assertEqual([path.rate for path in point.paths], [1e6, 2.5e6])
        self.assertEqual(point.paths[1].queue, 7)
        self.assertAlmostEqual(point.paths[1].jitter, 0.002)
        self.assertEqual(point.transport.first, "a")

    def test_a_grid_makes_every_combination(self):
        made = points(GOOD + '[grid]\n"workload.size" = ["1 KiB", "2 KiB"]\n"path.*.loss" = ["0 %", "2 %", "3 %"]\n')
        self.assertEqual(len(made), 6)
        self.assertEqual(made[5].label, "size 2 KiB, loss 3 %")
        self.assertEqual([path.loss for path in made[5].paths], [0.03, 0.03])

    def test_cases_are_combined_with_the_grid(self):
        cases = '[[case]]\nname = "x"\n[[case]]\nname = "y"\n"path.a.rate" = "9 Mbit/s"\n'
        made = points(GOOD + cases + '[grid]\n"transport.first" = ["a", "b"]\n')
        self.assertEqual([point.label for point in made], ["x, first a", "x, first b", "y, first a", "y, first b"])
        self.assertEqual([point.paths[0].rate for point in made], [1e6, 1e6, 9e6, 9e6])

    def test_a_point_survives_the_way_to_the_guest(self):
        (point,) = points(GOOD + '[[event]]\nat = "1 s"\npath = "b"\naction = "cut"\n[sysctl]\n"net.mptcp.stale_loss_cnt" = 2\n')
        there = scenario.point_of(json.loads(json.dumps(dataclasses.asdict(point))))
        self.assertEqual(there, point)
        self.assertEqual(there.sysctl, {"net.mptcp.stale_loss_cnt": "2"})

    def test_those_that_are_shipped(self):
        files = sorted((pathlib.Path(scenario.__file__).parent / "scenarios").glob("*.toml"))
        self.assertTrue(files)
        for file in files:
            self.assertTrue(scenario.load(file), file)


class Bad(unittest.TestCase):
    def assert_refused(self, text, *words):
        with self.assertRaises(scenario.ScenarioError) as caught:
            points(text)
        for word in ("some.toml", *words):
            self.assertIn(word, str(caught.exception))

    def test_unknown_keys_are_named_wherever_they_are(self):
        self.assert_refused('colour = "red"\n' + GOOD, "'colour'")
        self.assert_refused(GOOD + 'sizes = "1 KiB"\n', "[workload]", "'sizes'")
        self.assert_refused(GOOD.replace("queue", "quueue"), "[[path]]", "'quueue'")
        for table in ("transport", "run"):
            self.assert_refused(GOOD + f"[{table}]\nx = 1\n", f"[{table}]", "'x'")
        self.assert_refused(GOOD + '[[event]]\nat = "1 s"\npath = "a"\naction = "cut"\nx = 1\n', "[[event]]", "'x'")
        self.assert_refused(GOOD + '[sysctl]\n"kernel.panic" = 1\n', "'kernel.panic'")
        self.assert_refused(GOOD + '[grid]\n"workload.sizes" = ["1 KiB"]\n', "'sizes'")
        self.assert_refused(GOOD + '[grid]\n"path.c.rate" = ["1 Mbit/s"]\n', "'c'")
        self.assert_refused(GOOD + '[grid]\n"title" = ["x"]\n', "'title'")

    def test_missing_keys_are_named(self):
        self.assert_refused(GOOD.replace('size = "64 KiB"\n', ""), "'size'", "missing")
        self.assert_refused(GOOD.replace('title = "two paths"\n', ""), "'title'", "missing")

    def test_keys_of_another_workload(self):
        self.assert_refused(GOOD + "count = 3\n", "'count'")

    def test_values(self):
        self.assert_refused(GOOD.replace('"10 ms"', '"10 Mbit/s"'), "delay", "10 Mbit/s")
        self.assert_refused(GOOD.replace("queue = 7", "queue = 0"), "queue")
        self.assert_refused(GOOD.replace("queue = 7", "cost = 256"), "cost", "0 to 255")
        self.assert_refused(GOOD.replace('"10 %"', '"110 ms"'), "jitter")
        self.assert_refused(GOOD.replace('name = "b"', 'name = "a"'), "same name")
        self.assert_refused(GOOD.replace('"bulk"', '"blk"'), "'blk'")
        self.assert_refused(GOOD + '[transport]\nfirst = "c"\n', "'c'")


if __name__ == "__main__":
    unittest.main()
