#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""What the netlink family does, seen through the kernel's own ynl library.

usage: control.py CHECK [ARGUMENT...]
       control.py --each "CHECK [ARGUMENT...]: what must hold"...

CHECK is the name of a function below. HEDDLE_TREE is the kernel's tree,
HEDDLE_TOP the checkout. --each does several, since Python takes seconds to
start on an emulated CPU; a line says of each whether it holds.
"""

import contextlib
import errno
import fcntl
import io
import os
import pty
import random
import resource
import select
import signal
import socket
import struct
import sys
import termios
import threading
import time
import traceback

TREE = os.environ["HEDDLE_TREE"]
TOP = os.environ["HEDDLE_TOP"]
SPEC = TOP + "/Documentation/netlink/specs/heddle.yaml"
sys.path.append(TREE + "/tools/net/ynl")

# pylint: disable=wrong-import-position
from pyynl.lib import NlError, YnlException, YnlFamily  # noqa: E402

from traffic import IPPROTO_MPTCP, receive, send  # noqa: E402


def family():
    # Without checking the specification against its schema, which takes seconds: once is enough.
    return YnlFamily(SPEC, schema="")


def refused(number, words, call, *args, **kwargs):
    """The call fails with an error number, and is told why."""
    try:
        call(*args, **kwargs)
    except NlError as error:
        assert error.nl_msg.error == -number, f"{error} instead of {errno.errorcode[number]}"
        told = str(error.nl_msg.extack)
        assert words in told, f"{words!r} is not in {told}"
    else:
        raise AssertionError(f"not refused: {args}")


def rule(**attributes):
    return {name.replace("_", "-"): value for name, value in attributes.items()}


def setting(name, value):
    return {"name": "pm." + name, "value": value}


def path(**attributes):
    return rule(**attributes)


def migration(**attributes):
    return rule(**attributes)


def sysctl(name, value=None):
    path = "/proc/sys/net/heddle/" + name.replace(".", "/")
    if value is not None:
        with open(path, "w", encoding="ascii") as file:
            file.write(value)
    with open(path, encoding="ascii") as file:
        return file.read().rstrip("\n")


# --- what there is -----------------------------------------------------------


def lists():
    nl = family()
    info = nl.do("info-get", {})
    assert info["abi"] == 1 and info["rules"] == info["paths"] == info["migrations"] == 0 and info["system-scheduler"] == "default", info
    assert {"rules", "paths", "migrations"} <= set(info["feature"]), info
    names = [it["name"] for it in nl.dump("scheduler-get", {})]
    assert names == [it for it in os.environ["SCHEDULERS"].split() if it != "heddle"], names
    knobs = {it["name"]: it for it in nl.dump("knob-get", {})}
    assert {"sched.default", "sched.burst", "sched.ecf.beta", "rules_max", "paths_max"} <= set(knobs), knobs
    for name, knob in knobs.items():
        assert knob["value"] == knob["default"] == sysctl(name), knob
        assert knob["help"].endswith("."), knob
        assert knob == nl.do("knob-get", {"name": name})
    assert knobs["sched.burst"]["unit"] == "bytes" and knobs["sched.burst"]["type"] == "number"
    assert knobs["migrate.settings_guard"]["word"] == ["off", "warn", "enforce"], knobs
    assert knobs["migrate.policy"]["type"] == "list" and "newest" in knobs["migrate.policy"]["word"], knobs
    assert nl.dump("rule-get", {}) == nl.dump("path-get", {}) == [] and nl.dump("connection-get", {}) == []
    assert nl.dump("migration-get", {}) == []
    counters = {it["name"]: it["value"] for it in nl.dump("counter-get", {})}
    with open("/proc/net/heddle", encoding="ascii") as file:
        names, values = (line.split()[1:] for line in file)
    assert list(counters) == names and len(values) == len(names), counters


def policies_are_the_specs():
    """What the kernel takes, operation by operation, is what the specification says."""
    nl = family()
    assert {"info-get", "connection-set", "config-set"} <= set(nl.ops)
    for name, op in nl.ops.items():
        for mode in ("do", "dump"):
            told = op.yaml.get(mode)
            if told is None:
                continue
            policy = nl.get_policy(name, mode)
            takes = set(policy.keys()) if policy else set()
            assert takes == set((told.get("request") or {}).get("attributes", [])), (name, mode, takes)
    for name in ("rule", "path", "migration"):
        nested = nl.get_policy("config-set", "do")[name]
        assert set(nested.keys()) == set(nl.attr_sets["config-" + name].attrs), nested
        assert nested["priority"].max_value == 2147483647


def same_in_the_documentation():
    """Every knob and every counter is in the reference, with its range and its words."""
    with open(TOP + "/Documentation/sysctl.md", encoding="utf-8") as file:
        text = file.read()
    nl = family()
    for knob in nl.dump("knob-get", {}):
        assert f"net.heddle.{knob['name']} " in text, knob
        assert knob["help"] in text, knob
        assert f"Default: `{knob['default']}`" in text, knob
        if knob["type"] == "number":
            assert f"{knob['min-value']} to {knob['max-value']}" in text, knob
        for word in knob.get("word", []):
            assert f"`{word}`" in text, knob
    with open(TOP + "/Documentation/counters.md", encoding="utf-8") as file:
        text = file.read()
    for counter in nl.dump("counter-get", {}):
        assert f"| {counter['name']} | {counter['help']} |" in text, counter


# --- knobs -------------------------------------------------------------------


def knobs_are_sysctls():
    nl = family()
    before = nl.do("info-get", {})["generation"]
    nl.do("knob-set", {"name": "sched.burst", "value": "1400"})
    assert sysctl("sched.burst") == "1400"
    assert sysctl("sched.burst", "1048576\n") == "1048576"
    assert nl.do("knob-get", {"name": "sched.burst"})["value"] == "1048576"
    assert sysctl("sched.default", "default") == "default"
    assert nl.do("info-get", {})["generation"] == before + 3
    for name, value in [
        ("sched.burst", "1399"), ("sched.burst", "1048577"), ("sched.burst", ""), ("sched.burst", "-1"),
        ("sched.burst", "1400x"), ("sched.burst", "9" * 70), ("sched.default", "nonesuch"),
        ("sched.default", "heddle"), ("rules_max", "4097"), ("paths_max", "1025"),
        ("migrations_max", "1025"), ("migrate.settings_guard", "on"), ("migrate.settings_guard", "1"),
        ("migrate.policy", "oldest"), ("migrate.policy", "newest,"), ("migrate.policy", "newest newest"),
        ("migrate.policy", "hash,newest"), ("migrate.policy", "newest,newest"), ("migrate.respect_backlog", "2"),
        ("migrate.policy", "newest,shortest,label,same_cpu,same_node"),
    ]:
        old = sysctl(name)
        try:
            sysctl(name, value + "\n")
        except OSError as error:
            assert error.errno == errno.EINVAL, error
        else:
            raise AssertionError(f"{name} takes {value!r}")
        assert sysctl(name) == old
    refused(errno.EINVAL, "above the highest", nl.do, "knob-set", {"name": "rules_max", "value": "4097"})
    refused(errno.ENOENT, "no knob of that name", nl.do, "knob-set", {"name": "none", "value": "1"})
    refused(errno.EINVAL, "value", nl.do, "knob-set", {"name": "rules_max"})
    refused(errno.EINVAL, "no scheduler of that name", nl.do, "knob-set", {"name": "sched.default", "value": "x"})
    assert nl.do("info-get", {})["generation"] == before + 3
    for name, value, words in [
        ("migrate.policy", "x", "no policy of that name"), ("migrate.policy", "hash,newest", "nothing is left to decide"),
        ("migrate.policy", "label,label", "twice"), ("migrate.settings_guard", "x", "none of the words"),
    ]:
        refused(errno.EINVAL, words, nl.do, "knob-set", {"name": name, "value": value})
    # The longest list there is, and white space.
    for value in ["other_cgroup,same_cgroup,same_node,shortest", "off", " newest ,\tshortest\n"]:
        assert sysctl("migrate.policy", value) == value.replace(" ", "").replace("\t", "").strip()
    nl.do("knob-set", {"name": "migrate.settings_guard", "value": "enforce"})
    assert sysctl("migrate.settings_guard") == "enforce"
    nl.do("config-set", {})
    assert (sysctl("sched.burst"), sysctl("sched.default")) == ("65428", "minrtt")
    assert (sysctl("migrate.policy"), sysctl("migrate.settings_guard")) == ("off", "off")


# --- rules -------------------------------------------------------------------


def rules_are_kept():
    nl = family()
    everything = rule(
        priority=7, local_addr="10.0.1.0", local_prefix=24, local_port_min=1, local_port_max=65535,
        remote_addr="2001:db8::", remote_prefix=32, remote_port_min=443, remote_port_max=443,
        uid=1000, cgroup=1 << 40, mark=0x12, mark_mask=0xFF, scheduler="minrtt",
        setting=[setting(name, value) for name, value in (
            ("mesh", "ndiffports"), ("ndiffports", "16"), ("after_kib", "1073741824"), ("after_ms", "86400000"),
            ("retry_ms", "3600000"), ("retry_max_ms", "86400000"), ("remember", "1"), ("disjoint", "1"),
            ("demote_rtt_ms", "60000"), ("demote_loss", "1000"), ("demote_for_ms", "600000"), ("capped", "close"))])
    assert nl.do("rule-add", everything) == {"priority": 7}
    assert nl.dump("rule-get", {}) == [everything | {"hits": 0}]
    assert nl.do("rule-add", rule(scheduler="default")) == {"priority": 17}
    assert nl.do("rule-add", rule(scheduler="default", priority=9)) == {"priority": 9}
    refused(errno.EEXIST, "replace takes its place", nl.do, "rule-add", rule(scheduler="default", priority=9))
    nl.do("rule-add", rule(scheduler="minrtt", priority=9, replace=True))
    assert [(it["priority"], it["scheduler"]) for it in nl.dump("rule-get", {})] == [
        (7, "minrtt"), (9, "minrtt"), (17, "default")]
    # Settings need no scheduler.
    alone = rule(setting=[setting("retry_ms", "0")], priority=9)
    nl.do("rule-add", alone | {"replace": True})
    assert nl.dump("rule-get", {})[1] == alone | {"hits": 0}
    nl.do("rule-del", {"priority": 9})
    refused(errno.ENOENT, "no rule of this priority", nl.do, "rule-del", {"priority": 9})
    for words, attributes in [
        ("scheduler", rule(priority=1)),
        ("above the highest", rule(setting=[setting("ndiffports", "17")])),
        ("below the lowest", rule(setting=[setting("demote_for_ms", "9")])),
        ("none of the words", rule(setting=[setting("mesh", "full")])),
        ("cannot be set here", rule(setting=[setting("cap_period_s", "5")])),
        ("there twice", rule(setting=[setting("retry_ms", "5"), setting("mesh", "fullmesh"), setting("retry_ms", "5")])),
        ("no knob of that name", rule(setting=[setting("nothing", "5")])),
        ("required", rule(setting=[{"name": "pm.retry_ms"}])),
        ("no scheduler of that name", rule(scheduler="x")),
        ("prefix", rule(scheduler="minrtt", remote_addr="10.0.0.0")),
        ("address it belongs to", rule(scheduler="minrtt", remote_prefix=8)),
        ("bits beyond the prefix", rule(scheduler="minrtt", remote_addr="10.1.0.0", remote_prefix=8)),
        ("longer than the address", rule(scheduler="minrtt", local_addr="10.0.0.0", local_prefix=33)),
        ("lowest one of its range", rule(scheduler="minrtt", local_port_max=8)),
        ("above the highest", rule(scheduler="minrtt", remote_port_min=9, remote_port_max=8)),
        ("mark it belongs to", rule(scheduler="minrtt", mark_mask=8)),
        ("outside its mask", rule(scheduler="minrtt", mark=16, mark_mask=8)),
        ("mask of the mark is 0", rule(scheduler="minrtt", mark=0, mark_mask=0)),
        ("no such user", rule(scheduler="minrtt", uid=0xFFFFFFFF)),
    ]:
        number = errno.ENOENT if "of that name" in words else errno.EEXIST if "twice" in words else errno.EINVAL
        refused(number, words, nl.do, "rule-add", attributes)
    assert len(nl.dump("rule-get", {})) == 2
    nl.do("rule-add", rule(scheduler="minrtt", priority=2147483647))
    refused(errno.ERANGE, "no priority left", nl.do, "rule-add", rule(scheduler="minrtt"))
    nl.do("rule-flush", {})
    assert nl.dump("rule-get", {}) == []
    nl.do("knob-set", {"name": "rules_max", "value": "2"})
    nl.do("rule-add", rule(scheduler="minrtt"))
    nl.do("rule-add", rule(scheduler="minrtt"))
    refused(errno.ENOSPC, "rules_max", nl.do, "rule-add", rule(scheduler="minrtt"))
    nl.do("config-set", {})


# --- paths -------------------------------------------------------------------


def paths_are_kept():
    nl = family()
    everything = path(
        priority=7, interface="client1", local_addr="10.0.1.0", local_prefix=24, remote_addr="2001:db8::",
        remote_prefix=32, weight=1000, cost=255, cap=5 << 40,
        setting=[setting(name, value) for name, value in (
            ("after_kib", "1"), ("after_ms", "2"), ("retry_ms", "3"), ("retry_max_ms", "4"), ("demote_rtt_ms", "5"),
            ("demote_loss", "6"), ("demote_for_ms", "10"), ("capped", "demote"))])
    assert nl.do("path-add", everything) == {"priority": 7}
    assert nl.dump("path-get", {}) == [everything | {"used": 0}]
    assert nl.do("info-get", {})["paths"] == 1
    assert nl.do("path-add", {}) == {"priority": 17}
    assert nl.dump("path-get", {})[1] == path(priority=17, weight=1, cost=0, used=0)
    # No cap, in every way to say so.
    for cap in (0, (1 << 64) - 1):
        nl.do("path-add", path(priority=9, cap=cap, replace=True))
        assert nl.dump("path-get", {})[1] == path(priority=9, weight=1, cost=0, used=0)
    refused(errno.EEXIST, "there is a path of this priority: replace", nl.do, "path-add", path(priority=9))
    nl.do("path-add", path(priority=9, weight=0, replace=True))
    assert [(it["priority"], it["weight"]) for it in nl.dump("path-get", {})] == [(7, 1000), (9, 0), (17, 1)]
    # What was used before is used, whatever is said later; nothing of it is configuration.
    nl.do("path-add", path(priority=9, used=7, replace=True))
    nl.do("path-add", path(priority=9, used=5, replace=True))
    nl.do("path-add", path(priority=8))
    nl.do("path-del", {"priority": 8})
    assert nl.dump("path-get", {})[1]["used"] == 7
    nl.do("path-reset", {"priority": 9})
    nl.do("path-add", path(priority=8))
    nl.do("path-del", {"priority": 8})
    assert nl.dump("path-get", {})[1]["used"] == 0, "an old use came back"
    nl.do("path-add", path(priority=9, weight=0, replace=True))
    generation = nl.do("info-get", {})["generation"]
    nl.do("path-reset", {})
    nl.do("path-reset", {"priority": 9})
    assert nl.do("info-get", {})["generation"] == generation, "a reset is no change of the configuration"
    refused(errno.ENOENT, "no path of this priority", nl.do, "path-reset", {"priority": 8})
    nl.do("path-del", {"priority": 9})
    refused(errno.ENOENT, "no path of this priority", nl.do, "path-del", {"priority": 9})
    assert nl.do("info-get", {})["generation"] == generation + 1
    for number, words, attributes in [
        (errno.EINVAL, "1 to 15 bytes", path(interface="")),
        (errno.EINVAL, "interface", path(interface="sixteen_letters_")),
        (errno.EINVAL, "no interface can have this name", path(interface="eth0:1")),
        (errno.EINVAL, "no interface can have this name", path(interface="..")),
        (errno.EINVAL, "required", path(remote_addr="10.0.0.0")),
        (errno.EINVAL, "address it belongs to", path(local_prefix=8)),
        (errno.EINVAL, "bits beyond the prefix", path(remote_addr="10.1.0.0", remote_prefix=8)),
        (errno.EINVAL, "longer than the address", path(local_addr="10.0.0.0", local_prefix=33)),
        (errno.EINVAL, "cannot be set here", path(setting=[setting("mesh", "fullmesh")])),
        (errno.EINVAL, "none of the words", path(setting=[setting("capped", "open")])),
        (errno.EEXIST, "there twice", path(setting=[setting("retry_ms", "1")] * 2)),
        (errno.ERANGE, "weight", path(weight=1001)),
        (errno.ERANGE, "cost", path(cost=256)),
        (errno.ERANGE, "priority", path(priority=1 << 31)),
    ]:
        refused(number, words, nl.do, "path-add", attributes)
    nl.do("path-add", path(priority=2147483647))
    refused(errno.ERANGE, "no priority left", nl.do, "path-add", {})
    nl.do("path-flush", {})
    assert nl.dump("path-get", {}) == []
    nl.do("knob-set", {"name": "paths_max", "value": "2"})
    nl.do("path-add", {})
    nl.do("path-add", {})
    refused(errno.ENOSPC, "paths_max", nl.do, "path-add", {})
    nl.do("config-set", {})
    assert nl.dump("path-get", {}) == []


# --- migrations --------------------------------------------------------------


def migrations_are_kept():
    nl = family()
    everything = migration(
        priority=7, cookie=1 << 40, local_addr="10.0.0.0", local_prefix=8, local_port_min=1000, local_port_max=2000,
        policy="other_cgroup,same_cgroup,same_node,shortest")
    assert nl.do("migration-add", everything) == {"priority": 7}
    assert nl.dump("migration-get", {}) == [everything | {"hits": 0}]
    assert nl.do("info-get", {})["migrations"] == 1
    assert nl.do("migration-add", migration(local_addr="::", local_prefix=0, local_port_min=443, policy="refuse")) == {
        "priority": 17}
    assert nl.dump("migration-get", {})[1] == migration(
        priority=17, local_addr="::", local_prefix=0, local_port_min=443, local_port_max=443, policy="refuse", hits=0)
    one = migration(priority=9, policy=" newest , hash ")
    assert nl.do("migration-add", one) == {"priority": 9}
    refused(errno.EEXIST, "there is a migration of this priority: replace", nl.do, "migration-add", one)
    nl.do("migration-add", migration(priority=9, policy="off", replace=True))
    assert [(it["priority"], it["policy"]) for it in nl.dump("migration-get", {})] == [
        (7, everything["policy"]), (9, "off"), (17, "refuse")]
    nl.do("migration-del", {"priority": 9})
    refused(errno.ENOENT, "no migration of this priority", nl.do, "migration-del", {"priority": 9})
    before = nl.dump("migration-get", {})
    for number, words, attributes in [
        (errno.EINVAL, "required", {}),
        (errno.EINVAL, "no policy of that name", migration(policy="")),
        (errno.EINVAL, "no policy of that name", migration(policy="newest,")),
        (errno.EINVAL, "twice", migration(policy="newest,newest")),
        (errno.EINVAL, "4 policies", migration(policy="newest,shortest,label,same_cpu,same_node")),
        (errno.EINVAL, "nothing is left to decide", migration(policy="refuse,newest")),
        (errno.EINVAL, "policy", migration(policy="x" * 64)),
        (errno.EINVAL, "required", migration(policy="hash", local_addr="10.0.0.0")),
        (errno.EINVAL, "address it belongs to", migration(policy="hash", local_prefix=8)),
        (errno.EINVAL, "bits beyond the prefix", migration(policy="hash", local_addr="10.1.0.0", local_prefix=8)),
        (errno.EINVAL, "lowest one of its range", migration(policy="hash", local_port_max=80)),
        (errno.EINVAL, "above the highest", migration(policy="hash", local_port_min=81, local_port_max=80)),
        (errno.ERANGE, "priority", migration(policy="hash", priority=1 << 31)),
    ]:
        refused(number, words, nl.do, "migration-add", attributes)
        assert nl.dump("migration-get", {}) == before, words
    nl.do("migration-add", migration(policy="hash", priority=2147483647))
    refused(errno.ERANGE, "no priority left", nl.do, "migration-add", migration(policy="hash"))
    nl.do("migration-flush", {})
    assert nl.dump("migration-get", {}) == []
    nl.do("knob-set", {"name": "migrations_max", "value": "1"})
    nl.do("migration-add", migration(policy="hash"))
    refused(errno.ENOSPC, "migrations_max", nl.do, "migration-add", migration(policy="hash"))
    nl.do("config-set", {})
    assert nl.dump("migration-get", {}) == []


def config_is_all_or_nothing():
    nl = family()
    good = {
        "knob": [{"name": "sched.default", "value": "default"}],
        "rule": [rule(priority=1, scheduler="minrtt"), rule(priority=2, scheduler="default"),
                 rule(priority=9, setting=[setting("mesh", "fullmesh"), setting("after_ms", "7")])],
        "path": [path(priority=1, interface="client1", cap=1000), path(priority=3, weight=2, setting=[setting("retry_ms", "7")])],
        "migration": [migration(priority=4, cookie=17, policy="newest"), migration(priority=5, policy="hash")],
    }
    generation = nl.do("config-set", good)["generation"]
    assert nl.do("info-get", {})["generation"] == generation

    def state():
        return [nl.dump(it, {}) for it in ("knob-get", "rule-get", "path-get", "migration-get")]

    before = state()
    assert [it["priority"] for it in before[1]] == [1, 2, 9]
    assert [it["priority"] for it in before[2]] == [1, 3]
    assert [it["priority"] for it in before[3]] == [4, 5]
    one = rule(priority=1, scheduler="minrtt")
    way = path(priority=1)
    heir = migration(priority=1, policy="newest")
    for number, words, config in [
        (errno.ESTALE, "changed meanwhile", {"generation": generation - 1}),
        (errno.EINVAL, "ascending", {"rule": [one, one]}),
        (errno.EINVAL, "ascending", {"rule": [rule(priority=2, scheduler="default"), one]}),
        (errno.EINVAL, "required", {"rule": [one, rule(scheduler="minrtt")]}),
        (errno.ENOENT, "no scheduler of that name", {"rule": [one, rule(priority=2, scheduler="x")]}),
        (errno.EINVAL, "below the lowest", {"knob": [{"name": "sched.burst", "value": "1"}], "rule": [one]}),
        (errno.EEXIST, "twice", {"knob": [{"name": "rules_max", "value": "1"}] * 2}),
        (errno.ENOSPC, "rules_max", {"knob": [{"name": "rules_max", "value": "0"}], "rule": [one]}),
        (errno.EINVAL, "paths do not come by ascending", {"rule": [one], "path": [way, way]}),
        (errno.EINVAL, "required", {"rule": [one], "path": [way, path(weight=1)]}),
        (errno.EINVAL, "no interface can", {"rule": [one], "path": [path(priority=1, interface="a/b")]}),
        (errno.ERANGE, "weight", {"rule": [one], "path": [path(priority=1, weight=1001)]}),
        (errno.ENOSPC, "paths_max", {"knob": [{"name": "paths_max", "value": "0"}], "path": [way]}),
        (errno.EINVAL, "migrations do not come by ascending", {"path": [way], "migration": [heir, heir]}),
        (errno.EINVAL, "required", {"path": [way], "migration": [heir, migration(policy="hash")]}),
        (errno.EINVAL, "required", {"path": [way], "migration": [migration(priority=1)]}),
        (errno.EINVAL, "no policy of that name", {"path": [way], "migration": [migration(priority=1, policy="x")]}),
        (errno.ENOSPC, "migrations_max", {"knob": [{"name": "migrations_max", "value": "0"}], "migration": [heir]}),
    ]:
        refused(number, words, nl.do, "config-set", config)
        assert state() == before and nl.do("info-get", {})["generation"] == generation, words
    # Nests in nests: ynl.py cannot say which attribute it was that the kernel refused.
    for config in [
        {"rule": [rule(priority=2, setting=[setting("cap_period_s", "5")])]},
        {"rule": [one], "path": [path(priority=2, setting=[setting("after_ms", "5")] * 2)]},
    ]:
        try:
            nl.do("config-set", config)
        except (NlError, YnlException):
            pass
        else:
            raise AssertionError(f"not refused: {config}")
        assert state() == before and nl.do("info-get", {})["generation"] == generation, config
    assert nl.do("config-set", {"generation": generation}) == {"generation": generation + 1}
    assert nl.dump("rule-get", {}) == nl.dump("path-get", {}) == nl.dump("migration-get", {}) == []


# --- connections -------------------------------------------------------------


def connect(port=5001, address="10.0.1.2", prepare=None):
    """A connection to a server of traffic.py, on which nothing was sent yet."""
    sock = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_STREAM, IPPROTO_MPTCP)
    if prepare:
        prepare(sock)
    sock.connect((address, int(port)))
    return sock


def fetch(sock, size):
    sock.sendall(f"{size} 0\n".encode())
    receive(sock, size)


def mine(nl, sock):
    """The connection of a socket, found by its port."""
    port = sock.getsockname()[1]
    [found] = [it for it in nl.dump("connection-get", {}) if it["local-port"] == port]
    assert found["token"] == nl.do("connection-get", {"token": found["token"]})["token"]
    return found


def shows_connections():
    nl = family()
    with connect() as sock:
        assert mine(nl, sock)["chosen-by"] == "undecided"
        request = b"1048576 1048576\n"
        sock.sendall(request)
        deadline = time.monotonic() + 20
        while len((it := mine(nl, sock))["subflow"]) < 2:
            assert time.monotonic() < deadline, it
        assert it["state"] == 1, it
        send(sock, 1 << 20)
        receive(sock, 1 << 20)
        it = mine(nl, sock)
        assert (it["scheduler"], it["chosen-by"]) == ("minrtt", "default"), it
        assert (str(it["local-addr"]), str(it["remote-addr"]), it["remote-port"]) == ("10.0.1.1", "10.0.1.2", 5001), it
        assert it["uid"] == 0 and it["inode"] == os.fstat(sock.fileno()).st_ino, it
        assert it["bytes-received"] == 1 << 20 and it["unsent"] == 0, it
        assert it["bytes-sent"] == (1 << 20) + len(request), it
        assert {str(sub["remote-addr"]) for sub in it["subflow"]} == {"10.0.1.2", "10.0.2.2"}, it
        first = it["subflow"][0]
        assert first["id"] == 1 and first["state"] in (1, 8) and 5000 < first["srtt"] < 2000000, first
        assert first["cwnd"] > 1 and first["mss"] > 1000 and "backup" not in first, first
        assert sum(sub["bytes-received"] for sub in it["subflow"]) >= 1 << 20, it
        assert nl.do("info-get", {})["connections"] >= 1
    refused(errno.ENOENT, "this token", nl.do, "connection-get", {"token": 1})
    refused(errno.EINVAL, "token", nl.do, "connection-get", {})


COUNTS = {"grants", "granted-bytes", "redundant-bytes", "reinjected-bytes", "rtx-choices", "weight", "cost"}
WAITS = {"waits-" + it for it in ("no-subflow", "full", "faster", "blocking", "cheaper")}


def given(it):
    """What the counts of a connection's subflows come to, and how often nothing was sent."""
    counts = [sub for sub in it["subflow"] if "grants" in sub]
    assert counts and all(COUNTS <= set(sub) for sub in counts), it
    sums = {name: sum(sub[name] for sub in counts) for name in COUNTS}
    return sums, sum(it[name] for name in WAITS)


