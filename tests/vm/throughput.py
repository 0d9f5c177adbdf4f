"""What options do to the speed of a share, on a network with 2 ms there and back: the
defaults against others, in turn. Prints how long each took, as a part of what the defaults
took; medians of ROUNDS.

usage: throughput.py SOURCE TARGET CREDENTIALS-FILE [ROUNDS]

The machine is emulated: only what options change in the requests on the wire, and in the
waiting for them, says something of real ones.
"""
import fcntl
import os
import shutil
import subprocess
import sys
import time

from table import median

SOURCE, TARGET, CREDENTIALS = sys.argv[1:4]
ROUNDS = int(sys.argv[4]) if len(sys.argv) > 4 else 4
SIZE, BLOCK = 16 << 20, 1 << 20
DIRECTORIES, FILES, SMALL = 3, 10, b"x" * 4096
LOCKS = 50
WAYS = {
    "defaults": ("azfiles", ""),
    "cifs, documented": ("cifs", "serverino,nosharesock,actimeo=30,mfsymlinks"),
    "cifs, own defaults": ("cifs", ""),
    "multichannel": ("azfiles", "multichannel,max_channels=4"),
    "rsize, wsize 1 MiB": ("azfiles", "rsize=1048576,wsize=1048576"),
    "rsize, wsize 8 MiB": ("azfiles", "rsize=8388608,wsize=8388608"),
    "rasize 16 MiB": ("azfiles", "rasize=16777216"),
    "nobrl": ("azfiles", "nobrl"),
    "actimeo=120": ("azfiles", "actimeo=120"),
    "cache=loose": ("azfiles", "cache=loose"),
    "nolease": ("azfiles", "nolease"),
}


def mount(way):
    """Anew, so that nothing is cached."""
    kind, more = WAYS[way]
    if os.path.ismount(TARGET):
        subprocess.run(["umount", TARGET], check=True)
    subprocess.run(["mount", "-t", kind, SOURCE, TARGET, "-o", f"credentials={CREDENTIALS}" + (more and "," + more)],
                   check=True)


def write():
    """A large file, one block after the other."""
    block = os.urandom(BLOCK)
    with open(TARGET + "/large", "wb", buffering=0) as file:
        for _ in range(SIZE // BLOCK):
            file.write(block)
        os.fsync(file.fileno())


def read():
    """The same."""
    with open(TARGET + "/large", "rb", buffering=0) as file:
        while file.read(BLOCK):
            pass


def names():
    """Of the small files."""
    return [f"{TARGET}/tree/{d}/{f}" for d in range(DIRECTORIES) for f in range(FILES)]


def write_small():
    """Many files."""
    for d in range(DIRECTORIES):
        os.makedirs(f"{TARGET}/tree/{d}")
    for name in names():
        with open(name, "wb") as file:
            file.write(SMALL)


def read_small():
    """The same."""
    for name in names():
        with open(name, "rb") as file:
            file.read()


def walk():
    """As find does."""
    for directory, _, files in os.walk(TARGET + "/tree"):
        for name in files:
            os.stat(os.path.join(directory, name))


def walk_later():
    """Once more, when some attributes are old."""
    time.sleep(2)
    return walk


def lock():
    """As a database does."""
    with open(TARGET + "/large", "rb+") as file:
        for _ in range(LOCKS):
            fcntl.lockf(file, fcntl.LOCK_EX, 1)
            fcntl.lockf(file, fcntl.LOCK_UN, 1)


# Each with whether it begins on a mount of its own.
WORK = {"write": (write, True), "read": (read, True), "create": (write_small, False),
        "open": (read_small, True), "walk": (walk, True), "again": (walk_later, False), "lock": (lock, False)}


def measure(way):
    """Seconds for each kind of work."""
    times = {}
    for name, (work, anew) in WORK.items():
        if anew:
            mount(way)
        if work is walk_later:
            work = work()
        began = time.perf_counter()
        work()
        times[name] = time.perf_counter() - began
    shutil.rmtree(TARGET + "/tree")
    return times


def main():
    """Measures and prints the table."""
    times = {way: {name: [] for name in WORK} for way in WAYS}
    for turn in range(ROUNDS):
        for way in list(WAYS)[::-1 if turn % 2 else 1]:
            print(f"@step throughput, {way}, round {turn + 1} of {ROUNDS}", flush=True)
            for name, seconds in measure(way).items():
                times[way][name].append(seconds)
    print(f"Linux {os.uname().release:26}" + "".join(f"{name:>9}" for name in WORK))
    for way, result in times.items():
        base = times["defaults"]
        cells = [f"{median(result[name]):.2f} s" if way == "defaults" else
                 f"{median([a / b for a, b in zip(result[name], base[name])]):.2f}" for name in WORK]
        print(f"{way:32}" + "".join(f"{cell:>9}" for cell in cells), flush=True)


main()
