# SPDX-License-Identifier: MIT
# libazf.so as a program with threads calls it: HOST DIRECTORY TOKEN-FILE.
import ctypes
import os
import signal
import sys
import threading

host, base, token_file = sys.argv[1].encode(), sys.argv[2], sys.argv[3]
USAGE, MOUNT, TRANSIENT = 5000, 5003, 5004
LAZY = 1


class Error(ctypes.Structure):
    _fields_ = [("code", ctypes.c_int), ("cause", ctypes.c_char * 512),
                ("cure", ctypes.c_char * 512)]


class Ticket(ctypes.Structure):
    _fields_ = [(name, ctypes.c_char_p) for name in
                ("host", "tag", "kind", "name", "server", "principal", "ccache")]
    _fields_ += [("renew", ctypes.c_int64), ("expires", ctypes.c_int64),
                 ("kept", ctypes.c_bool), ("renewable", ctypes.c_bool),
                 ("failed", ctypes.c_int64), ("failure", Error)]


LogFn = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_int, ctypes.c_char_p)


class Log(ctypes.Structure):
    _fields_ = [("fn", LogFn), ("arg", ctypes.c_void_p)]


azf = ctypes.CDLL("libazf.so.1")
remarks = []
log = Log(LogFn(lambda arg, level, text: remarks.append(text)), None)


def call(function, *arguments, want=0):
    err = Error()
    result = function(*arguments, ctypes.byref(err))
    assert result == want, (function.__name__, result, err.cause, err.cure)
    return err


def mount(share, options, want=0):
    target = os.path.join(base, share)
    os.makedirs(target, exist_ok=True)
    return call(azf.azf_share_mount, b"//%s/%s" % (host, share.encode()), target.encode(),
                options, ctypes.byref(log), want=want)


def umount(share, flags=0, want=0):
    return call(azf.azf_share_umount, os.path.join(base, share).encode(), flags, want=want)


def tickets():
    found, count = ctypes.POINTER(ctypes.POINTER(Ticket))(), ctypes.c_size_t()
    call(azf.azf_ticket_list, ctypes.byref(found), ctypes.byref(count))
    assert not found[count.value]
    tags = [found[i].contents.tag for i in range(count.value)]
    assert all(found[i].contents.host == host for i in range(count.value))
    assert all(found[i].contents.expires > 0 for i in range(count.value))
    azf.azf_ticket_list_free(found)
    return tags


def process():
    """What must be the same afterwards."""
    umask = os.umask(0o22)
    os.umask(umask)
    # not SigQ: all processes of root's add to it
    status = [line for line in open("/proc/self/status")
              if line.startswith(("Sig", "Cap", "NoNew")) and not line.startswith("SigQ")]
    limits = open("/proc/self/limits").read()
    return (umask, os.getcwd(), dict(os.environ), status, limits,
            signal.getsignal(signal.SIGCHLD), os.listdir("/proc/self/fd"),
            os.readlink("/proc/self/ns/mnt"))


# with its first thread the C library catches a signal of its own
first = threading.Thread()
first.start()
first.join()
os.umask(0o27)
os.chdir("/var")
before = process()

# five threads, of which some want the same ticket
failed = []


def work(share, options):
    try:
        mount(share, options)
        open(os.path.join(base, share, "file"), "w").close()
    except (AssertionError, OSError) as error:
        failed.append(error)


threads = [threading.Thread(target=work, args=("share%d" % n, b"identity=system")) for n in range(1, 5)]
threads.append(threading.Thread(target=work, args=("share5", b"identity=system,_netdev,uid=0")))
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert not failed, failed
assert tickets() == [b"system"]

assert b"mounted on" in mount("share1", b"identity=system", want=-MOUNT).cause
held = open(os.path.join(base, "share1", "file"))
assert b"fuser" in umount("share1", want=-TRANSIENT).cure
umount("share1", LAZY)
held.close()
for n in range(2, 6):
    umount("share%d" % n)
umount("share2", want=-MOUNT)
call(azf.azf_share_umount, b"/proc", 0, want=-MOUNT)
call(azf.azf_share_umount, b"relative", 0, want=-USAGE)
call(azf.azf_share_umount, b"/proc", 64, want=-USAGE)

token = open(token_file, "rb").read().strip()
call(azf.azf_ticket_set, host, b"identity=token", token, ctypes.byref(log))
mount("share1", b"identity=token")
assert tickets() == [b"system", b"token"]
call(azf.azf_ticket_clear, host, b"token", ctypes.byref(log), want=1)
assert any(b"share1 uses the ticket of token" in text for text in remarks), remarks
umount("share1/")
call(azf.azf_ticket_clear, host, None, None, want=1)
call(azf.azf_ticket_clear, host, None, None, want=0)
assert tickets() == []
assert call(azf.azf_ticket_set, b"https://" + host, b"identity=system", None, None, want=-USAGE).cure.endswith(host)

assert process() == before, (before, process())
loaded = open("/proc/self/maps").read()
assert "libazf.so.1" in loaded and "libcurl" not in loaded and "libkrb5" not in loaded
for n in range(1, 6):
    os.rmdir(os.path.join(base, "share%d" % n))
print("done")
