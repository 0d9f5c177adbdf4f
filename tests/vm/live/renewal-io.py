#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Reads and writes all the time, as an application that tries again.

usage: renewal-io.py DIR SECONDS SUMS

Prints what it met: operations, errors that it saw, the longest time that one
operation took until it succeeded, and what the kernel was doing when one took very
long. SUMS gets the SHA-256 of each file as it has
to be, for sha256sum -c. What is read back must be what was written.
"""

import collections
import errno
import hashlib
import os
import sys
import threading
import time

PAUSE = 0.02
SLOW = 8
GIVE_UP = 120


class Worker:
    def __init__(self, folder):
        self.folder = folder
        self.count = collections.Counter()
        self.errors = collections.Counter()
        self.longest = collections.Counter()
        self.began = time.monotonic()
        self.current = None
        self.slow = []

    def do(self, name, function, *arguments):
        """Until it succeeds; each failure counts."""
        began = time.monotonic()
        self.current = (name, began)
        while True:
            try:
                result = function(*arguments)
                break
            except OSError as error:
                self.errors['%s %s' % (name, errno.errorcode.get(error.errno, error.errno))] += 1
                if time.monotonic() - began > GIVE_UP:
                    raise
                time.sleep(PAUSE)
        self.current = None
        self.count[name] += 1
        self.longest[name] = max(self.longest[name], time.monotonic() - began)
        return result

    def watch(self):
        """In a thread of its own: where the kernel is in what takes long."""
        shown = None
        while True:
            time.sleep(1)
            current = self.current
            if not current or current == shown or time.monotonic() - current[1] < SLOW:
                continue
            shown = current
            with open('/proc/%d/stack' % os.getpid(), encoding='ascii') as stack:
                calls = [line.split()[1].split('+')[0] for line in stack]
            self.slow.append('%s at %d s: %s' % (current[0], current[1] - self.began, ' '.join(calls)))


def content(number):
    return hashlib.sha256(b'%d' % number).digest() * 256


def save(file, data, place):
    """What a failed fsync(2) does not promise has to be written again; besides, the
    kernel's fsync does not open a file anew that its session took along."""
    if os.pwrite(file, data, place) != len(data):
        raise OSError(errno.ENOSPC, 'short write')
    os.fsync(file)


def one_round(worker, number, held, sums):
    name = 'file%d' % (number % 40)
    path = os.path.join(worker.folder, name)
    data = content(number)
    worker.do('statfs', os.statvfs, worker.folder)
    file = worker.do('create', os.open, path, os.O_CREAT | os.O_TRUNC | os.O_RDWR)
    worker.do('write', save, file, data, 0)
    worker.do('close', os.close, file)
    worker.do('stat', os.stat, path)
    file = worker.do('open', os.open, path, os.O_RDONLY)
    if worker.do('read', os.pread, file, len(data) + 1, 0) != data:
        raise SystemExit('%s is not what was written' % path)
    worker.do('close', os.close, file)
    sums[name] = hashlib.sha256(data).hexdigest()
    worker.do('write held', save, held, data, number * len(data) % (1 << 22))
    if worker.do('read held', os.pread, held, len(data), number * len(data) % (1 << 22)) != data:
        raise SystemExit('the held file is not what was written')


def main():
    folder, seconds, sums_file = sys.argv[1], int(sys.argv[2]), sys.argv[3]
    worker = Worker(folder)
    threading.Thread(target=worker.watch, daemon=True).start()
    sums = {}
    held = os.open(os.path.join(folder, 'held'), os.O_CREAT | os.O_TRUNC | os.O_RDWR)
    image = bytearray()
    end = time.monotonic() + seconds
    number = 0
    while time.monotonic() < end:
        one_round(worker, number, held, sums)
        data = content(number)
        place = number * len(data) % (1 << 22)
        image[place:place + len(data)] = data
        number += 1
        time.sleep(PAUSE)
    os.close(held)
    sums['held'] = hashlib.sha256(image).hexdigest()
    with open(sums_file, 'w', encoding='ascii') as out:
        for name, value in sums.items():
            out.write('%s  %s\n' % (value, name))
    print('rounds=%d operations=%d errors=%d longest=%.1f' % (
        number, sum(worker.count.values()), sum(worker.errors.values()), max(worker.longest.values())))
    print('errors: ' + (', '.join('%s %d' % item for item in sorted(worker.errors.items())) or 'none'))
    print('longest: ' + ', '.join('%s %.1f s' % item for item in worker.longest.most_common(4)))
    for slow in worker.slow:
        print('slow: ' + slow)


main()
