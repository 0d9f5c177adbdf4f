# SPDX-License-Identifier: MIT
"""One line for each request: TIME ENDPOINT METHOD TARGET STATUS [fault=KIND]
NAME=VALUE..., the headers (blanks become "_") and the form's fields. Whatever a
real log must not hold appears as "#" and the beginning of its SHA-256."""
import hashlib
import threading
import time

SECRET_FIELDS = ('client_secret', 'client_assertion')

lock = threading.Lock()
file = None


def begin(path):
    global file
    # Appending: "cloud_reset" may empty it under us.
    file = open(path, 'a', buffering=1)


def digest(secret):
    return '#' + hashlib.sha256(secret.encode()).hexdigest()[:8]


def safe_header(name, value):
    if name.lower() == 'authorization':
        scheme, _, secret = value.partition(' ')
        value = scheme + ' ' + digest(secret)
    return '%s=%s' % (name, value.replace(' ', '_'))


def safe_form(form):
    for name, value in form:
        yield '%s=%s' % (name, digest(value) if name in SECRET_FIELDS else value.replace(' ', '_'))


def write(endpoint, method, target, outcome, words=()):
    line = ' '.join(['%.3f' % time.time(), endpoint, method, target, str(outcome), *words])
    with lock:
        file.write(line.replace('\n', '_').replace('\r', '_') + '\n')


def request(endpoint, request, status, fault):
    words = ['fault=' + '_'.join([fault.kind, *fault.arguments])] if fault else []
    words += [safe_header(name, value) for name, value in request.headers]
    words += safe_form(request.form)
    write(endpoint, request.method, request.target, status, words)
