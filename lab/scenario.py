# SPDX-License-Identifier: GPL-2.0
"""A scenario: a TOML file of lab/scenarios/, read and checked.

Documentation/lab.md describes the file. What it may hold is declared here, in
the tables and classes below; whatever else it holds is an error that names the
file and the key.

A file makes one or more points: every case, with every combination of the lists
of its grid, is the scenario with some values replaced.
"""

import copy
import dataclasses
import itertools
import pathlib
import tomllib

import units


class ScenarioError(Exception):
    """What is wrong with a file, in a sentence for the one who wrote it."""


SETTINGS = ("weight", "cost", "cap")


@dataclasses.dataclass
class Path:
    """A link between client and server; delay, jitter and loss are those of one way."""

    name: str
    rate: float
    delay: float
    jitter: float = 0.0
    loss: float = 0.0
    # Packets that wait in front of the link, besides those on their way.
    queue: int = 100
    # What "heddle path" is told of it, on the sender's side.
    weight: int | None = None
    cost: int | None = None
    cap: int | None = None

    def settings(self):
        """Those that are given, by name."""
        return {name: getattr(self, name) for name in SETTINGS if getattr(self, name) is not None}


@dataclasses.dataclass
class Event:
    """Something that happens to a path, "at" seconds after the connection was begun."""

    at: float
    path: str
    action: str
    rate: float | None = None
    delay: float | None = None
    jitter: float | None = None
    loss: float | None = None


@dataclasses.dataclass
class Workload:
    kind: str
    size: int
    direction: str = "down"
    every: float = 0.0
    count: int = 1
    connections: int = 1


@dataclasses.dataclass
class Transport:
    first: str
    buffer: int = 6 << 20


@dataclasses.dataclass
class Run:
    repeats: int = 1
    seed: int = 1
    # Seconds of the guest's time.
    timeout: float = 120.0


@dataclasses.dataclass
class Point:
    """One network, one workload: what every transport is measured on."""

    scenario: str
    title: str
    label: str
    paths: list[Path]
    events: list[Event]
    workload: Workload
    transport: Transport
    sysctl: dict[str, str]
    run: Run

    def path(self, name):
        return next(path for path in self.paths if path.name == name)


# ---------------------------------------------------------------------------
# What a key may hold


def text(value):
    if not isinstance(value, str) or not value:
        raise ValueError(f"{value!r} is not a text")
    return value


def number(value):
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise ValueError(f"{value!r} is not a number from 1 on")
    return value


def up_to(most):
    def check(value):
        if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= most:
            raise ValueError(f"{value!r} is not a number from 0 to {most}")
        return value

    return check


def one_of(*words):
    def check(value):
        if value not in words:
            raise ValueError(f"{value!r} is none of {', '.join(words)}")
        return value

    return check


def time_or_share(value):
    """A jitter: a time, or a share of the delay, which is known only later."""
    try:
        return units.time(value)
    except ValueError:
        return Share(units.share(value))


class Share(float):
    """A number that is a share of something else."""


PATH = {
    "name": text, "rate": units.rate, "delay": units.time, "jitter": time_or_share,
    "loss": units.share, "queue": number, "weight": up_to(1000), "cost": up_to(255), "cap": units.size,
}  # fmt: skip
EVENT = {
    "at": units.time, "path": text, "action": one_of("cut", "restore", "change", "unplug", "plug"),
    "rate": units.rate, "delay": units.time, "jitter": units.time, "loss": units.share,
}  # fmt: skip
TRANSPORT = {"first": text, "buffer": units.size}
RUN = {"repeats": number, "seed": number, "timeout": units.time}
TOP = {"title", "source", "remark", "path", "event", "workload", "transport", "sysctl", "run", "grid", "case"}

SIZE, EVERY, COUNT = {"size": units.size}, {"every": units.time}, {"count": number}
DIRECTION = {"direction": one_of("down", "up")}
# Of each kind of workload: keys it must have, and keys it may have.
WORKLOADS = {
    "bulk": (SIZE, DIRECTION),
    "objects": (SIZE | COUNT, {"connections": number}),
    "chunks": (SIZE | EVERY | COUNT, {}),
    "request": (SIZE | EVERY | COUNT, {}),
    "stream": (SIZE | EVERY | COUNT, DIRECTION),
}
SYSCTLS = ("net.heddle.", "net.mptcp.", "net.ipv4.")


def read(raw, where, required, optional):
    """The values of a table, each as its key's function makes it."""
    if not isinstance(raw, dict):
        raise ScenarioError(f"{where} is not a table")
    for key in raw:
        if key not in required and key not in optional:
            raise ScenarioError(f"{where}: unknown key {key!r}; known are {', '.join(required | optional)}")
    for key in required:
        if key not in raw:
            raise ScenarioError(f"{where}: the key {key!r} is missing")
    values = {}
    for key, value in raw.items():
        try:
            values[key] = (required | optional)[key](value)
        except ValueError as error:
            raise ScenarioError(f"{where}: {key}: {error}") from None
    return values


def some(table, *keys):
    """The entries of a table with these keys, and the others."""
    return {key: table[key] for key in keys}, {key: table[key] for key in table if key not in keys}


