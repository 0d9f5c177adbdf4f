# SPDX-License-Identifier: MIT
"""HTTP/1.1 by hand, so that it can be done wrong on demand."""
import json
import os
import socket
import ssl
import struct
import time

import faults
import journal

TLS = '/var/lib/azf-test/cloud/tls'
LIMIT = 65536
SILENCE = 60
REASONS = {200: 'OK', 301: 'Moved Permanently', 302: 'Found', 307: 'Temporary Redirect',
           308: 'Permanent Redirect', 400: 'Bad Request', 401: 'Unauthorized', 403: 'Forbidden',
           404: 'Not Found', 405: 'Method Not Allowed', 408: 'Request Timeout', 409: 'Conflict',
           410: 'Gone', 411: 'Length Required', 429: 'Too Many Requests',
           500: 'Internal Server Error', 502: 'Bad Gateway', 503: 'Service Unavailable',
           504: 'Gateway Timeout'}
MONTHS = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split()

contexts = {}


def http_date(when):
    return time.strftime('%a, %d %b %Y %H:%M:%S GMT', time.gmtime(when))


def parse_http_date(text):
    """The exact form alone; None for anything else. (strptime is slow to load.)"""
    try:
        _, day, month, year, clock, _ = text.split(' ')
        hour, minute, second = map(int, clock.split(':'))
        month, year = MONTHS.index(month) + 1, int(year)
    except ValueError:
        return None
    # Days since 1970, counting years from March.
    y = year - (month < 3)
    days = 365 * y + y // 4 - y // 100 + y // 400 + (153 * ((month + 9) % 12) + 2) // 5 + int(day) - 719469
    when = ((days * 24 + hour) * 60 + minute) * 60 + second
    return when if http_date(when) == text else None


def unescape(text):
    first, *rest = text.replace('+', ' ').encode('latin-1').split(b'%')
    return (first + b''.join(bytes.fromhex(part[:2].decode()) + part[2:] for part in rest)).decode()


def parse_pairs(text):
    """Of a query or a form: [(name, value)]. (urllib is slow to load.)"""
    pairs = (word.partition('=') for word in text.split('&') if word)
    return [(unescape(name), unescape(value)) for name, _, value in pairs]


def new_uuid():
    text = os.urandom(16).hex()
    return '-'.join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))


class Broken(Exception):
    """The peer went away, or does not speak HTTP."""


class Refusal(Exception):
    """A request is answered with an error: by a service, or because it is a fault."""

    def __init__(self, response):
        super().__init__(response.status)
        self.response = response


class Response:
    def __init__(self, status, body=b'', headers=(), reason=None):
        self.status = status
        self.body = body.encode() if isinstance(body, str) else body
        self.headers = list(headers)
        self.reason = reason or REASONS.get(status, 'Status %d' % status)
        self.length = None      # what Content-Length says, if not the truth
        self.cut = None         # close after so many bytes of the body
        self.drip = 0           # seconds over which the body is spread
        self.chunked = False


class Request:
    def __init__(self, stream):
        line = stream.readline(LIMIT).decode('latin-1')
        if not line:
            raise EOFError
        try:
            self.method, self.target, version = line.split()
        except ValueError:
            raise Broken('request line') from None
        self.keep = version == 'HTTP/1.1'
        self.headers = list(self.read_headers(stream))
        self.path, _, query = self.target.partition('?')
        self.query = parse_pairs(query)
        length = self.header('content-length')
        self.body = stream.read(min(int(length or 0), LIMIT))
        self.form = []
        if (self.header('content-type') or '').startswith('application/x-www-form-urlencoded'):
            self.form = parse_pairs(self.body.decode('latin-1'))
        if (self.header('connection') or '').lower() == 'close':
            self.keep = False
        self.now = time.time()

    @staticmethod
    def read_headers(stream):
        while True:
            line = stream.readline(LIMIT).decode('latin-1')
            if line in ('\r\n', '\n'):
                return
            name, colon, value = line.partition(':')
            if not colon:
                raise Broken('header line')
            yield name, value.strip()

    def header(self, name):
        return next((value for key, value in self.headers if key.lower() == name), None)


# ---- sending ----

def head(response, now):
    lines = ['HTTP/1.1 %d %s' % (response.status, response.reason), 'Date: ' + http_date(now)]
    lines += ['%s: %s' % header for header in response.headers]
    if response.chunked:
        lines.append('Transfer-Encoding: chunked')
    else:
        length = len(response.body) if response.length is None else response.length
        lines.append('Content-Length: %d' % length)
    return '\r\n'.join(lines + ['', '']).encode('latin-1')


