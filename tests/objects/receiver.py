"""A receiver of webhooks that can be down, and that answers what a test says."""

import contextlib
import json
import threading
from collections import deque
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple

from tests.objects.server import free_port


class Message(NamedTuple):
    """What came."""

    headers: dict[str, str]
    body: bytes

    @property
    def document(self) -> dict[str, Any]:
        return json.loads(self.body)

    @property
    def job(self) -> str:
        return self.document["data"]["id"]


class Receiver:
    """Keeps what it is told. ``answers`` are statuses for the next messages; after them 204."""

    def __init__(self, *answers: int, **headers: str) -> None:
        self.port, self.got, self.refused = free_port(), list[Message](), list[Message]()
        self.answers, self.headers = deque(answers), headers
        self._server: ThreadingHTTPServer | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook"

    def up(self) -> None:
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                status = receiver.answers.popleft() if receiver.answers else 204
                kept = receiver.got if 200 <= status < 300 else receiver.refused
                kept.append(Message({name.lower(): value for name, value in self.headers.items()}, body))
                self.send_response(status)
                for name, value in receiver.headers.items():
                    self.send_header(name.replace("_", "-"), value)
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", self.port), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def down(self) -> None:
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None


@contextlib.contextmanager
def receiving(*answers: int, **headers: str) -> Iterator[Receiver]:
    receiver = Receiver(*answers, **headers)
    receiver.up()
    try:
        yield receiver
    finally:
        receiver.down()
