# SPDX-License-Identifier: MIT
"""Tickets of the guest's KDC, by way of krbcred."""
import os
import subprocess
import time

STATE = '/var/lib/azf-test/cloud'
TOOL = os.path.dirname(os.path.abspath(__file__)) + '/krbcred'
TRIES = 10


def keytab(service):
    """Where that service's own key is."""
    kind, _, host = service.partition('/')
    return '%s/%s.keytab' % (STATE, host.partition('.')[0] if kind == 'cifs' else kind)


def ticket(client, service, life, shift=0):
    """(KRB-CRED, its end, session key); all its times are moved by SHIFT seconds."""
    command = [TOOL, 'make', STATE + '/clients.keytab', client, service, str(life)]
    if shift:
        command += [str(shift), keytab(service)]
    for attempt in range(TRIES):
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        # Early at boot the KDC may not be there yet.
        if done.returncode == 0 or b'annot contact any KDC' not in done.stderr:
            break
        time.sleep(0.3)
    if done.returncode != 0:
        raise RuntimeError(done.stderr.decode())
    end, key = done.stderr.split()
    return done.stdout, int(end), bytes.fromhex(key.decode())
