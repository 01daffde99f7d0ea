# SPDX-License-Identifier: GPL-2.0
"""The workloads, in the guest: what client and server do.

Each kind is a pair of functions of the same name in two classes, one for each
end. They return what they saw, with times in seconds since the connection was
begun; both ends have the same clock, and computing takes no time.
"""

import ctypes
import select
import socket
import struct
import threading
import time

from network import SERVER

IPPROTO_MPTCP = 262
PORT = 5001
# What asks for a file, of the size of a short request of HTTP.
REQUEST = bytes(100)
ZEROS = memoryview(bytes(1 << 16))


def open_socket(mptcp):
    return socket.socket(socket.AF_INET, socket.SOCK_STREAM, IPPROTO_MPTCP if mptcp else 0)


def send(sock, size):
    while size > 0:
        size -= sock.send(ZEROS[:size])


def receive(sock, size, log=None):
    """Reads so many bytes; the log gets (when, bytes by then)."""
    done = 0
    while done < size:
        data = sock.recv(min(1 << 20, size - done))
        if not data:
            raise EOFError(f"the connection ended after {done} of {size} bytes")
        done += len(data)
        if log is not None:
            log(done)


def stay(sock):
    """Until the other end has all and closes: a connection whose sender has closed
    takes no more subflows, while a server that people use waits for more requests.
    """
    while sock.recv(1):
        pass


class End:
    """What both ends have."""

    def __init__(self, workload, mptcp, begin):
        self.workload = workload
        self.mptcp = mptcp
        self.begin = begin
        self.reads = []

    def now(self):
        return time.monotonic() - self.begin

    def log(self, done):
        self.reads.append((round(self.now(), 6), done))

    def run(self, *arguments):
        return getattr(self, self.workload.kind)(*arguments)

    def send_stream(self, sock):
        """A block at each tick; one that is late is sent at once."""
        due = []
        first = self.now()
        for tick in range(self.workload.count):
            due.append(first + tick * self.workload.every)
            time.sleep(max(0, due[-1] - self.now()))
            send(sock, self.workload.size)
        stay(sock)
        return {"due": due}

    def receive_stream(self, sock):
        receive(sock, self.workload.size * self.workload.count, self.log)
        return {"reads": self.reads}

    def send_bulk(self, sock):
        send(sock, self.workload.size)
        stay(sock)
        return {}

    def receive_bulk(self, sock):
        receive(sock, self.workload.size, self.log)
        return {"reads": self.reads}


class Server(End):
    def serve(self, ready):
        with open_socket(self.mptcp) as listener:
            listener.bind((SERVER, PORT))
            listener.listen(64)
            ready()
            socks = [listener.accept()[0] for _ in range(self.workload.connections)]
            for sock in socks:
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            return self.run(*socks)

    def bulk(self, sock):
        if self.workload.direction == "up":
            return self.receive_bulk(sock)
        receive(sock, len(REQUEST))
        return self.send_bulk(sock)

    def stream(self, sock):
        if self.workload.direction == "up":
            return self.receive_stream(sock)
        receive(sock, len(REQUEST))
        return self.send_stream(sock)

    def objects(self, *socks):
        threads = [threading.Thread(target=self.answer, args=(sock, len(REQUEST))) for sock in socks]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return {}

    def chunks(self, sock):
        with Restarts(sock, self.mptcp) as restarts:
            self.answer(sock, len(REQUEST))
        return {"restarts": restarts.number}

    def request(self, sock):
        self.answer(sock, self.workload.size)
        return {}

    def answer(self, sock, size):
        """A file for each request, until the client goes."""
        try:
            while True:
                receive(sock, size)
                send(sock, self.workload.size)
        except (EOFError, ConnectionError):
            pass


