#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Servers that are restarted again and again, and what their clients see of it.

Some listener is always open. What differs is how the others close:

nginx-reload   one nginx, whose workers become fewer and more again by SIGHUP
nginx-replace  a second nginx on the same port, and the first one is told to quit
nginx-failed   a second nginx that finds another of its addresses in use: it
               listens for 2.5 seconds, accepts nothing, and exits
nginx-check    "nginx -t" where an nginx runs
haproxy        a second HAProxy, which tells the first one to finish (-sf), and is
               not given its sockets
haproxy-master a HAProxy with a master process that is told to reload: the new
               worker is given the sockets of the old one
workers        processes with one listener each that accept a connection, serve
               it, and only then accept the next one; one by one is replaced

None of them ends a connection that it has accepted: what clients lose was lost
with a listener.

Runs in the server's namespace; storm.py connects from the client's.
"""

import argparse
import contextlib
import itertools
import os
import pathlib
import signal
import socket
import subprocess
import sys
import tempfile
import time

from migrate import counted
from storm import REPLY, family

LISTENERS = 4
# Seconds, for a server that has clients to serve on an emulated CPU that is busy.
PATIENCE = 180
IPPROTO_MPTCP = 262
CGROUPS = pathlib.Path("/run/restart-cgroups")

NGINX = """
daemon off;
user root;
worker_processes {workers};
pid {folder}/pid;
events {{}}
http {{
    access_log off;
    # It makes these when it starts, and /var may not be written to.
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    server {{
        listen {address}:{port} reuseport;
        listen {address}:{other};
        return 200 "served\\n";
    }}
}}
"""

# One listener for each thread: as many sockets as threads.
HAPROXY = """
global
    nbthread {workers}
defaults
    mode http
    timeout client 60s
frontend web
    bind {address}:{port} shards by-thread
    http-request return status 200 content-type text/plain string "served\\n"
"""


def wait_for(what, holds):
    """Until something holds."""
    deadline = time.monotonic() + PATIENCE
    while not holds():
        if time.monotonic() > deadline:
            raise TimeoutError(f"still not: {what}")
        time.sleep(0.01)


def listening(port):
    """How many listeners a port has."""
    number = 0
    for table in ("tcp", "tcp6"):
        with open(f"/proc/net/{table}", encoding="ascii") as file:
            for line in itertools.islice(file, 1, None):
                words = line.split()
                number += words[3] == "0A" and int(words[1].rpartition(":")[2], 16) == port
    return number


class Restarts:
    """A server; turn() is one restart of it, after which it is as before."""

    def __init__(self, how):
        self.how = how
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="restart."))
        self.started = []
        self.closed = 0

    def are(self, number):
        """There are so many listeners."""
        wait_for(f"{number} listeners", lambda: listening(self.how.port) == number)

    def configure(self, name, text, **values):
        """A program's configuration."""
        address = f"[{self.how.address}]" if ":" in self.how.address else self.how.address
        path = self.folder / name
        path.write_text(text.format(folder=path.parent, address=address, **{"port": self.how.port, **values}))
        return path

    def wait_for_clients(self, number=1):
        """So many more connections come."""
        # A connection of MPTCP may have subflows, which are opened as well.
        name = "MPCapableSYNRX" if self.how.mptcp else "PassiveOpens"
        goal = counted(name) + number
        wait_for("clients", lambda: counted(name) >= goal)

    def start(self, *command):
        """A program, in a cgroup of its own, as a container or a service is."""
        cgroup = CGROUPS / f"{os.getpid()}.{len(self.started)}"
        cgroup.mkdir()
        wrap = ["mptcpize", "run"] if self.how.mptcp else []
        shell = f"echo $$ >{cgroup}/cgroup.procs && exec \"$@\" 2>>{self.folder}/errors"
        process = subprocess.Popen(["sh", "-c", shell, "sh", *wrap, *map(str, command)])
        self.started.append(process)
        return process

    def end(self):
        """All that was started."""
        for process in self.started:
            process.terminate()
        for number, process in enumerate(self.started):
            process.wait()
            cgroup = CGROUPS / f"{os.getpid()}.{number}"
            processes = cgroup / "cgroup.procs"
            if os.path.ismount(CGROUPS):
                # A master may be gone before its workers are.
                wait_for("the end of all processes", lambda: not processes.read_text(encoding="ascii"))
            else:
                processes.unlink()
            cgroup.rmdir()