def pieces(response):
    """The body as it goes out, one piece a packet."""
    body = response.body if response.cut is None else response.body[:response.cut]
    step = max(1, len(body) // 20) if response.drip else 16384
    for start in range(0, len(body), step):
        piece = body[start:start + step]
        yield b'%x\r\n%s\r\n' % (len(piece), piece) if response.chunked else piece
    if response.chunked and response.cut is None:
        yield b'0\r\n\r\n'


def send(connection, response, now):
    connection.sendall(head(response, now))
    parts = list(pieces(response))
    for part in parts:
        if response.drip:
            time.sleep(response.drip / len(parts))
        connection.sendall(part)


# ---- faults that know nothing of the service ----

def status_fault(service, request, fault):
    """status CODE [NAME: VALUE]... [body=TEXT]"""
    response = service.error_for(request, int(fault.argument()))
    for word in fault.arguments[1:]:
        if word.startswith('body='):
            response.body = word[5:].encode()
        else:
            name, _, value = word.partition(': ')
            response.headers.append((name, value))
    return response


def redirect_fault(service, request, fault):
    return Response(int(fault.argument(1, '302')), b'', [('Location', fault.argument())])


def text_fault(service, request, fault):
    return Response(200, fault.argument(0, ''), [('Content-Type', 'application/json')])


INSTEAD = {'status': status_fault, 'redirect': redirect_fault, 'text': text_fault}


def json_set(answer, name, value='""'):
    answer[name] = json.loads(value)
    return answer


def json_without(answer, name):
    answer.pop(name, None)
    return answer


def json_deep(answer, levels):
    for _ in range(int(levels)):
        answer = {'value': answer}
    return answer


JSON = {'set': json_set, 'without': json_without, 'deep': json_deep,
        'nest': lambda answer: {'value': answer}, 'array': lambda answer: [answer]}


def cut_body(response, fault):
    """truncate [BYTES]: less than announced, then the end."""
    response.cut = int(fault.argument(0, str(len(response.body) // 2)))


def short_body(response, fault):
    """short [BYTES]: the JSON ends too early, the HTTP is right."""
    response.body = response.body[:int(fault.argument(0, str(len(response.body) // 2)))]


def big_body(response, fault):
    """oversize [BYTES]: good JSON, but blanks before its end make it long."""
    size = int(fault.argument(0, str(1 << 20)))
    response.body = response.body[:-1] + b' ' * (size - len(response.body)) + b'}'


def many_headers(response, fault):
    """headers [COUNT]: that many useless header lines of 100 bytes."""
    response.headers += [('X-Fault-%d' % n, 'x' * 84) for n in range(int(fault.argument(0, '2000')))]


SPOIL = {'truncate': cut_body, 'short': short_body, 'oversize': big_body, 'headers': many_headers}


KINDS = {'drop', 'json', *INSTEAD, *SPOIL}


def compose(service, request, taken):
    """The whole answer, or None where there is to be none."""
    fault = taken.get('answer')
    kind = fault.kind if fault else None
    if kind and not any(kind in kinds for kinds in (KINDS, service.ERRORS, service.KINDS)):
        raise ValueError('%s has no fault %s' % (service.NAME, kind))
    context = service.check(request)
    if kind in service.ERRORS:
        return service.ERRORS[kind](request)
    if kind in INSTEAD:
        return INSTEAD[kind](service, request, fault)
    if kind == 'drop':
        return None
    answer = service.answer(request, context, taken)
    if isinstance(answer, Response):
        return answer
    if kind == 'json':
        change, *arguments = fault.arguments
        answer = JSON[change](answer, *arguments)
    response = Response(200, json.dumps(answer, separators=(',', ':')), service.HEADERS)
    if kind in SPOIL:
        SPOIL[kind](response, fault)
    return response


def answer_request(connection, service, name, request):
    """False: the connection is to be closed."""
    taken = faults.take(name)
    if 'skew' in taken:
        request.now += int(taken['skew'].argument())
    try:
        response = compose(service, request, taken)
    except Refusal as refusal:
        response = refusal.response
    status = response.status if response else '-'
    journal.request(name, request, status, taken.get('answer'))
    if 'delay' in taken:
        time.sleep(float(taken['delay'].argument()))
    if not response:
        return False
    if 'slow' in taken:
        response.drip = float(taken['slow'].argument())
    response.chunked = 'chunked' in taken
    send(connection, response, request.now)
    return request.keep and response.cut is None


# ---- connections ----

def context_for(certificate):
    if certificate not in contexts:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain('%s/%s.pem' % (TLS, certificate))
        contexts[certificate] = context
    return contexts[certificate]


def secure(connection, fault):
    """The TLS side of a new connection, with the certificate asked for by a fault."""
    certificate = fault.argument() if fault else 'good'
    return context_for(certificate).wrap_socket(connection, server_side=True)


def reset(connection, name):
    journal.write(name, '-', '-', '-', ['fault=reset'])
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))
    connection.close()


def answer_requests(connection, service, account, heard):
    with connection.makefile('rb') as stream:
        while True:
            request = Request(stream)
            heard.append(request.target)
            request.account = account
            if service.outside(connection, request):
                return
            name = service.name(request)
            if not answer_request(connection, service, name, request):
                return


def converse(connection, service, account, tls):
    name = service.NAME + ('/' + account if account else '')
    connection.settimeout(SILENCE)
    fault = faults.take(name, connection=True).get('connection')
    secured, heard = False, []
    try:
        if fault and fault.kind == 'reset':
            reset(connection, name)
            return
        if tls:
            connection = secure(connection, fault)
            secured = True
        with connection:
            answer_requests(connection, service, account, heard)
    except (EOFError, Broken, OSError) as error:
        # A peer that does not like our certificate tells so or just goes away. One
        # that only tried whether somebody listens is no event.
        reason = getattr(error, 'reason', None) or ''
        if (secured and not heard) or (reason and 'EOF' not in reason):
            journal.write(name, '-', '-', '-', ['tls=' + (reason or 'closed')])
