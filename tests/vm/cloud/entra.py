# SPDX-License-Identifier: MIT
"""Entra's token endpoint: https://login.microsoftonline.com/TENANT/oauth2/v2.0/token
for client credentials: a secret, a certificate's assertion, a federated one."""
import hashlib
import os
import ssl
import subprocess
import time

import tokens
from wire import Refusal, Response, new_uuid

NAME = 'entra'
RUN = '/run/azure-cloud'
HEADERS = [('Content-Type', 'application/json; charset=utf-8'), ('Cache-Control', 'no-store, no-cache')]
KINDS = {'audience'}
JWT_BEARER = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'
FEDERATED = 'api://AzureADTokenExchange'
SUBJECT = 'system:serviceaccount:ns:sa'
SCOPE = tokens.AUDIENCE + '/.default'
LIFE = 3600
HOSTS = ('login.microsoftonline.com', 'login.microsoftonline.us', 'login.partner.microsoftonline.cn')


def error(status, code, number, text):
    stamp = time.strftime('%Y-%m-%d %H:%M:%SZ', time.gmtime())
    trace, correlation = new_uuid(), new_uuid()
    body = ('{"error":"%s","error_description":"AADSTS%d: %s\\r\\nTrace ID: %s\\r\\nCorrelation ID: %s'
            '\\r\\nTimestamp: %s","error_codes":[%d],"timestamp":"%s","trace_id":"%s","correlation_id":"%s",'
            '"error_uri":"https://login.microsoftonline.com/error?code=%d"}')
    return Response(status, body % (code, number, text, trace, correlation, stamp, number, stamp, trace,
                                    correlation, number),
                    HEADERS + [('x-ms-request-id', str(trace))])


def error_for(request, status):
    return error(status, 'temporarily_unavailable' if status == 429 or status >= 500 else 'invalid_request',
                 90033, 'A transient error has occurred. Please try again.')


ERRORS = {
    'federation': lambda request: error(400, 'invalid_client', 70021, 'No matching federated identity record '
                                        'found for presented assertion.'),
    'secret': lambda request: error(401, 'invalid_client', 7000215, 'Invalid client secret provided.'),
}


def outside(connection, request):
    return False


def name(request):
    return NAME


def require(good, *refusal):
    if not good:
        raise Refusal(error(*refusal))


def check(request):
    """-> (client id, audience)"""
    parts = request.path.split('/')
    if parts[2:] != ['oauth2', 'v2.0', 'token'] or request.header('host') not in HOSTS:
        raise Refusal(Response(404, 'Not found', [('Content-Type', 'text/html')]))
    require(request.method == 'POST', 405, 'invalid_request', 900561, 'The endpoint only accepts POST requests.')
    require(parts[1] == tokens.TENANT, 400, 'invalid_request', 90002, "Tenant '%s' not found." % parts[1])
    form = dict(request.form)
    require(len(form) == len(request.form), 400, 'invalid_request', 9000411, 'A parameter is duplicated.')
    require(form.get('grant_type') == 'client_credentials', 400, 'unsupported_grant_type', 70003,
            'The app requested an unsupported grant type.')
    scope = form.get('scope', '')
    require(scope in (SCOPE, tokens.AUDIENCE + '//.default'), 400, 'invalid_scope', 70011,
            "The provided value for the input parameter 'scope' is not valid.")
    client = form.get('client_id', '')
    require(client in tokens.PRINCIPALS, 400, 'unauthorized_client', 700016,
            "Application with identifier '%s' was not found in the directory." % client)
    check_credential(request, form, client)
    return client, scope[:-len('/.default')]