class Nginx(Restarts):
    """What the restarts of nginx have in common."""

    def nginx(self, workers=LISTENERS, other=1):
        """A new one, and its folder: each has a pid file of its own."""
        folder = self.folder / str(len(self.started))
        folder.mkdir()
        path = self.configure(f"{folder.name}/conf", NGINX, workers=workers, other=self.how.port + other)
        return self.start("nginx", "-e", "stderr", "-p", folder, "-c", path)

    def up(self):
        """Start it."""
        self.server = self.nginx()
        self.are(LISTENERS)


class NginxReload(Nginx):
    """The master closes what has no worker any more; the old workers do when they are told to quit."""

    def turn(self):
        """One restart."""
        for workers in (1, LISTENERS):
            self.configure("0/conf", NGINX, workers=workers, other=self.how.port + 1)
            self.server.send_signal(signal.SIGHUP)
            self.are(workers)
            time.sleep(self.how.pause)
        self.closed += LISTENERS - 1


class NginxReplace(Nginx):
    """The two share the port, and nothing else."""

    def turn(self):
        """One restart."""
        before = self.server
        self.server = self.nginx(other=len(self.started) % 2 + 1)
        self.are(2 * LISTENERS)
        before.send_signal(signal.SIGQUIT)
        self.are(LISTENERS)
        self.closed += LISTENERS


class NginxFailed(Nginx):
    """It tries five times to bind what is in use; what it could bind listens meanwhile."""

    def turn(self):
        """One restart."""
        failed = self.nginx()
        if failed.wait(PATIENCE) == 0:
            raise RuntimeError("an nginx started on an address in use")
        self.are(LISTENERS)
        self.closed += LISTENERS


class NginxCheck(Nginx):
    """Since 1.13.4 it sets no SO_REUSEPORT for this, so that bind() fails, and nothing listens."""

    def turn(self):
        """One restart."""
        path = self.folder / "0/conf"
        check = self.start("nginx", "-t", "-q", "-e", "stderr", "-p", path.parent, "-c", path)
        most = LISTENERS
        while check.poll() is None:
            most = max(most, listening(self.how.port))
        if check.returncode:
            raise RuntimeError("nginx -t failed")
        self.closed += most - LISTENERS


class HAProxy(Restarts):
    """The new one binds, and then sends SIGUSR1 to the old one."""

    def haproxy(self, *options):
        """A new one."""
        path = self.how.config or self.configure("conf", HAPROXY, workers=LISTENERS)
        return self.start("haproxy", "-f", path, *options)

    def up(self):
        """Start it."""
        self.server = self.haproxy("-db")
        self.know_listeners()

    def know_listeners(self):
        """Their number, which is up to the configuration. It binds all before it listens on the first."""
        wait_for("a listener", lambda: listening(self.how.port))
        time.sleep(self.how.pause)
        self.listeners = listening(self.how.port)

    def turn(self):
        """One restart."""
        before = self.server
        self.server = self.haproxy("-db", "-sf", before.pid)
        # It ends when it has served what it has accepted.
        before.wait(PATIENCE)
        self.are(self.listeners)
        self.closed += self.listeners


def children(pid):
    """The processes that a process has started."""
    found = set()
    for stat in pathlib.Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            if int(stat.read_text(encoding="utf-8").rpartition(")")[2].split()[1]) == pid:
                found.add(int(stat.parent.name))
    return found


class HAProxyMaster(HAProxy):
    """What Debian's unit does: its reload is a SIGUSR2 to the master."""

    def up(self):
        """Start it."""
        self.server = self.haproxy("-W")
        self.know_listeners()

    def turn(self):
        """One restart."""
        before = children(self.server.pid)
        self.server.send_signal(signal.SIGUSR2)
        wait_for("a new worker in the place of the old one",
                 lambda: (now := children(self.server.pid)) and not now & before)
        self.are(self.listeners)