def uncounted(it):
    return not WAITS & set(it) and not any(COUNTS & set(sub) for sub in it["subflow"])


def counts_what_was_given():
    """The bytes that subflows were given are those that were sent, whoever chose; and why nothing was."""
    nl = family()
    nl.do("path-add", path(priority=1, interface="c1", weight=3, cost=2))
    size = 3 << 20
    request = f"1000 {size}\n".encode()

    def upload(sock):
        sock.sendall(request)
        deadline = time.monotonic() + 20
        while len((it := mine(nl, sock))["subflow"]) < 2:
            assert time.monotonic() < deadline, it
        send(sock, size)
        receive(sock, 1000)
        return mine(nl, sock)

    for scheduler in ("heddle", "weighted", "redundant"):
        with connect(prepare=lambda sock: sock.setsockopt(284, 5, scheduler.encode())) as sock:
            assert scheduler != "heddle" or uncounted(mine(nl, sock)), "nobody was chosen yet"
            it = upload(sock)
            sums, waits = given(it)
            print(scheduler, sums, {name: it[name] for name in WAITS})
            assert sums["granted-bytes"] == it["bytes-sent"] == size + len(request), (scheduler, it)
            # No burst is longer.
            assert sums["grants"] >= size / 65428 and waits > 0, (scheduler, it)
            assert (sums["redundant-bytes"] > 0) == (scheduler == "redundant"), (scheduler, it)
            paths = {str(sub["local-addr"]): (sub["weight"], sub["cost"]) for sub in it["subflow"] if "weight" in sub}
            assert paths == {"10.0.1.1": (3, 2), "10.0.2.1": (1, 0)}, it
            # They begin anew with another scheduler, and the kernel's own counts nothing.
            nl.do("connection-set", {"token": it["token"], "scheduler": "minrtt"})
            it = mine(nl, sock)
            assert not any(it[name] for name in WAITS), it
            assert not any(sub.get("granted-bytes") for sub in it["subflow"]), it
            nl.do("connection-set", {"token": it["token"], "scheduler": "default"})
            assert uncounted(mine(nl, sock)), scheduler
    nl.do("config-set", {})