# ---------------------------------------------------------------------------
# A file


def load(file):
    """The points of a file."""
    file = pathlib.Path(file)
    try:
        raw = tomllib.loads(file.read_text())
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise ScenarioError(f"{file}: {error}") from None
    return points(raw, file)


def remark(file):
    """What there is to say of the figures of a scenario, for the report."""
    return tomllib.loads(pathlib.Path(file).read_text()).get("remark", "").strip()


def points(raw, file):
    for key in raw:
        if key not in TOP:
            raise ScenarioError(f"{file}: unknown key {key!r}; known are {', '.join(sorted(TOP))}")
    for key in ("title", "path", "workload"):
        if key not in raw:
            raise ScenarioError(f"{file}: the key {key!r} is missing")
    made = []
    for name, case in cases(raw, file):
        for values in grid(raw, file):
            changed = copy.deepcopy(raw)
            for key, value in (case | values).items():
                replace(changed, key, value, file)
            label = ([name] if name else []) + [f"{short(key)} {value}" for key, value in values.items()]
            made.append(point(changed, file, ", ".join(label)))
    labels = [one.label for one in made]
    for label in labels:
        if labels.count(label) > 1:
            raise ScenarioError(f"{file}: two points are both called {label!r}")
    return made


def cases(raw, file):
    found = raw.get("case", [{"name": ""}])
    for case in found:
        if not isinstance(case.get("name"), str):
            raise ScenarioError(f"{file}: a [[case]] has no name")
        yield case["name"], {key: value for key, value in case.items() if key != "name"}


def grid(raw, file):
    lists = raw.get("grid", {})
    for key, values in lists.items():
        if not isinstance(values, list) or not values:
            raise ScenarioError(f"{file}: [grid] {key!r} is not a list of values")
    for combination in itertools.product(*lists.values()):
        yield dict(zip(lists, combination))


def short(key):
    """What a key is called in a label: without what every reader knows."""
    first, *rest = key.split(".")
    return " ".join(rest) if first == "path" and rest[0] != "*" else rest[-1]


def replace(raw, key, value, file):
    """Sets "path.NAME.KEY", where * names all paths, "workload.KEY", "sysctl.NAME" and so on."""
    table, _, rest = key.partition(".")
    where = f"{file}: {key!r}"
    if table == "path":
        name, _, rest = rest.rpartition(".")
        targets = [path for path in raw["path"] if name in ("*", path.get("name"))]
        if not targets:
            raise ScenarioError(f"{where}: no path is called {name!r}")
    elif table in ("workload", "transport", "run", "sysctl") and rest:
        targets = [raw.setdefault(table, {})]
    else:
        raise ScenarioError(f"{where} names no value that can be replaced")
    for target in targets:
        target[rest] = value


def point(raw, file, label):
    paths = [read_path(path, f"{file}: [[path]]") for path in raw["path"]]
    names = [path.name for path in paths]
    if len(set(names)) < len(names):
        raise ScenarioError(f"{file}: two paths have the same name")

    def known(name, where):
        if name not in names:
            raise ScenarioError(f"{file}: {where}: no path is called {name!r}")

    events = []
    for event in raw.get("event", []):
        required, optional = some(EVENT, "at", "path", "action")
        events.append(Event(**read(event, f"{file}: [[event]]", required, optional)))
        known(events[-1].path, "[[event]]")
    events.sort(key=lambda event: event.at)

    where = f"{file}: [workload]"
    kind = raw["workload"].get("kind")
    if kind not in WORKLOADS:
        raise ScenarioError(f"{where}: kind: {kind!r} is none of {', '.join(WORKLOADS)}")
    required, optional = WORKLOADS[kind]
    workload = Workload(**read(raw["workload"], where, {"kind": text} | required, optional))

    transport = Transport(**{"first": names[0]} | read(raw.get("transport", {}), f"{file}: [transport]", {}, TRANSPORT))
    known(transport.first, "[transport]")

    sysctl = {}
    for name, value in raw.get("sysctl", {}).items():
        if not name.startswith(SYSCTLS):
            raise ScenarioError(f"{file}: [sysctl]: {name!r} does not begin with one of {', '.join(SYSCTLS)}")
        sysctl[name] = str(value)

    return Point(
        scenario=file.stem, title=text(raw["title"]), label=label, paths=paths, events=events,
        workload=workload, transport=transport, sysctl=sysctl,
        run=Run(**read(raw.get("run", {}), f"{file}: [run]", {}, RUN)),
    )  # fmt: skip


def read_path(raw, where):
    path = Path(**read(raw, where, *some(PATH, "name", "rate", "delay")))
    if isinstance(path.jitter, Share):
        path.jitter = path.delay * path.jitter
    if path.jitter > path.delay:
        raise ScenarioError(f"{where}: {path.name}: jitter is more than the delay")
    return path


def point_of(table):
    """A point as dataclasses.asdict() made it a table."""
    return Point(
        **table | {
            "paths": [Path(**path) for path in table["paths"]],
            "events": [Event(**event) for event in table["events"]],
            "workload": Workload(**table["workload"]),
            "transport": Transport(**table["transport"]),
            "run": Run(**table["run"]),
        }
    )  # fmt: skip
