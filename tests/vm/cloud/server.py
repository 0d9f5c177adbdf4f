# SPDX-License-Identifier: MIT
"""Who listens where, and which service a connection is for."""
import os
import signal
import socket
import threading

import arc
import entra
import imds
import journal
import proxy
import storage
import wire

RUN = '/run/azure-cloud'


def metadata(connection):
    wire.converse(connection, imds, '', tls=False)


def challenged_metadata(connection):
    wire.converse(connection, arc, '', tls=False)


def secured(connection):
    """Each has an address of its own."""
    address = connection.getsockname()[0]
    host = address.replace(':', '.').rpartition('.')[2]
    if host == '20':
        wire.converse(connection, entra, '', tls=True)
    elif len(host) == 2 and host[0] == '1':
        wire.converse(connection, storage, 'acct' + host[1], tls=True)


def serve(connection, converse):
    with connection:
        converse(connection)


def accept(listener, converse):
    while True:
        try:
            connection, _ = listener.accept()
        except OSError:
            return      # himds was switched off
        threading.Thread(target=serve, args=(connection, converse), daemon=True).start()


def start(listener, converse):
    threading.Thread(target=accept, args=(listener, converse), daemon=True).start()


class Himds:
    """There while its flag file is, in the network of process 1."""

    def __init__(self, listen):
        self.listen = listen
        self.listener = None

    def adjust(self):
        wanted = os.path.exists(arc.FLAG)
        if wanted and not self.listener:
            thread = threading.Thread(target=self.open)
            thread.start()
            thread.join()
            start(self.listener, challenged_metadata)
        elif self.listener and not wanted:
            self.listener.shutdown(socket.SHUT_RDWR)
            self.listener.close()
            self.listener = None

    def open(self):
        # A thread's namespace is its own; the socket stays where it was made.
        import ctypes
        namespace = os.open('/proc/1/ns/net', os.O_RDONLY)
        if ctypes.CDLL(None, use_errno=True).setns(namespace, 0) != 0:
            raise OSError(ctypes.get_errno(), 'setns')
        os.close(namespace)
        self.listener = self.listen(socket.AF_INET, ('127.0.0.1', 40342))


def run(plain, secure, listen, signals):
    journal.begin(RUN + '/log')
    start(plain, metadata)
    start(secure, secured)
    start(listen(socket.AF_INET, (proxy.ADDRESS, 3128)), proxy.converse)
    himds = Himds(listen)
    himds.adjust()
    wire.context_for('good')
    while signal.sigwait(signals) == signal.SIGHUP:
        himds.adjust()