def rules_choose(cgroup):
    """Each condition once with a rule that holds, and once with one that does not."""
    nl = family()
    os.makedirs(cgroup, exist_ok=True)
    number = os.stat(cgroup).st_ino
    with open(cgroup + "/cgroup.procs", "w", encoding="ascii") as file:
        file.write(str(os.getpid()))

    def mark(sock):
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_MARK, 0x3412)

    for holds, misses in [
        (rule(), None),
        (rule(remote_addr="10.0.1.0", remote_prefix=24), rule(remote_addr="10.0.2.0", remote_prefix=24)),
        (rule(local_addr="10.0.1.1", local_prefix=32), rule(local_addr="::", local_prefix=0)),
        (rule(remote_port_min=5000, remote_port_max=5001), rule(remote_port_min=5002)),
        (rule(local_port_min=1024, local_port_max=65535), rule(local_port_min=1, local_port_max=1023)),
        (rule(uid=0), rule(uid=1)),
        (rule(mark=0x12, mark_mask=0xFF), rule(mark=0x12)),
        (rule(cgroup=number), rule(cgroup=number + 1000000)),
        (rule(cgroup=os.stat(os.path.dirname(cgroup)).st_ino), None),
    ]:
        rules = [holds | rule(priority=20, scheduler="default")]
        if misses is not None:
            rules.insert(0, misses | rule(priority=10, scheduler="minrtt"))
        nl.do("config-set", {"rule": rules})
        with connect(prepare=mark) as sock:
            fetch(sock, 1000)
            it = mine(nl, sock)
            assert (it["scheduler"], it["chosen-by"], it["rule"]) == ("default", "rule", 20), (holds, it)
            assert it["mark"] == 0x3412
        hits = {it["priority"]: it["hits"] for it in nl.dump("rule-get", {})}
        assert hits[20] == 1 and hits.get(10, 0) == 0, (holds, hits)
    # An IPv4 rule holds for a mapped address.
    nl.do("config-set", {"rule": [rule(priority=1, remote_addr="10.0.1.2", remote_prefix=32, scheduler="default")]})
    with connect(address="::ffff:10.0.1.2") as sock:
        fetch(sock, 1000)
        assert mine(nl, sock)["chosen-by"] == "rule"
    nl.do("config-set", {})


