"""A small service with OpenAI's Images API that is slow, broken or fine, as its address says."""

import base64
import json
import threading
import time
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import numpy as np

from limner.media.png import encode_png

REFUSALS = {
    "bad": (500, {}, "It is broken."),
    "busy": (429, {"Retry-After": "1"}, "Too many."),
    "refusing": (400, {}, "The prompt is not allowed."),
    "moved": (302, {"Location": "/fine/v1/images/generations"}, "It is elsewhere."),
}
"""What services answer that do not draw."""


class PictureService:
    """Serves ``/slow/v1``, ``/bad/v1``, ``/fine/v1`` and others; a context manager.

    Attributes:
        asked: How often each was asked.
        bodies: What was sent, with the headers.
        colour: Of the pictures.
    """

    def __init__(self, slow: float = 5.0) -> None:
        self.asked: Counter[str] = Counter()
        self.bodies: list[tuple[str, dict[str, str], bytes]] = []
        self.slow = slow
        self.released = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    def __enter__(self) -> "PictureService":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.released.set()
        self._server.shutdown()
        self._server.server_close()

    def url(self, way: str) -> str:
        """The base address of one of them."""
        return f"http://127.0.0.1:{self._server.server_address[1]}/{way}/v1"

    def answer(self, way: str, path: str) -> tuple[int, dict[str, str], Any]:
        """Status, headers and body of an answer."""
        if way == "slow":
            self.released.wait(self.slow)
        if way == "flaky" and self.asked[way] % 2:
            way = "bad"
        if way in REFUSALS:
            status, headers, said = REFUSALS[way]
            return status, headers, {"error": {"message": said}}
        if way in ("linked", "inside"):
            here = f"http://127.0.0.1:{self._server.server_address[1]}/fine/picture.png"
            return 200, {}, {"data": [{"url": here if way == "linked" else "http://10.0.0.1/secret.png"}]}
        if path.partition("?")[0].endswith("/models"):
            return 200, {}, {"data": [{"id": "sketch"}, {"id": "photo"}]}
        if path.endswith("/chat/completions"):
            image = {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{picture_text()}"}}
            message = {"role": "assistant", "content": "", "images": [image]}
            return 200, {}, {"choices": [{"message": message}], "usage": {"total_tokens": 9, "cost": 0.0125}}
        return 200, {}, {"data": [{"b64_json": picture_text()}], "usage": {"total_tokens": 7}}

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        service = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                if self.path.endswith(".png"):
                    self._send(200, {"Content-Type": "image/png"}, base64.b64decode(picture_text()))
                else:
                    self._reply()

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                way = self.path.split("/")[1]
                service.asked[way] += 1
                service.bodies.append((self.path, dict(self.headers), body))
                self._reply()

            def _reply(self) -> None:
                status, headers, body = service.answer(self.path.split("/")[1], self.path)
                self._send(status, {"Content-Type": "application/json", **headers}, json.dumps(body).encode())

            def _send(self, status: int, headers: dict[str, str], body: bytes) -> None:
                try:
                    self.send_response(status)
                    for name, value in {**headers, "Content-Length": str(len(body))}.items():
                        self.send_header(name, value)
                    self.end_headers()
                    self.wfile.write(body)
                except ConnectionError:
                    pass  # the client gave up

            def log_message(self, *_: object) -> None:
                pass

        return Handler


def picture_text() -> str:
    """A picture as Base64."""
    pixels = np.full((32, 48, 3), (200, 30, 60), dtype=np.uint8)
    return base64.b64encode(encode_png(pixels)).decode()


def until(true: Any, seconds: float = 20.0) -> None:
    """Waits until something is true."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it never became true"
        time.sleep(0.02)
