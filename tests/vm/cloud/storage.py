# SPDX-License-Identifier: MIT
"""The storage accounts' ticket service:
POST https://ACCOUNT.file.core.windows.net/?restype=service&comp=kerbticket"""
import base64
import os
import time

import tickets
import tokens
from wire import Refusal, Response, http_date, parse_http_date

NAME = 'storage'
HEADERS = [('Content-Type', 'application/json'), ('Server', 'Microsoft-HTTPAPI/2.0'),
           ('x-ms-version', '2024-05-04')]
KINDS = {'base64', 'garbage', 'service', 'shift'}
SUFFIXES = ('windows.net', 'usgovcloudapi.net', 'chinacloudapi.cn')
OLDEST, NEWEST = '2017-11-09', '2026-12-31'
CODES = {400: 'InvalidInput', 403: 'AuthorizationFailure', 404: 'ResourceNotFound', 409: 'FeatureVersionMismatch',
         429: 'TooManyRequests', 500: 'InternalError', 503: 'ServerBusy'}
CHALLENGE = ('WWW-Authenticate', 'Bearer authorization_uri=https://login.microsoftonline.com/%s/oauth2/authorize '
             'resource_id=%s' % (tokens.TENANT, tokens.AUDIENCE))

NOT_AUTHENTICATED = ('Server failed to authenticate the request. Please refer to the information in the '
                     'www-authenticate header.')
FORBIDDEN = 'This request is not authorized to perform this operation'


def error(request, status, code, text, detail='', headers=()):
    """The envelope of all storage services. The reason phrase is the text."""
    number = '%s-001a-0090-51ff-4e4d0d000000' % os.urandom(4).hex()
    stamp = time.strftime('%Y-%m-%dT%H:%M:%S.0000000Z', time.gmtime(request.now))
    if detail:
        detail = '<AuthenticationErrorDetail>%s</AuthenticationErrorDetail>' % detail
    body = ('<?xml version="1.0" encoding="utf-8"?><Error><Code>%s</Code><Message>%s\nRequestId:%s\nTime:%s'
            '</Message>%s</Error>' % (code, text, number, stamp, detail))
    return Response(status, '\ufeff' + body, [('Content-Type', 'application/xml'), HEADERS[1],
                                              ('x-ms-request-id', number), ('x-ms-error-code', code), *headers],
                    reason=text)


def error_for(request, status):
    return error(request, status, CODES.get(status, 'InternalError'), 'Fault of the test.')


def bad_token(request, detail):
    return error(request, 401, 'InvalidAuthenticationInfo', NOT_AUTHENTICATED, detail, [CHALLENGE])


ERRORS = {
    'role': lambda request: error(request, 403, 'AuthorizationPermissionMismatch',
                                  FORBIDDEN + ' using this permission.'),
    'firewall': lambda request: error(request, 403, 'AuthorizationFailure', FORBIDDEN + '.'),
    'oauth-off': lambda request: error(request, 409, 'FeatureVersionMismatch', 'SMB OAuth is not enabled for '
                                       'the account.'),
    'audience': lambda request: bad_token(request, 'Audience validation failed. Audience did not match.'),
    'issuer': lambda request: bad_token(request, 'Issuer validation failed. Issuer did not match.'),
    'disabled': lambda request: error(request, 403, 'AccountIsDisabled', 'The specified account is disabled.'),
}


def outside(connection, request):
    return False


def name(request):
    return '%s/%s' % (NAME, request.account)


def check(request):
    """-> (token's payload, host), once all of the request is right."""
    def require(good, *refusal, **more):
        if not good:
            raise Refusal(error(request, *refusal, **more))

    host = request.header('host') or ''
    require(host in ['%s.file.core.%s' % (request.account, suffix) for suffix in SUFFIXES], 400, 'InvalidUri',
            'The requested URI does not represent any resource on the server.')
    require(request.path == '/', 404, 'ResourceNotFound', 'The specified resource does not exist.')
    require(len(dict(request.query)) == len(request.query) and dict(request.query) ==
            {'restype': 'service', 'comp': 'kerbticket'}, 400, 'InvalidQueryParameterValue',
            'Value for one of the query parameters specified in the request URI is invalid.')
    require(request.method == 'POST', 405, 'UnsupportedHttpVerb', 'The resource does not support the verb.')
    length = request.header('content-length')
    require(length is not None, 411, 'MissingContentLengthHeader', 'The Content-Length header is missing.')
    require(length == '0', 400, 'InvalidHeaderValue', 'The value for Content-Length is not in the right format.')
    check_headers(request, require)
    return check_token(request, require), host


def check_headers(request, require):
    authorization = request.header('authorization')
    require(authorization, 401, 'NoAuthenticationInformation', NOT_AUTHENTICATED, headers=[CHALLENGE])
    version = request.header('x-ms-version')
    require(version and version >= OLDEST, 403, 'AuthenticationFailed', 'Server failed to authenticate the '
            'request.', detail='Authentication scheme Bearer is not supported in this version.')
    require(len(version) == 10 and version <= NEWEST, 400, 'InvalidHeaderValue',
            'The value for one of the HTTP headers is not in the correct format.')
    date = request.header('x-ms-date') or request.header('date')
    when = parse_http_date(date or '')
    require(when is not None, 403, 'AuthenticationFailed', 'Server failed to authenticate the request.',
            detail='Request date header is missing or not in the correct format.')
    require(abs(when - request.now) <= 900, 403, 'AuthenticationFailed', 'Server failed to authenticate the '
            'request.', detail="Request date header too old: '%s', now '%s'" % (date, http_date(request.now)))


def check_token(request, require):
    scheme, _, token = request.header('authorization').partition(' ')
    require(scheme == 'Bearer' and token, 400, 'InvalidAuthenticationInfo',
            'Authentication information is not given in the correct format.')
    payload = tokens.ours(token)
    if not payload:
        raise Refusal(bad_token(request, 'Signature validation failed. Signature verification failed.'))
    if payload['aud'] != tokens.AUDIENCE:
        raise Refusal(ERRORS['audience'](request))
    if payload['tid'] != tokens.TENANT:
        raise Refusal(ERRORS['issuer'](request))
    if not payload['exp'] > request.now >= payload['nbf'] - 300:
        raise Refusal(bad_token(request, 'Lifetime validation failed. The token is expired.'))
    if payload['appid'] not in tokens.PRINCIPALS:
        raise Refusal(ERRORS['role'](request))
    return payload


def answer(request, context, taken):
    """The ticket lasts as long as the token, unless told otherwise."""
    payload, host = context
    fault = taken.get('answer')
    kind = fault.kind if fault else None
    service = fault.argument() if kind == 'service' else 'cifs/' + host
    shift = int(taken['skew'].argument()) if 'skew' in taken else 0
    if kind == 'shift':
        shift = int(fault.argument())
    life = int(taken['life'].argument()) if 'life' in taken else int(payload['exp'] - request.now)
    message, end, key = tickets.ticket(tokens.PRINCIPALS[payload['appid']], service, life, shift)
    if kind == 'garbage':
        message = b'\x76\x82\x01\x00' + bytes(range(256))
    text = base64.b64encode(message).decode()
    if kind == 'base64':
        text = text[:40] + '*' + text[41:-3]
    return {'expirationTime': time.strftime('%Y-%m-%dT%H:%M:%S.000Z', time.gmtime(end)),
            'sessionKey': base64.b64encode(key).decode(), 'kerberosServiceTicket': text}