def changes_live(number):
    """From one scheduler to another, in the middle of a transfer whose every byte the server checks."""
    nl = family()
    names = ["default", "minrtt", "heddle"]
    number = int(number)
    with connect() as sock:
        token = mine(nl, sock)["token"]

        def change(i):
            nl.do("connection-set", {"token": token, "scheduler": names[i % 3]})

        # As long as the changes will take, and more: they are slower next to a transfer.
        begin = time.monotonic()
        for i in range(20):
            change(i)
        rate = 400000
        size = int(rate * (3 + 2.5 * number * (time.monotonic() - begin) / 20))
        sock.sendall(f"100000 {size}\n".encode())
        errors = []

        def write():
            try:
                send(sock, size, rate)
            except Exception as error:  # pylint: disable=broad-except
                errors.append(error)

        writer = threading.Thread(target=write)
        writer.start()
        seen = set()
        for i in range(number):
            change(i)
            # Each of the three names.
            if i % 10 < 3:
                it = nl.do("connection-get", {"token": token})
                seen.add((it["scheduler"], it["chosen-by"]))
        # And what "heddle" chose in the end, which it does with the next data.
        nl.do("connection-set", {"token": token, "scheduler": "heddle"})
        while (it := nl.do("connection-get", {"token": token}))["chosen-by"] == "undecided" and writer.is_alive():
            time.sleep(0.05)
        at_work = writer.is_alive()
        refused(errno.ENOENT, "no scheduler of that name",
                nl.do, "connection-set", {"token": token, "scheduler": "nonesuch"})
        # The server answers only what it has checked.
        writer.join()
        receive(sock, 100000)
        print(f"{size} bytes")
        assert not errors, errors
        assert at_work, "the transfer ended before the changes did: it was too short"
        assert seen >= {("default", "system"), ("minrtt", "system")}, seen
        assert (it["scheduler"], it["chosen-by"]) == ("minrtt", "default"), it


