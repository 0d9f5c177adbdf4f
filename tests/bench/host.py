# SPDX-License-Identifier: MIT
"""The rows of "make bench" that this machine can measure; see "host", which starts this.

usage: host.py BUILD WORK ROUNDS

Of ours and of the peer's each is run ROUNDS times, in turn, and the middle one counts:
time of the clock, and processor time, user and system, of all processes from start to
end. Memory is what all of them have together (see measure.c), instructions are those in
user space (callgrind).
"""
import glob
import os
import re
import shutil
import subprocess
import sys

from table import median, print_head, print_row

BUILD, WORK, ROUNDS = sys.argv[1], sys.argv[2], int(sys.argv[3])
BENCH = BUILD + '/tests/bench'
PEER = WORK + '/peer'
AZFILES_UID = 64998
STATE = '/run/azfiles'
CACHE = WORK + '/krb5cc'
LOG = '/run/azure-cloud/log'
HOST = 'acct1.file.core.windows.net'
COUNTS = (1, 10, 50)
OURS, OUR_UPCALL = BUILD + '/mount.azfiles', BUILD + '/azfiles.upcall'
THEIRS, THEIR_UPCALL = WORK + '/mount.cifs', '/usr/sbin/cifs.upcall'
MANAGER = ['python3', PEER + '/azfilesauthmanager']

# Measured 2026-11-22 with AzFilesAuthenticator 1.0.11 on Debian 12: processor time and time
# of the clock in ms, the peak of memory in MiB.
TAKEN_LIST, TAKEN_SET, TAKEN_SET_WALL, TAKEN_SET_MIB, TAKEN_IDLE = 181, 225, 234, 35.6, 186
TAKEN_RENEW = {1: 215, 10: 656, 50: 4104}


def have_peer():
    """Whether AzFilesAuthenticator was built, and Python has what it needs."""
    return os.path.isdir(PEER) and not subprocess.run(
        ['python3', '-c', 'import requests'], check=False, stderr=subprocess.DEVNULL).returncode


