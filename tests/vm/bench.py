"""Whole mounts by mount.azfiles and by Debian's mount.cifs, in turn, on the same
share with the same options: wall time and CPU time (user and system, children
included). Prints a table of medians; the aim is to be no slower.

usage: bench.py SOURCE TARGET CREDENTIALS-FILE [ROUNDS]
"""
import os
import subprocess
import sys
import time

SOURCE, TARGET, CREDENTIALS = sys.argv[1:4]
ROUNDS = int(sys.argv[4]) if len(sys.argv) > 4 else 20
WARM_UP = 2

# Ours has these as defaults; the other is told.
OPTIONS = (f"rw,credentials={CREDENTIALS},vers=3.1.1,mfsymlinks,nosharesock,"
           "actimeo=30,serverino")

# Two medians this near are the same: the machine is emulated.
TOLERANCE = 1.05

WAYS = {
    "helper alone": lambda kind: [f"/sbin/mount.{kind}", SOURCE, TARGET, "-o", OPTIONS],
    "mount(8)": lambda kind: ["/bin/mount", "-t", kind, SOURCE, TARGET, "-o", OPTIONS],
}
KINDS = ("azfiles", "cifs")


def timed(argv):
    """Runs argv; returns wall and CPU time in milliseconds."""
    began = time.perf_counter()
    pid = os.posix_spawn(argv[0], argv, {"PATH": os.environ["PATH"]})
    _, status, usage = os.wait4(pid, 0)
    wall = time.perf_counter() - began
    if status:
        raise SystemExit(f"Bail out! {argv[0]} failed")
    return wall * 1000, (usage.ru_utime + usage.ru_stime) * 1000


def median(values):
    """The middle value, or the mean of the two middle ones."""
    values = sorted(values)
    half = len(values) // 2
    return values[half] if len(values) % 2 else (values[half - 1] + values[half]) / 2


def measure(way):
    """Mounts ROUNDS times by each kind, whose order changes every round."""
    times = {kind: ([], []) for kind in KINDS}
    for turn in range(-WARM_UP, ROUNDS):
        print(f"@step bench, {way}, round {turn + 1} of {ROUNDS}", flush=True)
        for kind in KINDS if turn % 2 else KINDS[::-1]:
            wall, cpu = timed(WAYS[way](kind))
            subprocess.run(["/bin/umount", TARGET], check=True)
            if turn >= 0:
                times[kind][0].append(wall)
                times[kind][1].append(cpu)
    return {kind: [median(values) for values in times[kind]] for kind in KINDS}


def main():
    """Measures and prints the table."""
    results = {way: measure(way) for way in WAYS}
    print(f"# medians of {ROUNDS} mounts, ms     azfiles      cifs     ratio   aim 1.00")
    for way, result in results.items():
        for column, what in enumerate(("wall", "user+sys CPU")):
            ours, theirs = result["azfiles"][column], result["cifs"][column]
            ratio = ours / theirs
            print(f"#   {way + ', ' + what:26} {ours:9.2f} {theirs:9.2f} {ratio:9.2f}   "
                  f"{'met' if ratio <= TOLERANCE else 'missed'}")
    print("1..1\nok 1 measured")


main()
