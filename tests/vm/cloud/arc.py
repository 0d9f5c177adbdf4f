# SPDX-License-Identifier: MIT
"""Azure Arc's himds: http://127.0.0.1:40342. Who can read the file that its first
answer names may have a token."""
import grp
import os

import imds
from wire import Refusal, Response, new_uuid

NAME = 'arc'
FLAG = '/var/lib/azf-test/cloud/arc'
TOKENS = '/var/opt/azcmagent/tokens'
VERSIONS = ('2019-11-01', '2020-06-01')
HEADERS = [('Content-Type', 'application/json')]
KINDS = {'audience', 'blank', 'no-echo'}

GROUP = grp.getgrnam('himds').gr_gid
challenges = {}     # file -> its content


def outside(connection, request):
    return False


def name(request):
    return NAME if request.header('authorization') else NAME + '/challenge'


def error_for(request, status):
    return Response(status, '{"error":"unknown","error_description":"Fault of the test"}', HEADERS)


def new_file(content, mode=0o640):
    os.makedirs(TOKENS, exist_ok=True)
    os.chown(TOKENS, 0, GROUP)
    os.chmod(TOKENS, 0o750)
    path = '%s/%s.key' % (TOKENS, new_uuid())
    with open(path, 'w', opener=lambda path, flags: os.open(path, flags, mode)) as file:
        file.write(content)
    os.chmod(path, mode)
    os.chown(path, 0, GROUP)
    return path


def realm(path):
    headers = [('Www-Authenticate', 'Basic realm=' + path)] if path is not None else []
    return Response(401, '', headers)


def challenge(request=None):
    content = os.urandom(32).hex()
    path = new_file(content)
    challenges[path] = content
    return realm(path)


# Faults of the first answer (endpoint arc/challenge).
ERRORS = {
    'none': imds.identity_not_found,
    'no-realm': lambda request: realm(None),
    'no-file': lambda request: realm('%s/%s.key' % (TOKENS, new_uuid())),
    'large': lambda request: realm(new_file('x' * 5000)),
    'empty': lambda request: realm(new_file('')),
    'outside': lambda request: realm('/etc/azf-test/outside.key'),
    'climb': lambda request: realm(TOKENS + '/../../../../etc/azf-test/outside.key'),
    'suffix': lambda request: realm(TOKENS + '/file.txt'),
}


def check(request):
    imds.require(request.path == imds.TOKEN, 404, 'not_found', 'No such path')
    try:
        query, client = imds.check_token_request(request, VERSIONS)
    except Refusal as refusal:
        # An identity that this machine does not have is a 404 here.
        if b'Identity not found' in refusal.response.body:
            raise Refusal(imds.error(404, 'invalid_request', 'Identity not found')) from None
        raise
    authorization = request.header('authorization')
    if authorization is None:
        return query, None
    scheme, _, content = authorization.partition(' ')
    path = next((path for path, value in challenges.items() if value == content), None)
    imds.require(scheme == 'Basic' and path, 403, 'unauthorized', 'The challenge was not met')
    # Each works once.
    del challenges[path]
    os.unlink(path)
    return query, client


def answer(request, context, taken):
    query, client = context
    if client is None:
        return challenge()
    reply = imds.token_answer(request, client, query['resource'], taken)
    fault = taken.get('answer')
    if fault and fault.kind == 'no-echo':
        reply.pop('client_id', None)
    return reply
