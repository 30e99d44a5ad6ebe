"""What a device makes of frames that it is to complete or to cut, judged by scapy.

segments.py make FILE        writes the frames as a driver gives them, and prints a line for each: GSO type, payload bytes
                             of a segment, bytes of headers, where the checksum begins, and where its field is from there
segments.py check FILE       compares what the device sent with what belongs on the wire
"""
import socket
import struct
import sys

from scapy.all import Dot1Q, Ether, IP, IPv6, Raw, TCP, UDP, PcapNgReader, wrpcap

FIN, PSH, ACK, CWR = 0x01, 0x08, 0x10, 0x80
SEQUENCE = 0xFFFFF000
ID = 0xFFFE
OPTIONS = [("NOP", None), ("NOP", None), ("Timestamp", (7, 8))]


def payload(length):
    return bytes((i * 31 + (i >> 8)) & 0xFF for i in range(length))


def ethernet():
    return Ether(src="02:00:00:00:00:01", dst="02:00:00:00:00:02")


def ipv4():
    return IP(src="10.7.0.1", dst="10.7.0.2", id=ID, flags="DF")


def ipv6():
    return IPv6(src="fd00::1", dst="fd00::2", tc=0x10)


def tcp(port, flags=ACK | PSH, options=()):
    return TCP(sport=40000 + port, dport=9, seq=SEQUENCE, ack=5, flags=flags, window=1000, options=list(options))


def udp(port):
    return UDP(sport=40000 + port, dport=9)


# Headers, payload length, GSO type, payload of a segment.
CASES = [
    (ethernet() / ipv4() / tcp(1), 30000, "TCP_IPV4", 1460),
    (ethernet() / ipv4() / tcp(2, options=OPTIONS), 64000, "TCP_IPV4", 1448),
    (ethernet() / ipv4() / tcp(3, flags=FIN | PSH | ACK | CWR), 20001, "TCP_IPV4_ECN", 777),
    (ethernet() / Dot1Q(vlan=10, prio=5) / ipv4() / tcp(4), 14600, "TCP_IPV4", 1456),
    (ethernet() / ipv6() / tcp(5), 30001, "TCP_IPV6", 1440),
    (ethernet() / ipv6() / tcp(6, flags=FIN | ACK | CWR, options=OPTIONS), 10000, "TCP_IPV6_ECN", 999),
    (ethernet() / ipv4() / udp(7), 30000, "UDP", 1472),
    (ethernet() / ipv6() / udp(8), 20001, "UDP", 1452),
    (ethernet() / ipv4() / tcp(9), 1460, "NONE", 0),
    (ethernet() / ipv4() / udp(10), 1001, "NONE", 0),
    (ethernet() / ipv6() / tcp(11), 101, "NONE", 0),
    (ethernet() / ipv6() / udp(12), 100, "NONE", 0),
]


def transport(frame):
    return frame[TCP] if TCP in frame else frame[UDP]


def pseudo_header_sum(frame, length):
    ip = frame[IP] if IP in frame else frame[IPv6]
    family = socket.AF_INET if IP in frame else socket.AF_INET6
    data = socket.inet_pton(family, ip.src) + socket.inet_pton(family, ip.dst)
    data += struct.pack("!II", length, 6 if TCP in frame else 17)
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return total


def make(file):
    frames = []
    for headers, length, gso_type, gso_size in CASES:
        frame = headers / Raw(payload(length))
        header_length = len(frame) - length
        start = header_length - (len(transport(headers)))
        transport(frame).chksum = pseudo_header_sum(frame, len(transport(frame)))
        frames.append(bytes(frame))
        print(gso_type, gso_size, header_length, start, 16 if TCP in frame else 6)
    wrpcap(file, frames, linktype=1)


def complete(frame):
    """The same frame, its lengths and checksums made by scapy."""
    frame = frame.copy()
    if IP in frame:
        del frame[IP].len, frame[IP].chksum
    else:
        del frame[IPv6].plen
    if UDP in frame:
        del frame[UDP].len
    del transport(frame).chksum
    return bytes(frame)


def expected(headers, data, index, offset, last):
    frame = headers.copy()
    if IP in frame:
        frame[IP].id = (ID + index) & 0xFFFF
    if TCP in frame:
        frame[TCP].seq = (SEQUENCE + offset) & 0xFFFFFFFF
        flags = int(headers[TCP].flags)
        if index > 0:
            flags &= ~CWR
        if not last:
            flags &= ~(FIN | PSH)
        frame[TCP].flags = flags
    return bytes(frame / Raw(data))


def check(file):
    sent = [bytes(frame) for frame in PcapNgReader(file)]
    at = 0
    for number, (headers, length, _, gso_size) in enumerate(CASES, 1):
        data = payload(length)
        step = gso_size or length
        for index, offset in enumerate(range(0, length, step)):
            if at == len(sent):
                sys.exit(f"case {number}: segment {index} is missing")
            part = data[offset:offset + step]
            if sent[at] != expected(headers, part, index, offset, offset + step >= length):
                sys.exit(f"case {number}: segment {index} is not what belongs on the wire:\n"
                         + Ether(sent[at]).show(dump=True))
            if sent[at] != complete(Ether(sent[at])):
                sys.exit(f"case {number}: segment {index} has a wrong length or checksum")
            at += 1
    if at < len(sent):
        sys.exit(f"{len(sent) - at} frames too many")
    print(at, "frames", sum(length for _, length, _, _ in CASES), "bytes")


{"make": make, "check": check}[sys.argv[1]](sys.argv[2])