def socket_choice():
    """What a program chose is seen, and what was chosen for it is seen by the program."""
    nl = family()
    with connect(prepare=lambda sock: sock.setsockopt(284, 5, b"minrtt")) as sock:
        fetch(sock, 1000)
        it = mine(nl, sock)
        assert (it["scheduler"], it["chosen-by"]) == ("minrtt", "system"), it
        nl.do("connection-set", {"token": it["token"], "scheduler": "heddle"})
        assert sock.getsockopt(284, 5, 16).rstrip(b"\0") == b"heddle"


# --- events ------------------------------------------------------------------


def events():
    listener = family()
    listener.ntf_subscribe("events")
    nl = family()
    with connect() as sock:
        fetch(sock, 2 << 20)
        it = mine(nl, sock)
        nl.do("connection-set", {"token": it["token"], "scheduler": "minrtt"})
    nl.do("knob-set", {"name": "rules_max", "value": "7"})
    nl.do("config-set", {})
    got = []
    for event in listener.poll_ntf(duration=8):
        got.append(event)
        if [it["name"] for it in got].count("config-changed") == 2 and "connection-closed" in [it["name"] for it in got]:
            break
    names = [it["name"] for it in got]
    for name in ("connection-created", "connection-established", "subflow-established", "scheduler-changed",
                 "connection-closed", "config-changed"):
        assert name in names, names
    sequence = [it["msg"]["sequence"] for it in got]
    assert sequence == list(range(sequence[0], sequence[0] + len(got))), sequence
    created = got[names.index("connection-created")]["msg"]["connection"]
    assert created["token"] == it["token"] and created["remote-port"] == 5001, created
    joined = got[names.index("subflow-established")]["msg"]
    assert joined["connection"]["token"] == it["token"] and str(joined["subflow"]["remote-addr"]) == "10.0.2.2", joined
    changed = got[names.index("scheduler-changed")]["msg"]["connection"]
    assert changed["scheduler"] == "minrtt", changed


