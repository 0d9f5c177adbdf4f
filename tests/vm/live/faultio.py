#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Reads and writes all the time while something goes wrong, and what came of it.

  faultio.py run DIRECTORY LOG      until killed; DIRECTORY is in the mount
  faultio.py resumed LOG TIME       has the writer succeeded since TIME?
  faultio.py report FILE LOG END    FILE as the server has it; END: when the fault
                                    was over. Fails for what was promised and lost,
                                    and where nothing went on for LIMIT after END

Times are those of CLOCK_MONOTONIC, in seconds.

The writer puts numbered records into one file, each followed by fsync(2). A record
that failed is written again, as an application would that has something to lose.
The reader opens the same file anew each time and compares a record that fsync(2)
has promised. Neither looks at the clock on the wall.

LOG has a line for each: TIME w|r ok|ERROR NUMBER.
"""
import errno
import os
import random
import sys
import time

SIZE = 64
PAUSE = 0.02


def record(number):
    return (b'%012d ' % number + b'%d' % (number * 7919) * SIZE)[:SIZE - 1] + b'\n'


class Log:
    def __init__(self, path, who):
        self.file = open(f'{path}.{who}', 'w', buffering=1)
        self.who = who

    def add(self, what, number):
        self.file.write(f'{time.monotonic():.3f} {self.who} {what} {number}\n')


def forever(step, log, state):
    while True:
        try:
            what = step(state)
        except OSError as error:
            what = errno.errorcode.get(error.errno, str(error.errno))
            state['failures'] += 1
        log.add(what, state['number'])
        time.sleep(PAUSE if what == 'ok' else 10 * PAUSE)


def write_one(state):
    # A descriptor that failed again and again may be of no use any more.
    if state['fd'] < 0 or state['failures'] % 5 == 4:
        if state['fd'] >= 0:
            fd, state['fd'] = state['fd'], -1
            os.close(fd)
        state['fd'] = os.open(state['path'], os.O_RDWR | os.O_CREAT, 0o666)
    number = state['number'] + 1
    if os.pwrite(state['fd'], record(number), number * SIZE) != SIZE:
        return 'SHORT'
    os.fsync(state['fd'])
    state['number'] = number
    state['shared'].write(f'{number}\n')
    return 'ok'


def read_one(state):
    try:
        with open(state['shared']) as file:
            last = int(file.read().split()[-1])
    except (FileNotFoundError, IndexError, ValueError):
        return 'ok'
    state['number'] = random.randint(max(0, last - 200), last)
    fd = os.open(state['path'], os.O_RDONLY)
    try:
        os.posix_fadvise(fd, 0, 0, os.POSIX_FADV_DONTNEED)
        data = os.pread(fd, SIZE, state['number'] * SIZE)
    finally:
        os.close(fd)
    return 'ok' if data == record(state['number']) else 'DIFFERENT'


def run(directory, path):
    state = {'path': f'{directory}/records', 'number': -1, 'failures': 0, 'fd': -1}
    if os.fork() == 0:
        state['shared'] = f'{path}.last'
        forever(read_one, Log(path, 'r'), state)
    state['shared'] = open(f'{path}.last', 'w', buffering=1)
    forever(write_one, Log(path, 'w'), state)


def lines(path, who):
    with open(f'{path}.{who}') as file:
        for line in file:
            fields = line.split()
            if line.endswith('\n') and len(fields) == 4:
                yield float(fields[0]), fields[2], int(fields[3])


def lost_records(stored, path):
    """Those that fsync(2) promised and the server has not."""
    with open(stored, 'rb') as file:
        data = file.read()
    promised = [number for _, what, number in lines(path, 'w') if what == 'ok']
    lost = [n for n in promised if data[n * SIZE:(n + 1) * SIZE] != record(n)]
    return len(promised), len(lost)


STALL = 3.0
# Half of it is meant; an emulated machine on a busy host takes its time.
LIMIT = 60


def summary(path, who, end):
    """What went wrong, when nothing went on, the first success after END."""
    errors, stalls, after, last = {}, [], None, None
    for when, what, _ in lines(path, who):
        if what != 'ok':
            errors[what] = errors.get(what, 0) + 1
            continue
        if last is not None and when - last > STALL:
            stalls.append((last - end, when - last))
        if after is None and when >= end:
            after = when - end
        last = when
    return errors, stalls, after


def told(errors):
    return ','.join(f'{what}:{n}' for what, n in sorted(errors.items())) or 'none'


def report(stored, path, end):
    records, lost = lost_records(stored, path)
    errors, stalls, after = summary(path, 'w', end)
    reader, _, _ = summary(path, 'r', end)
    print(f'records={records} lost={lost * SIZE} write_errors={told(errors)} '
          f'read_errors={told(reader)} '
          f'stalls={",".join(f"{length:.0f}s@{begin:+.0f}" for begin, length in stalls) or "none"} '
          f'after={"never" if after is None else f"{after:.1f}"}')
    late = [length for begin, length in stalls if begin + length > 0 and length + min(begin, 0) > LIMIT]
    return not lost and 'DIFFERENT' not in reader and after is not None and not late


def resumed(path, since):
    return any(when >= since for when, what, _ in lines(path, 'w') if what == 'ok')


if __name__ == '__main__':
    if sys.argv[1] == 'run':
        run(*sys.argv[2:4])
    elif sys.argv[1] == 'resumed':
        sys.exit(not resumed(sys.argv[2], float(sys.argv[3])))
    else:
        sys.exit(not report(sys.argv[2], sys.argv[3], float(sys.argv[4])))
