"""Whole mounts by mount.azfiles and by Debian's mount.cifs, in turn, of the same shares with
the same options: one after the other, and fifty at once as at boot. Prints rows of the table
of "make bench".

usage: bench.py TARGET DIRECTORY-OF-CREDENTIALS-FILES [ROUNDS]
"""
import os
import subprocess
import sys
import time

from table import median, print_head, print_row

TARGET, CREDENTIALS = sys.argv[1:3]
ROUNDS = int(sys.argv[3]) if len(sys.argv) > 3 else 10
WARM_UP = 2
LINES, LINE_ROUNDS = 50, 2
KINDS = ("azfiles", "cifs")

WAYS = {
    "helper alone, mount.cifs": lambda kind: [f"/sbin/mount.{kind}", source(1), TARGET, "-o", options(1)],
    "mount(8), with mount.cifs": lambda kind: ["/bin/mount", "-t", kind, source(1), TARGET, "-o", options(1)],
}


def source(account, share=""):
    """A share of an account."""
    return f"//acct{account}.file.core.windows.net/share{share}"


def options(account):
    """Ours has most of these as defaults; the other is told."""
    return (f"rw,credentials={CREDENTIALS}/acct{account}.cred,vers=3.1.1,mfsymlinks,nosharesock,"
            "actimeo=30,serverino")


def timed(argv):
    """Runs argv; returns wall and CPU time in milliseconds, CPU is user and system."""
    began = time.perf_counter()
    pid = os.posix_spawn(argv[0], argv, {"PATH": os.environ["PATH"]})
    _, status, usage = os.wait4(pid, 0)
    wall = time.perf_counter() - began
    if status:
        raise SystemExit(f"Bail out! {argv} failed")
    return wall * 1000, (usage.ru_utime + usage.ru_stime) * 1000


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


def write_lines():
    """Lines of fstab for both, fifty each, which nothing mounts but us."""
    with open("/etc/fstab", "a", encoding="ascii") as file:
        for kind in KINDS:
            for n in range(LINES):
                account, target = n % 5 + 1, f"/srv/{kind}{n}"
                os.makedirs(target, exist_ok=True)
                file.write(f"{source(account, n // 5 + 1)} {target} {kind} "
                           f"{options(account)},_netdev,noauto 0 0\n")
    subprocess.run(["systemctl", "daemon-reload"], check=True)


def measure_lines():
    """How long it takes until all of each kind are mounted, in milliseconds."""
    times = {kind: [] for kind in KINDS}
    write_lines()
    for turn in range(LINE_ROUNDS):
        for kind in KINDS if turn % 2 else KINDS[::-1]:
            print(f"@step bench, {LINES} lines, round {turn + 1} of {LINE_ROUNDS}", flush=True)
            units = [f"srv-{kind}{n}.mount" for n in range(LINES)]
            times[kind].append(timed(["/bin/systemctl", "start", *units])[0])
            subprocess.run(["systemctl", "stop", *units], check=True)
    return {kind: median(times[kind]) for kind in KINDS}


def main():
    """Measures and prints rows."""
    print_head(f"in the machine, Linux {os.uname().release}")
    for way in WAYS:
        result = measure(way)
        ours, theirs = result["azfiles"], result["cifs"]
        print_row(way + ": wall", ours[0], theirs[0], times=1)
        print_row("  CPU", ours[1], theirs[1])
    result = measure_lines()
    print_row(f"{LINES} lines at once, as many cifs lines: wall", result["azfiles"], result["cifs"], times=1.1)


main()