def slow_reader():
    """Who reads too slowly is told so, and sees from the numbers how much was lost."""
    listener = family()
    listener.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    listener.ntf_subscribe("events")
    nl = family()
    number = 300
    for i in range(number):
        nl.do("knob-set", {"name": "rules_max", "value": str(i)})
    got, overruns = [], 0
    while True:
        try:
            for event in listener.poll_ntf(duration=1):
                got.append(event["msg"]["sequence"])
            break
        except OSError as error:
            assert error.errno == errno.ENOBUFS, error
            overruns += 1
    assert overruns == 1 and 0 < len(got) < number, (overruns, len(got))
    nl.do("knob-set", {"name": "rules_max", "value": "1"})
    last = next(iter(listener.poll_ntf(duration=5)))["msg"]["sequence"]
    assert last - got[0] == number, (got[0], last)
    nl.do("config-set", {})


# --- who may -----------------------------------------------------------------


def reads_only():
    """Without privilege: everything can be read, nothing changed."""
    nl = family()
    for name in ("connection-get", "scheduler-get", "knob-get", "rule-get", "path-get", "migration-get", "counter-get"):
        nl.dump(name, {})
    nl.do("info-get", {})
    for name, request in [
        ("knob-set", {"name": "rules_max", "value": "1"}), ("rule-add", {"scheduler": "minrtt"}),
        ("rule-del", {"priority": 1}), ("rule-flush", {}), ("counter-reset", {}), ("config-set", {}),
        ("connection-set", {"token": 1, "scheduler": "minrtt"}), ("path-add", {}), ("path-del", {"priority": 1}),
        ("path-flush", {}), ("path-reset", {}), ("migration-add", {"policy": "hash"}),
        ("migration-del", {"priority": 1}), ("migration-flush", {}),
    ]:
        refused(errno.EPERM, "", nl.do, name, request)
    try:
        sysctl("rules_max", "1")
    except PermissionError:
        pass
    else:
        raise AssertionError("sysctl can be written")


