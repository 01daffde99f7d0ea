# SPDX-License-Identifier: GPL-2.0
"""Guests: User-Mode Linux is a program, and its guest a run of it."""

import json
import os
import pathlib
import shlex
import signal
import subprocess
import time

HERE = pathlib.Path(__file__).resolve().parent
# Real seconds for one guest, whose own clock may say anything.
PATIENCE = 900
END_OF_LOG = 25


class GuestFailed(Exception):
    """A guest did not do what it was asked; the text ends with its log."""


def command_line(kernel, folder, run, virtual=True, quiet=False, memory="1G"):
    """What boots a guest that runs a command, and may write to a folder."""
    words = [
        kernel, f"mem={memory}", "root=/dev/root", "rootfstype=hostfs", "ro", f"init={HERE / 'init'}",
        # Faster than ptrace; the guest is trusted.
        "seccomp=auto", "uml_dir=/tmp", "con=null", "con0=null,fd:1",
        f"LAB_OUTPUT={folder}", f'LAB_RUN="{run}"',
    ]  # fmt: skip
    if virtual:
        words.append("time-travel=inf-cpu")
    if quiet:
        words += ["quiet", "loglevel=1"]
    return words


def environment():
    # The guest's memory is a file there.
    return os.environ | {"TMPDIR": "/tmp"}


class Guest:
    """A run of guest.py; poll() until it is true, then result()."""

    patience = PATIENCE

    def __init__(self, kernel, folder, job):
        folder.mkdir(parents=True)
        (folder / "job.json").write_text(json.dumps(job))
        self.start(kernel, folder, f"python3 {shlex.quote(str(HERE / 'guest.py'))} {shlex.quote(str(folder))}")

    def start(self, kernel, folder, run, virtual=True):
        """Boots it; what it writes to its console goes to the file log."""
        self.folder = folder
        self.begin = time.monotonic()
        with open(folder / "log", "wb") as log:
            # A group of its own: the guest's processes are processes of the host.
            self.process = subprocess.Popen(
                command_line(kernel, folder, run, virtual), env=environment(), start_new_session=True,
                stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT,
            )  # fmt: skip

    def poll(self):
        if time.monotonic() - self.begin > self.patience:
            self.kill()
        return self.process.poll() is not None

    def kill(self):
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.process.wait()

    def log(self):
        lines = (self.folder / "log").read_text(errors="replace").splitlines()
        return "\n".join("   | " + line for line in lines[-END_OF_LOG:])

    def result(self):
        status = self.folder / "status"
        if not status.exists() or status.read_text().strip() != "0":
            why = "failed" if status.exists() else "ended without a verdict"
            raise GuestFailed(f"the guest {why}; its log is {self.folder / 'log'}:\n{self.log()}")
        return json.loads((self.folder / "result.json").read_text())
