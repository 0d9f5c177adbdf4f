# SPDX-License-Identifier: MIT
"""The metadata service of an Azure VM: http://169.254.169.254."""

import tokens
from wire import Refusal, Response

NAME = 'imds'
HEADERS = [('Content-Type', 'application/json; charset=utf-8'), ('Server', 'IMDS/150.870.65.512')]
KINDS = {'audience', 'blank'}
TOKEN = '/metadata/identity/oauth2/token'
VERSIONS = ('2018-02-01', '2019-08-01', '2020-06-01', '2021-02-01')
SELECTORS = ('client_id', 'object_id', 'msi_res_id')


def error(status, code, text):
    return Response(status, '{"error":"%s","error_description":"%s"}' % (code, text), HEADERS)


def identity_not_found(request=None):
    return error(400, 'invalid_request', 'Identity not found')


def many_identities(request=None):
    return error(400, 'invalid_request', 'Multiple user assigned identities exist, please specify the '
                 'clientId / resourceId of the identity in the token request')


def error_for(request, status):
    code = {429: 'too_many_requests', 410: 'gone', 404: 'not_found'}.get(status, 'unknown')
    return error(status, code, 'Fault of the test')


ERRORS = {'none': identity_not_found, 'many': many_identities}


def name(request):
    return NAME


def require(good, *refusal):
    if not good:
        raise Refusal(error(*refusal))


def check_http(request, versions):
    """What any request must be; -> its query, each key once."""
    require(request.method == 'GET', 405, 'method_not_allowed', 'GET is')
    require(request.header('x-forwarded-for') is None, 400, 'bad_request', 'X-Forwarded-For is not allowed')
    require((request.header('metadata') or '').lower() == 'true', 400, 'bad_request_102',
            'Required metadata header not specified')
    query = dict(request.query)
    require(len(query) == len(request.query), 400, 'invalid_request', 'A query parameter is given twice')
    if query.get('api-version') not in versions:
        raise Refusal(Response(400, '{"error":"Bad request. api-version is invalid or was not specified in '
                               'the request.","newest-versions":["2021-02-01","2020-06-01"]}', HEADERS))
    return query


def check_resource(query):
    resource = query.get('resource')
    require(resource, 400, 'invalid_request', "Required query variable 'resource' is missing")
    # With a slash it is served, and the storage service then refuses the token.
    require(resource in (tokens.AUDIENCE, tokens.AUDIENCE + '/'), 400, 'invalid_resource',
            'AADSTS500011: The resource principal named %s was not found in the tenant' % resource)


def choose_identity(query):
    chosen = [key for key in SELECTORS if key in query]
    require(len(chosen) <= 1, 400, 'invalid_request', 'More than one of client_id, object_id, msi_res_id')
    if chosen:
        client = tokens.find_attached(chosen[0], query[chosen[0]])
        if not client:
            raise Refusal(identity_not_found())
        return client
    present = tokens.attached()
    if tokens.SYSTEM in present:
        return tokens.SYSTEM
    if len(present) != 1:
        raise Refusal(many_identities() if present else identity_not_found())
    return present[0]


def check_token_request(request, versions):
    query = check_http(request, versions)
    check_resource(query)
    return query, choose_identity(query)


def check(request):
    if request.path == '/metadata/instance':
        return check_http(request, VERSIONS), None
    require(request.path == TOKEN, 404, 'not_found', 'No such path')
    return check_token_request(request, VERSIONS)


def token_answer(request, client, audience, taken):
    """All values are strings."""
    fault = taken.get('answer')
    if fault and fault.kind == 'audience':
        audience = fault.argument()
    life = int(taken['life'].argument()) if 'life' in taken else tokens.LIFE
    answer = {'access_token': tokens.mint(client, audience, life, request.now), 'refresh_token': '',
              'expires_in': str(life - 1), 'expires_on': str(int(request.now) + life),
              'not_before': str(int(request.now)), 'resource': audience, 'token_type': 'Bearer'}
    if client != tokens.SYSTEM:
        answer['client_id'] = client
    if fault and fault.kind == 'blank':
        answer.update((key, '') for key in fault.arguments)
    return answer


def answer(request, context, taken):
    query, client = context
    if client is None:
        return {'compute': {'azEnvironment': 'AzurePublicCloud', 'name': 'azvm', 'location': 'westeurope'}}
    return token_answer(request, client, query['resource'], taken)


# ---- for the tests' helpers: neither logged nor counted ----

def made_token(client, audience, life, now):
    client = {'system': tokens.SYSTEM, '1': tokens.ONE, '2': tokens.TWO}.get(client, client)
    return tokens.mint(client, audience, life, now)


def made_assertion(query, now):
    """What a Kubernetes cluster gives to a pod."""
    return tokens.sign({'iss': 'https://cluster.test/', 'sub': query.get('sub', 'system:serviceaccount:ns:sa'),
                        'aud': [query.get('aud', 'api://AzureADTokenExchange')], 'iat': int(now),
                        'nbf': int(now), 'exp': int(now) + int(query.get('life', '3600'))})


def outside(connection, request):
    query = dict(request.query)
    if request.path == '/azf-test/token':
        text = made_token(query.get('identity', 'system'), query.get('aud', tokens.AUDIENCE),
                          int(query.get('life', '3600')), request.now)
    elif request.path == '/azf-test/assertion':
        text = made_assertion(query, request.now)
    else:
        return False
    connection.sendall(b'HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n' + text.encode())
    return True
