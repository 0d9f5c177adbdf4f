# SPDX-License-Identifier: MIT
"""Identities and their tokens: shaped like Entra's, signed with a secret."""
import base64
import hashlib
import hmac
import json

STATE = '/var/lib/azf-test/cloud'
AUDIENCE = 'https://storage.azure.com'
TENANT = '99999999-9999-9999-9999-999999999999'
LIFE = 86400
ONE = '11111111-1111-1111-1111-111111111111'
TWO = '22222222-2222-2222-2222-222222222222'
# The machine's own identity has a client id, but cannot be asked for by it.
SYSTEM = '00000000-0000-0000-0000-000000000000'
PRINCIPALS = {SYSTEM: 'AzureFileClient', ONE: 'AzureFileClient', TWO: 'AzureFileClient2'}

with open(STATE + '/token-secret', 'rb') as file:
    secret = file.read()


def base64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b'=').decode()


def from_base64url(text):
    return base64.b64decode(text + '=' * (-len(text) % 4), '-_', validate=True)


def part(value):
    return base64url(json.dumps(value).encode())


def signature(text):
    return base64url(hmac.new(secret, text.encode(), hashlib.sha256).digest())


def sign(payload):
    text = part({'typ': 'JWT', 'alg': 'HS256', 'kid': 'azf-test'}) + '.' + part(payload)
    return text + '.' + signature(text)


def mint(client, audience, life, now):
    now = int(now)
    return sign({'aud': audience, 'iss': 'https://sts.windows.net/%s/' % TENANT, 'iat': now, 'nbf': now,
                 'exp': now + life, 'appid': client, 'oid': object_id(client), 'tid': TENANT,
                 'ver': '1.0'})


def read(token):
    """(header, payload) of anything like a JWT, unchecked; None if it is not."""
    try:
        header, payload, _ = token.split('.')
        header, payload = json.loads(from_base64url(header)), json.loads(from_base64url(payload))
    except (ValueError, UnicodeDecodeError):
        return None
    return (header, payload) if isinstance(header, dict) and isinstance(payload, dict) else None


def ours(token):
    """The payload, if we signed it."""
    text, _, sign_ = token.rpartition('.')
    both = read(token)
    return both[1] if both and hmac.compare_digest(sign_.encode(), signature(text).encode()) else None


def object_id(client):
    return 'aaaaaaaa' + client[8:]


def attached():
    """The machine's identities: client ids, and SYSTEM if it has one of its own."""
    try:
        with open(STATE + '/identities') as file:
            return [SYSTEM if word == 'system' else word for word in file.read().split()]
    except FileNotFoundError:
        return [SYSTEM, ONE, TWO]


def find_attached(selector, value):
    """The client id that client_id=, object_id= or msi_res_id= means, or None."""
    value = value.lower()
    for client in attached():
        if client == SYSTEM:
            continue
        names = {'client_id': client, 'object_id': object_id(client), 'msi_res_id': resource_id(client)}
        if names[selector].lower() == value:
            return client
    return None


def resource_id(client):
    name = {ONE: 'one', TWO: 'two'}.get(client, client)
    return '/subscriptions/%s/resourceGroups/test/providers/Microsoft.ManagedIdentity' \
        '/userAssignedIdentities/%s' % (TENANT, name)
