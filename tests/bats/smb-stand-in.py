#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""An SMB server that negotiates, and no more (MS-SMB2 2.2.4).

usage: smb-stand-in.py ADDRESS PORT [behind=SECONDS] [refuse=DIALECT] [say=TEXT]

It takes the best dialect up to 3.0.2, its clock is behind by that, and it refuses
offers that have DIALECT, a hexadecimal number, among others. With say= it speaks
no SMB at all.
"""
import socket
import struct
import sys
import time

KNOWN = (0x202, 0x210, 0x300, 0x302)
NOT_SUPPORTED = 0xc00000bb
options = dict(word.split('=', 1) for word in sys.argv[3:])
behind = int(options.get('behind', 0))
refused = int(options.get('refuse', '0'), 16)


def message(status, body):
    header = struct.pack('<4sHHIHHIIQIIQ16s', b'\xfeSMB', 64, 0, status, 0, 1, 1, 0, 0, 0, 0, 0, bytes(16))
    return struct.pack('>I', len(header + body)) + header + body


def answer(request):
    if 'say' in options:
        return options['say'].encode()
    count = struct.unpack_from('<H', request, 4 + 66)[0]
    offered = struct.unpack_from('<%dH' % count, request, 4 + 100)
    common = [dialect for dialect in offered if dialect in KNOWN]
    if refused in offered or not common:
        return message(NOT_SUPPORTED, struct.pack('<HHIB', 9, 0, 0, 0))
    ticks = int((time.time() - behind + 11644473600) * 10000000)
    capabilities = 0x4f if max(common) >= 0x300 else 0x07
    return message(0, struct.pack('<HHHH16sIIIIQQHHI', 65, 1, max(common), 0, bytes(16), capabilities,
                                  65536, 65536, 65536, ticks, 0, 128, 0, 0))


listener = socket.create_server((sys.argv[1], int(sys.argv[2])))
while True:
    peer, _ = listener.accept()
    with peer:
        data = peer.recv(4096)
        if len(data) > 104:
            peer.sendall(answer(data))