class Workers(Restarts):
    """The replacement listens before the one that it replaces is told."""

    def up(self):
        """Start them."""
        self.workers = [self.worker() for _ in range(LISTENERS)]
        self.are(LISTENERS)

    def worker(self):
        """A new one."""
        pid = os.fork()
        if pid == 0:
            try:
                self.work()
            finally:
                os._exit(1)
        return pid

    def work(self):
        """In the new process, until it is told to stop."""
        stop = []
        signal.signal(signal.SIGTERM, lambda *_: stop.append(True))
        sock = socket.socket(family(self.how.address), socket.SOCK_STREAM,
                             IPPROTO_MPTCP if self.how.mptcp else 0)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        sock.bind((self.how.address, self.how.port))
        sock.listen(128)
        sock.settimeout(0.05)
        while not stop:
            try:
                child, _ = sock.accept()
            except TimeoutError:
                continue
            # A client that is gone is not this one's concern.
            with child, contextlib.suppress(OSError):
                child.settimeout(PATIENCE)
                request = b""
                while not request.endswith(b"\r\n\r\n"):
                    part = child.recv(4096)
                    if not part:
                        break
                    request += part
                # A page that takes some work.
                time.sleep(0.005)
                child.sendall(REPLY[0] + b"Connection: close" + REPLY[1])
        os._exit(0)

    def turn(self):
        """One restart."""
        self.workers.append(self.worker())
        self.are(LISTENERS + 1)
        before = self.workers.pop(0)
        os.kill(before, signal.SIGTERM)
        os.waitpid(before, 0)
        self.closed += 1

    def end(self):
        for pid in self.workers:
            os.kill(pid, signal.SIGTERM)
            os.waitpid(pid, 0)


KINDS = {
    "nginx-reload": NginxReload,
    "nginx-replace": NginxReplace,
    "nginx-failed": NginxFailed,
    "nginx-check": NginxCheck,
    "haproxy": HAProxy,
    "haproxy-master": HAProxyMaster,
    "workers": Workers,
}


def mount_cgroups():
    """For this process: "ip netns exec" gives it mounts of its own. The lab's kernel knows none: then it is a folder."""
    CGROUPS.mkdir(exist_ok=True)
    if "cgroup2" in pathlib.Path("/proc/filesystems").read_text(encoding="ascii"):
        subprocess.run(["mount", "-t", "cgroup2", "none", CGROUPS], check=True)


def main():
    """Restart it so many times while clients come, and say what they saw."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kind", choices=KINDS)
    parser.add_argument("address")
    parser.add_argument("port", type=int)
    parser.add_argument("--restarts", type=int, default=5)
    parser.add_argument("--pause", type=float, default=0.1, help="between restarts, in seconds")
    parser.add_argument("--requests", type=int, default=1, help="that come between restarts, at the least")
    parser.add_argument("--config", type=pathlib.Path, help="a configuration of HAProxy that listens on the port")
    parser.add_argument("--mptcp", action="store_true")
    how = parser.parse_args()
    mount_cgroups()
    server = KINDS[how.kind](how)
    command = [*"ip netns exec client python3".split(), pathlib.Path(__file__).with_name("storm.py"), "storm",
               how.address, str(how.port), "--http", "--connections", str(1 << 30)]
    try:
        server.up()
        handed = counted("TCPMigrateReqSuccess")
        clients = subprocess.Popen(command + ["--mptcp"] * how.mptcp, stdout=subprocess.PIPE, text=True)
        server.wait_for_clients()
        for _ in range(how.restarts):
            server.turn()
            time.sleep(how.pause)
            server.wait_for_clients(how.requests)
        clients.terminate()
        seen = clients.communicate()[0].strip()
        handed = counted("TCPMigrateReqSuccess") - handed
        print(seen, f"restarts={how.restarts} closed={server.closed} handed_over={handed}")
    except (TimeoutError, RuntimeError) as error:
        errors = server.folder / "errors"
        sys.exit(f"{how.kind}: {error}\n" + (errors.read_text() if errors.exists() else ""))
    finally:
        server.end()


if __name__ == "__main__":
    main()
