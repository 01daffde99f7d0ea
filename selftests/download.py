#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""A download by curl on the client, and what becomes of it when paths are cut meanwhile.

Says how long it took, what each path carried, how long nothing came at the
longest after the cut, and what the paths carried once they were back. Runs outside
of the network namespaces, which are those of lib.sh.
"""

import argparse
import filecmp
import pathlib
import subprocess
import sys
import time

NET = pathlib.Path(__file__).resolve().with_name("net")
PATHS = (1, 2)
# Those between the server and two backends: see lib.sh.
BEHIND = (11, 12, 21, 22)
PATIENCE = 600


class TooLate(RuntimeError):
    """What was to be measured had not happened when it was over."""


class Net:
    """Functions of lib.sh, called at once: a shell takes its time to start."""

    def __init__(self):
        self.shell = subprocess.Popen([NET, "obey"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1)
        self("true")

    def __call__(self, *words):
        print(*words, file=self.shell.stdin)
        if self.shell.stdout.readline().strip() != "ok":
            raise RuntimeError(f"{words[0]} failed")

    def end(self):
        self.shell.communicate()


def carried(path):
    """The bytes that a path has carried towards the client."""
    host, link = ("server", f"s{path}") if path in PATHS else (f"backend{path // 10}", f"b{path % 10}")
    command = ["ip", "netns", "exec", host, "cat", f"/sys/class/net/{link}/statistics/tx_bytes"]
    return int(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)


class Watch:
    """Looks at a file that grows, cuts paths when so much of it is there, and may restore them."""

    def __init__(self, target, size, cut, restore):
        self.target, self.size, self.cut, self.restore = target, size, cut, restore
        self.net = Net() if cut else None
        self.seen, self.last, self.stall = 0, time.monotonic(), 0.0
        self.cut_at = self.restored = None

    def look(self):
        """Once."""
        now = time.monotonic()
        new = self.target.stat().st_size if self.target.exists() else 0
        if self.cut_at:
            self.stall = max(self.stall, now - self.last)
        if new != self.seen:
            self.seen, self.last = new, now

    def act(self):
        """What is due; only while the download goes on."""
        if self.cut and not self.cut_at and self.seen >= self.size:
            self.net("cut_path", *self.cut)
            self.cut_at = self.last = time.monotonic()
        elif self.cut_at and not self.restored and self.restore is not None:
            if time.monotonic() > self.cut_at + self.restore:
                self.net("restore_path", *self.cut)
                self.restored = sum(map(carried, self.cut))


def download(url, like, mptcp=True, cut=(), restore=None, at=0.5):
    """One; the file that it is a copy of is there to be compared."""
    target = pathlib.Path("/tmp/download")
    target.unlink(missing_ok=True)
    watch = Watch(target, like.stat().st_size * at, cut, restore)
    before = {path: carried(path) for path in PATHS}
    wrap = ["mptcpize", "run"] if mptcp else []
    with subprocess.Popen(
        ["ip", "netns", "exec", "client", *wrap, "curl", "-sS", "--max-time", str(PATIENCE),
         "-w", "%{time_total}", "-o", target, url],
        stdout=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        # Where nothing is to be done, nobody looks: an emulated CPU has enough to do.
        while cut and process.poll() is None:
            watch.look()
            watch.act()
            time.sleep(0.01)
        said = process.stdout.read()
    if cut:
        if not watch.restored:
            watch.net("restore_path", *cut)
        watch.net.end()
        if not watch.cut_at or (restore is not None and not watch.restored):
            raise TooLate("it was over before the path was " + ("restored" if watch.cut_at else "cut"))
    result = {
        "ok": process.returncode == 0 and filecmp.cmp(target, like, shallow=False),
        "seconds": float(said or 0),
        "carried": {path: carried(path) - before[path] for path in PATHS},
    }
    if cut:
        result["stall_ms"] = round(watch.stall * 1000)
    if watch.restored:
        result["carried_again"] = sum(map(carried, cut)) - watch.restored
    return result


def main():
    """As a command: "KEY=VALUE ..."; fails unless all of it came, as it is."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("url")
    parser.add_argument("like", type=pathlib.Path, help="the file that is fetched")
    parser.add_argument("--tcp", action="store_true", help="plain TCP")
    parser.add_argument("--cut", type=int, nargs="+", choices=PATHS + BEHIND, default=[], help="these paths")
    parser.add_argument("--at", type=float, default=0.5, help="when so much of it is there")
    parser.add_argument("--restore", type=float, help="them, so many seconds later")
    args = parser.parse_args()
    result = download(args.url, args.like, not args.tcp, args.cut, args.restore, args.at)
    result |= {f"path{path}": number for path, number in result.pop("carried").items()}
    print(*(f"{name}={value}" for name, value in result.items()))
    return 0 if result["ok"] else 1


if __name__ == "__main__":
    sys.exit(main())
