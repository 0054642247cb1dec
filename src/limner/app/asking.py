"""Asks a running server for commands, and tells in words what it refuses."""

import os
import urllib.error
import urllib.request
from collections.abc import Mapping
from typing import Any

import msgspec

from limner.app.settings import PORT
from limner.graph.errors import LimnerError, WorkerLostError

SERVER = f"http://127.0.0.1:{PORT}"
KEY = "LIMNER_KEY"
"""Variable of the environment with an API key."""

JSON = "application/json"
SECONDS = 660.0
"""Longer than any answer may take that a server is asked to wait with."""


def key_headers(key: str = "") -> dict[str, str]:
    """What a request says of who makes it. Args: key: An API key; empty: the environment's, if there is one."""
    known = key or os.environ.get(KEY, "")
    return {"Authorization": f"Bearer {known}"} if known else {}


class Asking:
    """Asks one server.

    Args:
        server: ``http://host:port``; ``host:port`` means the same.
        key: An API key; empty: the environment's, if there is one.
    """

    def __init__(self, server: str, key: str = "") -> None:
        self._server, self._headers = server, key_headers(key)
        self.address = server.rstrip("/") if "://" in server else f"http://{server.rstrip('/')}"

    def json(self, path: str, method: str = "GET", body: bytes | None = None, kind: str = JSON) -> Any:
        """An answer as JSON.

        Args:
            path: What is asked for.
            method: How.
            body: What is sent,
            kind: and its content type.

        Raises:
            LimnerError: if the server refuses; in its words.
            WorkerLostError: if nobody answers.
        """
        try:
            return msgspec.json.decode(self.bytes(f"{self.address}{path}", method, body, kind))
        except msgspec.DecodeError as error:
            raise WorkerLostError(f"{self._server} does not answer as a Limner server does ({error}).") from error

    def bytes(self, url: str, method: str = "GET", body: bytes | None = None, kind: str = JSON) -> bytes:
        """An answer as it is; the key is sent to this server only.

        Raises:
            LimnerError: if the server refuses.
            WorkerLostError: if nobody answers.
        """
        own = url.startswith(f"{self.address}/")
        headers = self._headers if own else {}
        request = urllib.request.Request(url, body, {"Content-Type": kind, **headers}, method=method)
        try:
            with urllib.request.urlopen(request, timeout=SECONDS) as answer:
                return answer.read()
        except urllib.error.HTTPError as error:
            raise LimnerError(f"{self._server} refused: {_said(error.read()) or error}") from error
        except OSError as error:
            reason = getattr(error, "reason", error)
            raise WorkerLostError(
                f"{self._server} cannot be reached ({reason}). Is `limner serve` running there?"
            ) from error


def _said(body: bytes) -> str:
    """What a refusal says, in whichever shape."""
    try:
        told = msgspec.json.decode(body)
    except msgspec.DecodeError:
        return ""
    if not isinstance(told, Mapping):
        return ""
    error = told.get("error")
    inner = error.get("message") if isinstance(error, Mapping) else error
    return str(told.get("detail") or inner or "")