def owns_its_own():
    """The owner of a user namespace changes its network namespace, and no user it does not have."""
    nl = family()
    nl.do("knob-set", {"name": "rules_max", "value": "3"})
    assert sysctl("rules_max", "4") == "4"
    nl.do("rule-add", rule(scheduler="minrtt", uid=0))
    assert nl.dump("rule-get", {})[0]["uid"] == 0
    refused(errno.EINVAL, "no such user", nl.do, "rule-add", rule(scheduler="minrtt", uid=12345))
    nl.do("path-add", path(interface="lo", weight=2))
    assert nl.dump("path-get", {})[0]["interface"] == "lo"
    nl.do("path-reset", {})
    nl.do("migration-add", migration(policy="refuse"))
    assert nl.dump("migration-get", {})[0]["policy"] == "refuse"
    nl.do("config-set", {})


def is_untouched():
    """As in a new namespace."""
    nl = family()
    assert nl.dump("rule-get", {}) == nl.dump("path-get", {}) == nl.dump("migration-get", {}) == []
    assert all(it["value"] == it["default"] for it in nl.dump("knob-get", {}))


def counters_reset():
    nl = family()
    values = {it["name"]: it["value"] for it in nl.dump("counter-get", {})}
    assert values["MinRttOpened"] > 0 and values["ConfigChanges"] > 0, values
    nl.do("counter-reset", {})
    values = {it["name"]: it["value"] for it in nl.dump("counter-get", {})}
    assert not any(values.values()), values


# --- under load --------------------------------------------------------------


def many_configs(rules, times):
    """A large configuration, again and again, while connections come and go."""
    nl = family()
    config = {
        "rule": [
            rule(priority=i, remote_addr=f"10.{i >> 8 & 255}.{i & 255}.0", remote_prefix=24,
                 remote_port_min=i, scheduler=("minrtt", "default")[i & 1])
            for i in range(int(rules))
        ]
    }
    before = nl.do("info-get", {})["generation"]
    request = encoded(nl, "config-set", config)
    begin = time.monotonic()
    for _ in range(int(times)):
        answer(nl, request)
    assert nl.do("info-get", {})["generation"] == before + int(times)
    assert len(nl.dump("rule-get", {})) == int(rules)
    nl.do("config-set", {})
    print(f"{time.monotonic() - begin:.1f} s")


def encoded(nl, name, request):
    """A message as ynl would send it, to be sent many times."""
    # pylint: disable=protected-access
    return nl._encode_message(nl.ops[name], request, [], 1)


def answer(nl, message):
    """Send a message; the error number that it is answered with, 0 for none."""
    nl.sock.send(message)
    while True:
        data = nl.sock.recv(1 << 17)
        offset = 0
        while offset < len(data):
            length, kind = struct.unpack_from("=IH", data, offset)
            if kind == 2:  # NLMSG_ERROR
                return -struct.unpack_from("=i", data, offset + 16)[0]
            if kind == 3:  # NLMSG_DONE
                return 0
            offset += (length + 3) & ~3


