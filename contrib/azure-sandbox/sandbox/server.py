"""The HTTP servers: ARM over TLS and without, and plain HTTP for the login of managed identities and for control.

Each connection has its own thread. A fault that concerns the connection is carried out here.
"""

import http.server
import json
import re
import select
import socket
import ssl
import struct
import time
import traceback
import urllib.parse
import uuid

from . import jsonc
from .arm import Answer, Request
from .errors import ArmError

HANDSHAKE_SECONDS = 30
LARGEST_BODY = 32 * 1024 * 1024


class Server(http.server.ThreadingHTTPServer):
    """A server on the loopback interface.

    With a TLS context, the handshake is done in the thread of the connection, so that a slow client delays no other.
    """

    daemon_threads = True
    request_queue_size = 256

    def __init__(self, port, handler, tls=None):
        self.tls = tls
        super().__init__(("127.0.0.1", port), handler)

    def server_bind(self):
        # The base class looks up the name of the host, which may take long and is of no use.
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(self.server_address)
        self.server_address = self.socket.getsockname()
        self.server_name, self.server_port = "localhost", self.server_address[1]

    def finish_request(self, request, client_address):
        if self.tls is not None:
            request.settimeout(HANDSHAKE_SECONDS)
            request = self.tls.wrap_socket(request, server_side=True)
            request.settimeout(None)
        try:
            super().finish_request(request, client_address)
        finally:
            self.close_request(request)

    def handle_error(self, request, client_address):
        """Clients that die in the middle are daily business; anything else is a mistake of ours."""
        error = traceback.format_exc()
        if not any(name in error for name in ("ConnectionError", "BrokenPipe", "ConnectionReset", "ssl.SSL",
                                              "TimeoutError", "ConnectionAborted")):
            print(error, flush=True)


class Handler(http.server.BaseHTTPRequestHandler):
    """What both servers share: reading JSON, answering JSON, and no log on stderr."""

    protocol_version = "HTTP/1.1"
    server_version = "azure-sandbox"
    sys_version = ""
    disable_nagle_algorithm = True
    wbufsize = -1

    def log_message(self, format, *args):
        pass

    def read_body(self):
        """The body as bytes. Must be read even if it is not wanted: the connection is used again."""
        if self.headers.get("Transfer-Encoding", "").lower() == "chunked":
            return self.read_chunks()
        length = int(self.headers.get("Content-Length") or 0)
        if length > LARGEST_BODY:
            raise ArmError(413, "RequestEntityTooLarge", "The request is too large.")
        return self.rfile.read(length)

    def read_chunks(self):
        body = b""
        while True:
            size = int(self.rfile.readline().split(b";")[0], 16)
            body += self.rfile.read(size)
            self.rfile.readline()
            if size == 0:
                return body
            if len(body) > LARGEST_BODY:
                raise ArmError(413, "RequestEntityTooLarge", "The request is too large.")

    def send(self, status, body=None, headers=None):
        data = b"" if body is None else json.dumps(body).encode()
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        if data:
            self.send_header("Content-Type", "application/json; charset=utf-8")
        if status != 204:
            self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)
        self.wfile.flush()

    def split(self):
        """The path and the query of the request, the names of the query in lower case."""
        parts = urllib.parse.urlsplit(self.path)
        query = {name.lower(): values[-1] for name, values in
                 urllib.parse.parse_qs(parts.query, keep_blank_values=True).items()}
        # The CLI puts two slashes where it joins the parts of a type.
        return re.sub("//+", "/", urllib.parse.unquote(parts.path)), query


class ArmHandler(Handler):
    """The TLS server. The class attributes are set by make_arm_handler()."""

    arm = None
    faults = None
    journal = None

    def do_any(self):
        path, query = self.split()
        raw = self.read_body()
        entry = self.journal.begin(self.command, path, self.headers.get("User-Agent", ""))
        fault = self.faults.take(self.command, path, more=query.get("$filter", ""))
        kind = fault.kind if fault else None
        if kind in ("no-answer", "drop-before"):
            self.journal.end(entry, None, kind)
            if kind == "no-answer":
                self.wait_until_client_goes(fault.delay)
            self.drop()
            return
        if kind == "slow":
            time.sleep(fault.delay)
        answer = self.answer(path, query, raw, fault)
        if kind == "drop-after":
            self.journal.end(entry, None, kind)
            self.drop()
            return
        self.journal.end(entry, answer.status, kind)
        self.send(answer.status, answer.body, {**self.common_headers(), **answer.headers})

    do_GET = do_HEAD = do_PUT = do_PATCH = do_POST = do_DELETE = do_any

    def answer(self, path, query, raw, fault):
        """The answer of ARM, or its refusal."""
        try:
            if fault is not None and fault.group == "answer":
                raise fault.error(path)
            request = Request(self.command, path, query, self.parse(raw), self.headers)
            request.fault = fault if fault is not None and fault.group == "operation" else None
            return self.arm.handle(request)
        except ArmError as error:
            return Answer(error.status, {"error": error.body()}, {"x-ms-failure-cause": "gateway", **error.headers})
        except Exception:
            traceback.print_exc()
            error = ArmError(500, "InternalServerError", "The sandbox itself failed; see its log.")
            return Answer(500, {"error": error.body()})

    @staticmethod
    def parse(raw):
        if not raw:
            return None
        try:
            return jsonc.loads(raw)
        except ValueError as error:
            raise ArmError(400, "InvalidRequestContent", "The request content was invalid and could not be "
                           f"deserialized: '{error}'.") from None

    def common_headers(self):
        headers = {"x-ms-request-id": str(uuid.uuid4()), "x-ms-correlation-request-id": str(uuid.uuid4()),
                   "x-ms-ratelimit-remaining-subscription-reads": "11999", "Cache-Control": "no-cache"}
        if "x-ms-client-request-id" in self.headers:
            headers["x-ms-client-request-id"] = self.headers["x-ms-client-request-id"]
        return headers

    def wait_until_client_goes(self, seconds):
        """A client that waits for an answer sends nothing more, so anything to read means that it closes. With 0
        seconds, wait however long it takes."""
        select.select([self.connection], [], [], seconds or None)

    def drop(self):
        """Close the connection so that the client sees a reset."""
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()


def make_arm_handler(arm, faults, journal):
    return type("BoundArmHandler", (ArmHandler,), {"arm": arm, "faults": faults, "journal": journal})


def tls_context(certificate, key):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return context
