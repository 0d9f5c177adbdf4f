# SPDX-License-Identifier: MIT
"""What is to go wrong. The file FAULTS has one line for each fault, fields split
by tabs: ID ENDPOINT COUNT KIND ARGUMENT... It is written by the helper
"cloud_fault" alone; how often a fault was used up is remembered here.

ENDPOINT is imds, arc, entra, storage, or storage/ACCOUNT, or arc/challenge for
the first of himds' two requests. COUNT 0 means: until the reset.

A request takes the first fault in line that is left for it, and besides the first
of each kind in ALONGSIDE; a connection takes the first of CONNECTION.
"""
import threading

FAULTS = '/var/lib/azf-test/cloud/faults'
ALONGSIDE = {'delay', 'slow', 'skew', 'life', 'chunked'}
CONNECTION = {'tls', 'reset'}

lock = threading.Lock()
used = {}


class Fault:
    def __init__(self, line):
        self.id, self.endpoint, count, self.kind, *self.arguments = line.split('\t')
        self.count = int(count)

    def left(self):
        return not self.count or used.get(self.id, 0) < self.count

    def argument(self, index=0, default=None):
        return self.arguments[index] if index < len(self.arguments) else default


def concerns(fault, endpoint):
    if fault.endpoint == endpoint:
        return True
    return endpoint.startswith('storage/') and fault.endpoint == 'storage'


def slot(fault):
    if fault.kind in ALONGSIDE:
        return fault.kind
    return 'connection' if fault.kind in CONNECTION else 'answer'


def present():
    try:
        with open(FAULTS) as file:
            return [Fault(line.rstrip('\n')) for line in file]
    except FileNotFoundError:
        return []


def take(endpoint, connection=False):
    """{slot: fault} for a request, or for a connection."""
    chosen = {}
    with lock:
        for fault in present():
            place = slot(fault)
            if (place == 'connection') != connection or place in chosen:
                continue
            if concerns(fault, endpoint) and fault.left():
                used[fault.id] = used.get(fault.id, 0) + 1
                chosen[place] = fault
    return chosen