def check_credential(request, form, client):
    require(('client_secret' in form) != ('client_assertion' in form), 401, 'invalid_client', 7000216,
            "'client_assertion', 'client_secret' or 'request' is required.")
    if 'client_secret' in form:
        with open(tokens.STATE + '/client-secret') as file:
            require(form['client_secret'] == file.read(), 401, 'invalid_client', 7000215,
                    "Invalid client secret provided. Ensure the secret being sent is the secret value.")
        return
    require(form.get('client_assertion_type') == JWT_BEARER, 400, 'invalid_request', 900144,
            "The request body must contain the parameter 'client_assertion_type'.")
    assertion = form['client_assertion']
    both = tokens.read(assertion)
    require(both, 401, 'invalid_client', 50027, 'JWT token is invalid or malformed.')
    header, claims = both
    if 'x5t' in header or 'x5t#S256' in header:
        check_certificate_assertion(request, assertion, header, claims, client)
    else:
        check_federated(request, assertion, claims)


def check_times(request, claims):
    now = request.now
    good = all(isinstance(claims.get(key), int) for key in ('exp', 'nbf'))
    require(good and claims['nbf'] <= now + 300 and claims['exp'] > now - 300, 401, 'invalid_client', 500133,
            'Assertion is not within its valid time range.')


def check_federated(request, assertion, claims):
    require(tokens.ours(assertion), 401, 'invalid_client', 50012, 'Assertion failed signature validation.')
    check_times(request, claims)
    audience = claims.get('aud')
    require(FEDERATED in (audience if isinstance(audience, list) else [audience]), 400, 'invalid_client', 700212,
            "No matching federated identity record found for presented assertion audience '%s'." % audience)
    require(claims.get('sub') == SUBJECT, 400, 'invalid_client', 70021,
            'No matching federated identity record found for presented assertion. Assertion Issuer: '
            "'%s'. Assertion Subject: '%s'. Assertion Audience: '%s'." % (claims.get('iss'), claims.get('sub'),
                                                                         FEDERATED))


def check_certificate_assertion(request, assertion, header, claims, client):
    path = tokens.STATE + '/application.pem'
    with open(path) as file:
        text = file.read()
    der = ssl.PEM_cert_to_DER_cert(text[text.index('-----BEGIN CERTIFICATE'):])
    thumbprint = tokens.base64url(hashlib.sha256(der).digest())
    require(header.get('x5t#S256', '').rstrip('=') == thumbprint, 401, 'invalid_client', 700027,
            'The certificate with identifier used to sign the client assertion is not registered on application.')
    require(header.get('alg') == 'PS256' and header.get('typ') == 'JWT', 401, 'invalid_client', 5002738,
            'Invalid JWT token: unexpected alg or typ.')
    endpoint = 'https://%s%s' % (request.header('host'), request.path)
    require(claims.get('aud') == endpoint, 401, 'invalid_client', 50192, 'Invalid audience of the assertion.')
    require(claims.get('iss') == client and claims.get('sub') == client and claims.get('jti'), 401,
            'invalid_client', 700021, 'Client assertion application identifier does not match client_id.')
    check_times(request, claims)
    require(claims['exp'] - claims['nbf'] <= 86400, 401, 'invalid_client', 700024, 'Its lifetime is too long.')
    require(verifies(path, assertion), 401, 'invalid_client', 700027,
            'The certificate used to sign the client assertion: the signature is not valid.')


def verifies(certificate, assertion):
    """PS256: RSASSA-PSS with SHA-256 and a salt of 32 bytes, as openssl sees it."""
    text, _, signature = assertion.rpartition('.')
    place = '%s/assertion-%s' % (RUN, new_uuid())
    with open(place, 'wb') as file:
        file.write(tokens.from_base64url(signature))
    # The key file holds the private key too: what it can sign it can verify.
    command = ['openssl', 'dgst', '-sha256', '-prverify', certificate, '-signature', place,
               '-sigopt', 'rsa_padding_mode:pss', '-sigopt', 'rsa_pss_saltlen:32']
    done = subprocess.run(command, input=text.encode(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    os.unlink(place)
    return done.returncode == 0


def answer(request, context, taken):
    """The lifetimes are numbers."""
    client, audience = context
    fault = taken.get('answer')
    if fault and fault.kind == 'audience':
        audience = fault.argument()
    life = int(taken['life'].argument()) if 'life' in taken else LIFE
    return {'token_type': 'Bearer', 'expires_in': life - 1, 'ext_expires_in': life - 1,
            'access_token': tokens.mint(client, audience, life, request.now)}
