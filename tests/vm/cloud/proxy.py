# SPDX-License-Identifier: MIT
"""An HTTP proxy as many companies have one: http://10.77.0.20:3128. It connects
(CONNECT) and fetches nothing itself."""
import socket
import threading

import journal
from wire import LIMIT

NAME = 'proxy'
SILENCE = 60
# The namespace's first address would do, were it not one that refuses all (.2).
ADDRESS = '10.77.0.20'
RECORDS = '/run/azure-dns/hosts/accounts'


def address_of(host):
    """By the name server's own records: it does not serve its side of the network."""
    with open(RECORDS) as file:
        for line in file:
            address, name = line.split()
            if name == host:
                return address
    raise OSError('no such name')


def pump(source, sink):
    try:
        while True:
            data = source.recv(LIMIT)
            if not data:
                break
            sink.sendall(data)
        sink.shutdown(socket.SHUT_WR)
    except OSError:
        pass


def read_head(connection):
    head = b''
    while b'\r\n\r\n' not in head and len(head) < LIMIT:
        data = connection.recv(LIMIT)
        if not data:
            break
        head += data
    return head.decode('latin-1').split('\r\n')[0]


def converse(connection):
    connection.settimeout(SILENCE)
    try:
        method, target, _ = read_head(connection).split()
    except (OSError, ValueError):
        return
    host, _, port = target.rpartition(':')
    if method != 'CONNECT':
        journal.write(NAME, method, target, 403)
        connection.sendall(b'HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n')
        return
    try:
        far = socket.create_connection((address_of(host), int(port)), 10, (ADDRESS, 0))
    except OSError:
        journal.write(NAME, method, target, 502)
        connection.sendall(b'HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\nConnection: close\r\n\r\n')
        return
    journal.write(NAME, method, target, 200)
    with far:
        connection.sendall(b'HTTP/1.1 200 Connection established\r\n\r\n')
        thread = threading.Thread(target=pump, args=(far, connection), daemon=True)
        thread.start()
        pump(connection, far)
        thread.join()
