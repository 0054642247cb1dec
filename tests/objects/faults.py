"""A proxy before an HTTP server that does to requests what networks do: refuses, hangs, cuts, loses answers."""

import contextlib
import http.client
import socket
import threading
from collections import Counter, deque
from collections.abc import Iterable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

FAULTS = ("refuse", "hang", "half", "lose")
"""503 without asking; no answer; half of the body; all of it, but no answer."""

HANG_SECONDS = 3.0


class FaultProxy:
    """Forwards to a port; writing requests meet the faults of a list, one after another."""

    def __init__(self, port: int, faults: Iterable[str] = (), *, conditions: bool = True) -> None:
        self._port, self._lock = port, threading.Lock()
        self._faults = deque(faults)
        self.conditions = conditions
        """Whether ``If-None-Match`` is known; if not it is refused, as some services do."""
        self.met: Counter[str] = Counter()
        self.stored: Counter[str] = Counter()
        """How often each path was written to with success."""
        proxy = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle_one_request(self) -> None:
                with contextlib.suppress(OSError):
                    super().handle_one_request()

            def _any(self) -> None:
                proxy._serve(self)

            do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = _any  # noqa: N815

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _serve(self, handler: BaseHTTPRequestHandler) -> None:
        body = handler.rfile.read(int(handler.headers.get("content-length") or 0))
        fault = self._next() if handler.command in ("PUT", "POST") else ""
        self.met[fault] += 1
        if fault == "refuse":
            return _answer(handler, 503, b"<Error><Code>SlowDown</Code></Error>", {})
        if fault == "hang":
            handler.connection.settimeout(HANG_SECONDS)
            with contextlib.suppress(OSError):
                handler.connection.recv(1)
            return _cut(handler)
        if fault == "half":
            self._half(handler, body)
            return _cut(handler)
        if not self.conditions and "if-none-match" in handler.headers:
            return _answer(handler, 501, b"<Error><Code>NotImplemented</Code></Error>", {})
        status, content, headers = self._forwarded(handler, body)
        if fault == "lose":
            return _cut(handler)
        return _answer(handler, status, content, headers)

    def _next(self) -> str:
        with self._lock:
            return self._faults.popleft() if self._faults else ""

    def _forwarded(self, handler: BaseHTTPRequestHandler, body: bytes) -> tuple[int, bytes, dict[str, str]]:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=10)
        try:
            connection.request(handler.command, handler.path, body or None, dict(handler.headers))
            answer = connection.getresponse()
            content = answer.read()
        except OSError:
            return 502, b"", {}
        finally:
            connection.close()
        if handler.command == "PUT" and answer.status == 200:
            with self._lock:
                self.stored[handler.path.partition("?")[0]] += 1
        return answer.status, content, dict(answer.getheaders())

    def _half(self, handler: BaseHTTPRequestHandler, body: bytes) -> None:
        lines = [f"{handler.command} {handler.path} HTTP/1.1", *(f"{k}: {v}" for k, v in handler.headers.items())]
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self._port), 5) as upstream:
            upstream.sendall("\r\n".join([*lines, "", ""]).encode() + body[: len(body) // 2])


def _answer(handler: BaseHTTPRequestHandler, status: int, content: bytes, headers: dict[str, str]) -> None:
    handler.send_response(status)
    for name, value in headers.items():
        if name.lower() not in ("transfer-encoding", "connection", "date", "server", "content-length"):
            handler.send_header(name, value)
    known = {name.lower(): value for name, value in headers.items()}
    length = known.get("content-length", str(len(content))) if handler.command == "HEAD" else str(len(content))
    handler.send_header("content-length", length)
    handler.end_headers()
    if handler.command != "HEAD":
        handler.wfile.write(content)


def _cut(handler: BaseHTTPRequestHandler) -> None:
    handler.close_connection = True
    with contextlib.suppress(OSError):
        handler.connection.shutdown(socket.SHUT_RDWR)


@contextlib.contextmanager
def faulty(port: int, faults: Iterable[str] = (), *, conditions: bool = True) -> Iterator[FaultProxy]:
    proxy = FaultProxy(port, faults, conditions=conditions)
    try:
        yield proxy
    finally:
        proxy.close()