class Program:
    """One that is measured; before each run, BEFORE is called."""

    def __init__(self, *argv, before=None, upcall=None, output=False):
        self.argv = [shutil.which(argv[0]) or argv[0], *argv[1:]]
        self.before = before
        self.environ = dict(os.environ)
        if upcall:
            self.environ.update(AZF_BENCH_UPCALL=upcall, LD_PRELOAD=BENCH + '/fake-kernel.so')
        self.output = output
        self.costs = []

    def measure(self, how):
        """What measure prints of one run; the program's own output is not wanted."""
        if self.before:
            self.before()
        done = subprocess.run([BENCH + '/measure', how, *self.argv], env=self.environ, check=False,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        lines = done.stdout.decode().splitlines()
        if done.returncode or (len(lines) != 1 and not self.output):
            raise SystemExit('%s: %s%s' % (self.argv, done.stdout.decode(), done.stderr.decode()))
        return [int(word) for word in lines[-1].split()]

    def run(self):
        """One more round."""
        self.costs.append(self.measure('time'))

    def of(self, column):
        """The median of a column: 0 and 1 in ms, 2 faults."""
        return median([cost[column] for cost in self.costs]) / (1000 if column < 2 else 1)

    def memory(self):
        """The peak, in MiB."""
        return median([self.measure('memory')[0] for _ in range(3)]) / 1024

    def instructions(self):
        """Millions, of all processes."""
        name = WORK + '/callgrind'
        for old in glob.glob(name + '.*'):
            os.unlink(old)
        if self.before:
            self.before()
        done = subprocess.run(['valgrind', '--quiet', '--tool=callgrind', '--trace-children=yes',
                               '--callgrind-out-file=%s.%%p' % name, *self.argv], env=self.environ, check=False,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        if done.returncode:
            raise SystemExit('%s: %s' % (self.argv, done.stdout.decode()))
        return sum(int(re.search(r'^totals: (\d+)', open(file, encoding='ascii').read(), re.M).group(1))
                   for file in glob.glob(name + '.*')) / 1e6


def in_turn(*programs, rounds=ROUNDS):
    """Measures all, in an order that changes every round; the first two are to warm up."""
    for turn in range(-2, rounds):
        for program in programs if turn % 2 else programs[::-1]:
            program.run()
        if turn < 0:
            for program in programs:
                program.costs.clear()


def requests():
    """How many HTTP requests there were since the last call."""
    with open(LOG, 'r+', encoding='utf-8') as log:
        count = len(log.readlines())
        log.truncate(0)
    return count


def forget():
    """No ticket and no token is left."""
    shutil.rmtree(STATE, ignore_errors=True)
    subprocess.run(['setpriv', '--reuid', str(AZFILES_UID), '--regid', str(AZFILES_UID), '--clear-groups',
                    'keyctl', 'clear', '@u'], check=True)


def forget_theirs():
    """The same of AzFilesAuthenticator, which keeps no token."""
    if os.path.exists(CACHE):
        os.unlink(CACHE)


def fill_mountinfo(count, tag):
    """As many mounts of as many accounts, in another /proc: only cifs can say that it is cifs."""
    with open('/proc/self/mountinfo', encoding='utf-8') as file:
        lines = [line for line in file if ' - cifs ' not in line]
    for n in range(1, count + 1):
        lines.append('%d 1 0:%d / /srv/%d rw shared:1 - cifs //acct%d.file.core.windows.net/share rw,vers=3.1.1,'
                     'sec=krb5,cruid=0,username=%s,uid=0,gid=0,addr=10.77.0.11,file_mode=0755,dir_mode=0755,hard\n'
                     % (1000 + n, 100 + n, n, n, tag))
    os.makedirs(WORK + '/proc/self', exist_ok=True)
    with open(WORK + '/proc/self/mountinfo', 'w', encoding='utf-8') as file:
        file.writelines(lines)


def with_mounts(*argv):
    """That command, where these are mounted."""
    return ['/usr/bin/unshare', '--mount', '/bin/sh', '-c',
            'mount --bind "$0/proc" /proc && exec "$@"', WORK, *argv]


# ---- the rows ----

def rows_start():
    """Programs that do nothing."""
    empty = Program(BENCH + '/empty')
    ours = {name: Program(BUILD + '/' + name, word, output=True)
            for name, word in (('mount.azfiles', '-V'), ('azfilesctl', '--version'))}
    in_turn(empty, *ours.values())
    for name, program in ours.items():
        print_row(name + ' says its version, an empty C program: CPU', program.of(1), empty.of(1))
        print_row('  page faults', program.of(2), empty.of(2), '')


def rows_key_mount():
    """With a name to be asked for, and without; instructions are those up to mount(2)."""
    options = 'rw,credentials=%s/cred,vers=3.1.1' % WORK
    source, target = '//%s/share' % HOST, WORK + '/mnt'
    a = Program(OURS, source, target, '-o', options + ',retry=0', upcall=OUR_UPCALL)
    b = Program(THEIRS, source, target, '-n', '-o', options, upcall=THEIR_UPCALL)
    in_turn(a, b)
    print_row('key mount, mount.cifs: wall', a.of(0), b.of(0), times=1)
    print_row('  CPU', a.of(1), b.of(1))
    print_row('  page faults', a.of(2), b.of(2), '')
    print_row('  peak memory', a.memory(), b.memory(), 'MiB')
    options += ',ip=127.0.0.2'
    a = Program(OURS, source, target, '-o', options + ',retry=0', upcall=OUR_UPCALL)
    b = Program(THEIRS, source, target, '-n', '-o', options, upcall=THEIR_UPCALL)
    in_turn(a, b)
    print_row('  with ip=, where no name server is asked: wall', a.of(0), b.of(0))
    a = Program(OURS, source, target, '-f', '-o', options)
    b = Program(THEIRS, source, target, '-f', '-n', '-o', options)
    print_row('  instructions up to mount(2), with -f and ip=', a.instructions(), b.instructions(), 'M', times=1.3)


def rows_identity(peer):
    """Ours is one command, theirs is two. Without a path for a ticket at hand, theirs is the same again."""
    source, target = '//%s/share' % HOST, WORK + '/mnt'
    argv = [OURS, source, target, '-o', 'retry=0,identity=system']
    cold, cached = Program(*argv, before=forget, upcall=OUR_UPCALL), Program(*argv, upcall=OUR_UPCALL)
    theirs = []
    if peer:
        theirs.append(Program(*MANAGER, 'set', 'https://' + HOST, '--system', before=forget_theirs))
        theirs.append(Program(THEIRS, source, target, '-n', '-o', 'sec=krb5,cruid=0,vers=3.1.1',
                              upcall=THEIR_UPCALL))
    forget()  # a token of another run's cloud, too
    for program in theirs:
        program.run()
    in_turn(cold, cached, *theirs)
    requests()
    cost = [sum(program.of(column) for program in theirs) for column in range(3)] if peer else [TAKEN_SET_WALL, TAKEN_SET]
    memory = max(program.memory() for program in theirs) if peer else TAKEN_SET_MIB
    requests()
    if peer:
        for program in theirs:
            program.run()
    asked = requests() if peer else 2
    print_row('identity mount, azfilesauthmanager and mount.cifs: wall', cold.of(0), cost[0], taken=not peer)
    print_row('  CPU', cold.of(1), cost[1], most=20, taken=not peer)
    print_row('  peak memory', cold.memory(), memory, 'MiB', most=14, taken=not peer)
    requests()
    cold.run()
    print_row('  HTTP requests', requests(), asked, '')
    print_row('  ticket at hand: CPU', cached.of(1), cost[1], most=4, taken=not peer)
    print_row('  ticket at hand: peak memory', cached.memory(), memory, 'MiB', taken=not peer)
    requests()
    cached.run()
    print_row('  ticket at hand: HTTP requests', requests(), asked, '', most=0)


def rows_upcall():
    """The kernel's question, with a ticket at hand for each."""
    ours = Program(OUR_UPCALL, '1', upcall=OUR_UPCALL)
    theirs = Program(THEIR_UPCALL, '1', upcall=THEIR_UPCALL)
    shutil.copyfile('%s/%s/system/ccache' % (STATE, HOST), CACHE)
    in_turn(ours, theirs)
    print_row('azfiles.upcall, cifs.upcall: CPU', ours.of(1), theirs.of(1), times=1.2)
    print_row('  page faults', ours.of(2), theirs.of(2), '')


def make_tickets(count):
    """One for each of COUNT accounts, by real mounts; kept aside."""
    forget()
    for n in range(1, count + 1):
        Program(OURS, '//acct%d.file.core.windows.net/share' % n, WORK + '/mnt', '-o', 'retry=0,identity=system',
                upcall=OUR_UPCALL).measure('time')
    shutil.rmtree(WORK + '/tickets', ignore_errors=True)
    shutil.copytree(STATE, WORK + '/tickets')


def make_due():
    """These again, all of which are due; and no token."""
    forget()
    shutil.copytree(WORK + '/tickets', STATE)
    for name in glob.glob(STATE + '/*.net/system/ticket'):
        with open(name, 'r+', encoding='ascii') as file:
            text = re.sub(r'^(early|renew)=.*$', r'\1=1000', file.read(), flags=re.M)
            file.seek(0)
            file.truncate()
            file.write(text)


# One cycle of the daemon: what it used between two of its pauses, and its children.
CYCLE = r'''
import os, resource, sys, time
sys.argv = [sys.argv[1], sys.argv[2]]
text = open(sys.argv[0]).read()
if sys.argv[1] == 'due':
    text = text.replace('REFRESH_BEFORE_EXPIRY = 5 *', 'REFRESH_BEFORE_EXPIRY = 5000 *')
costs = []
def pause(seconds):
    both = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    costs.append(sum(usage.ru_utime + usage.ru_stime for usage in both) * 1e6)
    if len(costs) == 2:
        print(round(costs[1] - costs[0]))
        sys.stdout.flush()
        os._exit(0)
time.sleep = pause
exec(compile(text, sys.argv[0], 'exec'))
'''


def theirs_once(due):
    """Processor time of one cycle of azfilesrefresh, in ms."""
    environ = dict(os.environ, PATH=PEER + ':' + os.environ['PATH'])
    done = subprocess.run(with_mounts(shutil.which('python3'), '-c', CYCLE, PEER + '/azfilesrefresh',
                                      'due' if due else 'fresh'),
                          env=environ, check=True, stdout=subprocess.PIPE)
    return int(done.stdout) / 1000


def rows_refresh(peer):
    """All that is renewed in one run, and a run that finds nothing to do."""
    refresh = with_mounts(BENCH + '/measure', 'time', BUILD + '/azfilesctl', 'refresh')
    environ = dict(os.environ)

    def ours_once(before):
        before()
        done = subprocess.run(refresh, env=environ, check=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        return int(done.stdout.split()[-2]) / 1000

    for count in COUNTS:
        make_tickets(count)
        fill_mountinfo(count, 'system')
        requests()
        ours_once(make_due)
        asked = requests()
        ours = median([ours_once(make_due) for _ in range(3)])
        theirs = TAKEN_RENEW[count]
        if peer:
            fill_mountinfo(count, 'root')
            forget_theirs()
            for n in range(1, count + 1):
                subprocess.run([*MANAGER, 'set', 'https://acct%d.file.core.windows.net' % n, '--system'], check=True)
            theirs = median([theirs_once(True) for _ in range(3 if count < 50 else 1)])
        print_row('refresh, %d due, a cycle of azfilesrefresh: CPU' % count, ours, theirs,
                  most=500 if count == 50 else None, taken=not peer)
        print_row('  HTTP requests', asked, 2 * count, '')
    idle = theirs_once(False) if peer else TAKEN_IDLE
    fill_mountinfo(50, 'system')
    forget()
    shutil.copytree(WORK + '/tickets', STATE)
    ours = median([ours_once(lambda: None) for _ in range(ROUNDS)])
    print_row('  of 50, none due', ours, idle, most=5, taken=not peer)


def rows_list(peer):
    """With 50 tickets for each."""
    ours = Program(BUILD + '/azfilesctl', 'list', output=True)
    theirs = [Program(*MANAGER, 'list', output=True)] if peer else []
    in_turn(ours, *theirs)
    print_row('azfilesctl list, azfilesauthmanager list: CPU', ours.of(1),
              theirs[0].of(1) if peer else TAKEN_LIST, most=3, taken=not peer)


def rows_generator():
    """With a thousand lines each, in one fstab for each."""
    programs = []
    for kind, path in (('azfiles', BUILD + '/azfiles-generator'),
                       ('cifs', '/usr/lib/systemd/system-generators/systemd-fstab-generator')):
        out = '%s/units.%s' % (WORK, kind)

        def prepare(kind=kind, out=out):
            shutil.rmtree(out, ignore_errors=True)
            for name in ('normal', 'early', 'late'):
                os.makedirs('%s/%s' % (out, name))
            with open('/etc/fstab', 'w', encoding='ascii') as file:
                file.writelines('//%s/share%d /srv/%d %s credentials=/etc/cred,_netdev,nofail 0 0\n'
                                % (HOST, n, n, kind) for n in range(1000))

        programs.append(Program(path, out + '/normal', out + '/early', out + '/late', before=prepare, output=True))
    in_turn(*programs, rounds=9)
    print_row('generator, 1000 lines, systemd-fstab-generator: CPU', programs[0].of(1), programs[1].of(1))


def main():
    """All rows, those first that take a moment."""
    peer = have_peer()
    with open('/proc/cpuinfo', encoding='utf-8') as file:
        processor = re.search('^model name.*: (.*)$', file.read(), re.M).group(1)
    print_head('on this machine, ' + processor)
    # one that is not setuid takes LD_PRELOAD and valgrind
    shutil.copyfile('/sbin/mount.cifs', THEIRS)
    os.chmod(THEIRS, 0o755)
    rows_start()
    rows_key_mount()
    rows_identity(peer)
    rows_upcall()
    rows_refresh(peer)
    rows_list(peer)
    rows_generator()
    if not peer:
        print('* measured 2026-11-22; AZFILESAUTH=DIR, where AzFilesAuthenticator was built, measures it now')


main()