def random_messages(number):
    """Random and mutated messages are answered with an error or carried out; no more, no less."""
    nl = family()
    dice = random.Random(int(time.time()))
    seeds = [
        ("info-get", {}), ("connection-get", {"token": 5}), ("scheduler-get", {}),
        ("connection-set", {"token": 5, "scheduler": "minrtt"}),
        ("knob-get", {"name": "sched.burst"}), ("knob-set", {"name": "sched.burst", "value": "20000"}),
        ("rule-get", {}), ("rule-del", {"priority": 10}), ("rule-flush", {}), ("counter-get", {}), ("counter-reset", {}),
        ("rule-add", rule(remote_addr="10.0.0.0", remote_prefix=8, local_addr="::", local_prefix=0, uid=0, mark=1,
                          mark_mask=3, cgroup=5, remote_port_min=1, remote_port_max=2, scheduler="minrtt")),
        ("config-set", {"knob": [{"name": "rules_max", "value": "9"}, {"name": "sched.burst", "value": "20000"}],
                        "rule": [rule(priority=1, scheduler="minrtt"), rule(priority=2, scheduler="default")],
                        "path": [path(priority=1, interface="eth0", cap=1 << 40), path(priority=2, weight=5)],
                        "migration": [migration(priority=1, cookie=9, policy="newest,shortest"),
                                      migration(priority=2, local_port_min=80, policy="refuse")]}),
        ("path-get", {}), ("path-del", {"priority": 10}), ("path-flush", {}), ("path-reset", {}),
        ("path-reset", {"priority": 10}),
        ("path-add", path(interface="eth0", local_addr="10.0.0.0", local_prefix=8, remote_addr="::", remote_prefix=0,
                          weight=3, cost=9, cap=1 << 33)),
        ("migration-get", {}), ("migration-del", {"priority": 10}), ("migration-flush", {}),
        ("migration-add", migration(cookie=1, local_addr="10.0.0.0", local_prefix=8, local_port_min=1,
                                    local_port_max=9, policy="label,hash")),
    ]
    seeds = [bytearray(encoded(nl, name, request)) for name, request in seeds]
    answers = {}
    nl.sock.settimeout(20)
    for _ in range(int(number)):
        message = bytearray(dice.choice(seeds))
        for _ in range(dice.choice((0, 1, 1, 2, 4, 8))):
            what = dice.random()
            at = dice.randrange(16, len(message)) if len(message) > 16 else 16
            if what < 0.5 and at < len(message):
                message[at] = dice.choice((0, 1, 4, 255, dice.randrange(256), message[at] ^ (1 << dice.randrange(8))))
            elif what < 0.7:
                del message[at : at + dice.randrange(1, 9)]
            elif what < 0.9:
                message[at:at] = dice.randbytes(dice.randrange(1, 9))
            elif len(message) > 20:
                message[20:] = dice.randbytes(dice.randrange(200))
        message = message.ljust(20, b"\0")
        # Length, flags (a dump now and then), the family stays.
        flags = 5 | (0x300 if dice.random() < 0.15 else 0) | (0x100 if dice.random() < 0.1 else 0)
        struct.pack_into("=I", message, 0, len(message))
        struct.pack_into("=H", message, 6, flags)
        result = answer(nl, message)
        answers[result] = answers.get(result, 0) + 1
    print({errno.errorcode.get(it, it): count for it, count in sorted(answers.items())})
    clean = {0, errno.EINVAL, errno.ENOENT, errno.EEXIST, errno.ERANGE, errno.EOPNOTSUPP, errno.ENOSPC, errno.ESTALE,
             errno.EPERM}
    assert set(answers) <= clean, set(answers) - clean
    assert len(answers) >= 4, "it hardly reached anything"
    if 0 in answers and errno.EPERM not in answers:
        nl.do("config-set", {})


def view_answers(slowness):
    """The live view draws them, and answers keys at once."""
    pid, screen = pty.fork()
    if pid == 0:
        os.environ["TERM"] = "xterm"
        os.execlp("heddle", "heddle", "top")
    fcntl.ioctl(screen, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 160, 0, 0))
    os.kill(pid, signal.SIGWINCH)
    drawn = b""
    # Not select(), which knows a thousand files.
    poll = select.poll()
    poll.register(screen, select.POLLIN)

    def wait_for(texts, key, seconds):
        """One of the texts: what a cell shows already is not drawn again."""
        nonlocal drawn
        if key:
            drawn = b""
            os.write(screen, key)
        begin = time.monotonic()
        while not any(text in drawn for text in texts):
            left = begin + seconds * slowness - time.monotonic()
            assert left > 0, f"none of {texts} after {seconds * slowness} s: {drawn[-300:]}"
            if poll.poll(left * 1000):
                drawn += os.read(screen, 1 << 16)
        taken = time.monotonic() - begin
        print(f"{texts[0]}: {taken:.2f} s")

    wait_for([b"127.0.0.1"], b"", 20)
    # In the middle of its next look at ten thousand connections.
    time.sleep(2)
    wait_for([b"help", b"pause", b"order", b"select"], b"?", 2)
    # Away with the keys, and out.
    os.write(screen, b"q")
    time.sleep(1)
    wait_for([b"\x1b[?1049l"], b"q", 3)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0


def is_mptcp(sock):
    try:
        sock.getsockopt(284, 1, 4)  # SOL_MPTCP, MPTCP_INFO
        return True
    except OSError:
        return False


def dumps_many(number, slowness):
    """So many connections are dumped, each once."""
    nl = family()
    resource.setrlimit(resource.RLIMIT_NOFILE, (int(number) + 100,) * 2)
    server = socket.socket(socket.AF_INET, socket.SOCK_STREAM, IPPROTO_MPTCP)
    server.bind(("127.0.0.1", 0))
    server.listen(1024)
    kept = []
    for _ in range(int(number) // 2):
        one = socket.socket(socket.AF_INET, socket.SOCK_STREAM, IPPROTO_MPTCP)
        one.connect(server.getsockname())
        kept += [one, server.accept()[0]]
    # Where the kernel's table of tokens is full, a connection falls back to TCP, and is none.
    there = sum(is_mptcp(sock) for sock in kept)
    assert there > int(number) * 0.9, f"{there} of {number} connections are MPTCP: more memory makes a larger table"
    request = bytearray(encoded(nl, "info-get", {}))
    struct.pack_into("=H", request, 6, 0x305)
    request[16] = nl.ops["connection-get"].req_value
    begin = time.monotonic()
    assert answer(nl, request) == 0
    taken = time.monotonic() - begin
    tokens = [it["token"] for it in nl.dump("connection-get", {})]
    assert len(tokens) == len(set(tokens)) == there, (len(tokens), len(set(tokens)), there)
    print(f"{len(tokens)} connections in {taken:.2f} s")
    view_answers(float(slowness))


def each(items):
    for item in items:
        words, what = item.split(": ", 1)
        name, *arguments = words.split()
        begin = time.monotonic()
        told = io.StringIO()
        verdict = "ok"
        try:
            with contextlib.redirect_stdout(told):
                globals()[name](*arguments)
        except Exception:  # pylint: disable=broad-except
            verdict = "not ok"
            told.write(traceback.format_exc())
        print(f"{verdict} {what} # {time.monotonic() - begin:.0f} s")
        if verdict != "ok":
            print(told.getvalue(), end="")
        sys.stdout.flush()


if __name__ == "__main__":
    if sys.argv[1] == "--each":
        each(sys.argv[2:])
    else:
        globals()[sys.argv[1]](*sys.argv[2:])
