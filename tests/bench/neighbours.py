# SPDX-License-Identifier: MIT
"""What a mount meets besides the stand-in cloud: a name server that gives every
name of a storage account the address 10.77.0.11, and every other 10.77.0.20; and
a socket that takes what services tell systemd. Prints a line when the cloud is up.
"""
import os
import socket
import struct

ADDRESS = {True: '10.77.0.11', False: '10.77.0.20'}
A, IN = 1, 1


def answer(query):
    """The query's one question with its answer; none for other types than A."""
    end = query.index(b'\0', 12) + 5
    kind, = struct.unpack('!H', query[end - 4:end - 2])
    address = socket.inet_aton(ADDRESS[b'\4file\4core' in query])
    record = b'\xc0\x0c' + struct.pack('!HHIH', A, IN, 60, 4) + address if kind == A else b''
    return query[:2] + struct.pack('!HHHHH', 0x8180, 1, 1 if record else 0, 0, 0) + query[12:end] + record


def main():
    names = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    names.bind(('127.0.0.1', 53))
    ready = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    ready.bind(os.environ['NOTIFY_SOCKET'])
    print('listening', flush=True)
    ready.recv(64)
    print('up', flush=True)
    while True:
        query, peer = names.recvfrom(512)
        names.sendto(answer(query), peer)


main()
