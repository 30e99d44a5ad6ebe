"""Sends frames that nobody should send: hostile_frames.py INTERFACE TARGET_MAC TARGET_IP SEED COUNT"""
import random
import socket
import struct
import sys

SOURCE_MAC = b"\x02\0\0\0\0\x99"

interface, mac, ip = sys.argv[1:4]
seed, count = int(sys.argv[4]), int(sys.argv[5])
rng = random.Random(seed)
target = bytes.fromhex(mac.replace(":", ""))
target_ip = socket.inet_aton(ip)
source_ip = socket.inet_aton("10.7.0.1")
longest = int(open(f"/sys/class/net/{interface}/mtu").read()) + 14


def checksum(data):
    data += b"\0" * (len(data) % 2)
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def ethernet(ethertype, payload):
    return target + SOURCE_MAC + struct.pack("!H", ethertype) + payload


def ipv4(protocol, payload, **fields):
    header = {"version_ihl": 0x45, "length": 20 + len(payload), "fragment": 0, "ttl": 64, "destination": target_ip}
    header.update(fields)
    packed = struct.pack("!BBHHHBBH4s4s", header["version_ihl"], 0, header["length"], 1, header["fragment"],
                         header["ttl"], protocol, 0, source_ip, header["destination"])
    return packed[:10] + struct.pack("!H", fields.get("checksum", checksum(packed))) + packed[12:] + payload


def echo_request(size):
    message = struct.pack("!BBHHH", 8, 0, 0, 1, 1) + bytes(size)
    return message[:2] + struct.pack("!H", checksum(message)) + message[4:]


def udp(size, **fields):
    return struct.pack("!HHHH", 1000, fields.get("port", 7), fields.get("length", 8 + size),
                       fields.get("checksum", 0)) + bytes(size)


def mutated(frame):
    frame = bytearray(frame)
    for _ in range(rng.randint(1, 8)):
        frame[rng.randrange(12, len(frame))] = rng.randrange(256)
    return bytes(frame)


def truncated(frame):
    return frame[:rng.randrange(14, len(frame))]


def arp(operation):
    return struct.pack("!HHBBH6s4s6s4s", 1, 0x0800, 6, 4, operation, SOURCE_MAC, source_ip, bytes(6), target_ip)


MAKERS = [
    lambda: rng.randbytes(rng.randint(14, min(1514, longest))),
    lambda: ethernet(rng.choice([0x0800, 0x0806, 0x86DD, 0x8100, 0x0026, 0x0000]), rng.randbytes(rng.randint(0, 200))),
    lambda: mutated(ethernet(0x0800, ipv4(1, echo_request(rng.randint(0, 100))))),
    lambda: truncated(ethernet(0x0800, ipv4(1, echo_request(rng.randint(0, 100))))),
    lambda: ethernet(0x0800, ipv4(1, echo_request(8), length=rng.choice([0, 19, 20, 27, 1500, 65535]))),
    lambda: ethernet(0x0800, ipv4(1, echo_request(8), version_ihl=rng.randrange(256))),
    lambda: ethernet(0x0800, ipv4(1, echo_request(8), checksum=rng.randrange(65536))),
    lambda: ethernet(0x0800, ipv4(1, echo_request(8), fragment=rng.choice([0x2000, 1, 0x3FFF]))),
    lambda: ethernet(0x0800, ipv4(17, udp(8, length=rng.choice([0, 7, 17, 65535])))),
    lambda: ethernet(0x0800, ipv4(17, udp(8, checksum=rng.randrange(1, 65536)))),
    lambda: ethernet(0x0800, ipv4(17, udp(8, port=rng.randrange(65536)))),
    lambda: ethernet(0x0800, ipv4(rng.randrange(256), rng.randbytes(40))),
    lambda: truncated(ethernet(0x0806, arp(1))),
    lambda: mutated(ethernet(0x0806, arp(rng.choice([1, 2])))),
    lambda: ethernet(0x0800, rng.randbytes(longest - 14)),
]

with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as packets:
    packets.bind((interface, 0))
    for number in range(count):
        packets.send(MAKERS[number % len(MAKERS)]())
print(f"sent {count} frames, seed {seed}, longest {longest} bytes")