class Client(End):
    def connect(self, address):
        sock = open_socket(self.mptcp)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock.bind((address, 0))
        sock.connect((SERVER, PORT))
        return sock

    def fetch(self, address):
        time.sleep(max(0, -self.now()))
        return self.run(*(self.connect(address) for _ in range(self.workload.connections)))

    def bulk(self, sock):
        if self.workload.direction == "up":
            return self.send_bulk(sock)
        send(sock, len(REQUEST))
        return self.receive_bulk(sock)

    def stream(self, sock):
        if self.workload.direction == "up":
            return self.send_stream(sock)
        send(sock, len(REQUEST))
        return self.receive_stream(sock)

    def objects(self, *socks):
        """As a browser does: each connection takes the next file that is missing."""
        waiting = list(range(self.workload.count))
        asked, left, times = {}, {}, {}

        def ask(sock):
            if waiting:
                waiting.pop(0)
                send(sock, len(REQUEST))
                asked[sock], left[sock] = self.now(), self.workload.size

        for sock in socks:
            ask(sock)
        found = []
        while left:
            for sock in select.select(list(left), [], [])[0]:
                data = sock.recv(min(1 << 20, left[sock]))
                if not data:
                    raise EOFError("a connection ended too early")
                left[sock] -= len(data)
                if not left[sock]:
                    del left[sock]
                    found.append(self.now() - asked[sock])
                    ask(sock)
        return {"times": found, "end": self.now()}

    def chunks(self, sock):
        """As a player of video does: the next part every so often, or when the last is there."""
        times, first, done = [], self.now(), 0
        for tick in range(self.workload.count):
            time.sleep(max(0, first + tick * self.workload.every - self.now()))
            asked = self.now()
            send(sock, len(REQUEST))
            receive(sock, self.workload.size, lambda part, done=done: self.log(done + part))
            done += self.workload.size
            times.append(self.now() - asked)
        return {"times": times, "reads": self.reads}

    def request(self, sock):
        """A question at each tick, whether or not the last one was answered."""
        size, first = self.workload.size, self.now()
        due = [first + tick * self.workload.every for tick in range(self.workload.count)]
        asked = received = 0
        while received < size * len(due):
            wait = max(0, due[asked] - self.now()) if asked < len(due) else None
            if select.select([sock], [], [], wait)[0]:
                data = sock.recv(1 << 20)
                if not data:
                    raise EOFError("the connection ended too early")
                received += len(data)
                self.log(received)
            while asked < len(due) and due[asked] <= self.now():
                send(sock, size)
                asked += 1
        return {"due": due, "reads": self.reads}


class Restarts:
    """How often a subflow begins anew with the initial window, though it lost nothing.

    The kernel counts this nowhere (tcp_slow_start_after_idle_check() only sets the
    window), so it is watched.
    """

    EVERY = 0.01
    INITIAL_WINDOW = 10

    def __init__(self, sock, mptcp):
        self.number = 0
        self.sock, self.mptcp = sock, mptcp
        self.over = threading.Event()
        self.thread = threading.Thread(target=self.watch)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        self.thread.join()

    def watch(self):
        before = []
        while not self.over.wait(self.EVERY):
            now = tcp_info(self.sock, self.mptcp)
            for (old, lost), (new, lost_now) in zip(before, now):
                if new <= self.INITIAL_WINDOW < old and lost == lost_now:
                    self.number += 1
            before = now


SOL_MPTCP, MPTCP_TCPINFO = 284, 2
libc = ctypes.CDLL(None, use_errno=True)
# struct tcp_info up to tcpi_total_retrans; struct mptcp_subflow_data before it.
INFO, HEAD, MOST = 104, 16, 8
CWND_AT, RETRANSMITS_AT = 80, 100


def tcp_info(sock, mptcp):
    """[(congestion window, segments sent again)] of each subflow."""
    if not mptcp:
        infos = [sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, INFO)]
    else:
        # Python's getsockopt() cannot hand in what this one wants to read.
        buffer = ctypes.create_string_buffer(struct.pack("IIII", HEAD, 0, 0, INFO), HEAD + MOST * INFO)
        length = ctypes.c_uint32(len(buffer))
        if libc.getsockopt(sock.fileno(), SOL_MPTCP, MPTCP_TCPINFO, buffer, ctypes.byref(length)):
            return []
        number = struct.unpack_from("IIII", buffer.raw)[1]
        infos = [buffer.raw[HEAD + INFO * n : HEAD + INFO * (n + 1)] for n in range(min(number, MOST))]
    return [(struct.unpack_from("I", info, CWND_AT)[0], struct.unpack_from("I", info, RETRANSMITS_AT)[0]) for info in infos]
