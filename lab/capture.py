# SPDX-License-Identifier: GPL-2.0
"""What arrives at a host, packet by packet: when, by which link, and which bytes
of the stream it holds.
"""

import signal
import socket
import struct
import time

ETH_P_IP = 0x0800
# Ethernet 14, IP 20, TCP with all options 60.
HEADERS = 14 + 20 + 60
SO_RCVBUFFORCE = 33
SYN = 0x02
# The option of MPTCP, its subtype, and the flags that tell what it holds.
MPTCP, MP_CAPABLE, DSS = 30, 0, 2
ACK, ACK_64, MAP, MAP_64 = 1, 2, 4, 8


# In place of a number: the first bytes of the connection.
START = -1


class Stop(Exception):
    """The run is over."""


def listen():
    """A socket that sees what comes in, but nothing that goes out."""
    sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_IP))
    sock.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 256 << 20)
    return sock


def record(sock, begin):
    """Until SIGTERM: [seconds, link, offset, length] of each packet with data; the
    offset is None if the packet does not tell.
    """

    def stop(*_):
        raise Stop

    signal.signal(signal.SIGTERM, stop)
    seen = []
    try:
        while True:
            packet, origin = sock.recvfrom(HEADERS)
            seen.append((time.monotonic(), origin[0], packet))
    except Stop:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    reader = Reader()
    found = [[round(when - begin, 6), link, *reader.read(packet)] for when, link, packet in seen]
    return offsets([entry for entry in found if entry[3] > 0])


def offsets(found):
    """Offsets in the stream instead of numbers, which begin with a random one."""
    number = min((entry[2] for entry in found if entry[2] not in (None, START)), default=0)
    # Nothing but its place is known of a client's first data.
    number -= max((entry[3] for entry in found if entry[2] == START), default=0)
    for entry in found:
        if entry[2] == START:
            entry[2] = 0
        elif entry[2] is not None:
            entry[2] -= number
    return found


class Reader:
    """Reads packets in the order of their arrival."""

    def __init__(self):
        self.initial = {}  # of each flow, the sequence number of its SYN

    def read(self, packet):
        """(number of its first byte in the connection, START or None; bytes of data)."""
        tcp = 14 + (packet[14] & 15) * 4
        if packet[23] != socket.IPPROTO_TCP:
            return None, 0
        data = tcp + (packet[tcp + 12] >> 4) * 4
        length = struct.unpack_from("!H", packet, 16)[0] + 14 - data
        flow = packet[26:34] + packet[tcp : tcp + 4]
        sequence = struct.unpack_from("!I", packet, tcp + 4)[0]
        if packet[tcp + 13] & SYN:
            self.initial[flow] = sequence
        relative = (sequence - self.initial.get(flow, sequence)) % (1 << 32)
        option = find_option(packet[tcp + 20 : data])
        if option is None:
            return relative, length
        if option[2] >> 4 == MP_CAPABLE:
            return START, length
        mapping = read_mapping(option)
        if mapping is None:
            return None, length
        number, subflow_sequence = mapping
        return number + relative - subflow_sequence, length


def find_option(options):
    """MPTCP's option among those of TCP, or None."""
    while options and options[0] != 0:
        if options[0] == 1:
            options = options[1:]
            continue
        length = max(2, options[1])
        if options[0] == MPTCP:
            return options[:length]
        options = options[length:]
    return None


def read_mapping(option):
    """(data sequence number, subflow sequence number) that a DSS maps, or None."""
    if option[2] >> 4 != DSS or not option[3] & MAP:
        return None
    flags = option[3]
    at = 4 + (0 if not flags & ACK else 8 if flags & ACK_64 else 4)
    if flags & MAP_64:
        return struct.unpack_from("!QI", option, at)
    return struct.unpack_from("!II", option, at)
