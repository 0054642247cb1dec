"""Asks a running server for commands, and tells in words what it refuses."""

import http.client
import os
import ssl
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
UNAUTHORIZED = 401
SECONDS = 660.0
"""Longer than any answer may take that a server is asked to wait with."""


def key_headers(key: str = "") -> dict[str, str]:
    """What a request says of who makes it. Args: key: An API key; empty: the environment's, if there is one."""
    known = key or os.environ.get(KEY, "")
    return {"Authorization": f"Bearer {known}"} if known else {}


def address_of(server: str) -> str:
    """The address that somebody means: ``host:port`` speaks HTTP, a port alone is one of this machine."""
    if "://" in server:
        return server.rstrip("/")
    return f"http://127.0.0.1:{server}" if server.isdigit() else f"http://{server.rstrip('/')}"


def unreachable(server: str, error: BaseException) -> WorkerLostError:
    """What to say of a server that does not answer.

    Args:
        server: As it was named.
        error: What went wrong on the way.
    """
    reason = getattr(error, "reason", error)
    advice = "Is `limner serve` running there?"
    if isinstance(getattr(reason, "certificate_error", reason), ssl.SSLCertVerificationError):
        advice = "If the certificate is your own, name its file in the variable SSL_CERT_FILE."
    elif isinstance(reason, http.client.RemoteDisconnected) or "disconnected" in str(reason):
        advice = "Does it speak HTTPS? Then its address begins with https://."
    return WorkerLostError(f"{server} cannot be reached ({reason}). {advice}")


class Asking:
    """Asks one server.

    Args:
        server: ``http://host:port``; ``host:port`` and ``port`` mean the same.
        key: An API key; empty: the environment's, if there is one.
    """

    def __init__(self, server: str, key: str = "") -> None:
        self._server, self._headers = server, key_headers(key)
        self.address = address_of(server)

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
        try:
            request = urllib.request.Request(url, body, {"Content-Type": kind, **headers}, method=method)
            with urllib.request.urlopen(request, timeout=SECONDS) as answer:
                return answer.read()
        except urllib.error.HTTPError as error:
            advice = f" Commands send the key of the variable {KEY}." if error.code == UNAUTHORIZED else ""
            raise LimnerError(f"{self._server} refused: {_said(error.read()) or error}{advice}") from error
        except (OSError, ValueError) as error:
            raise unreachable(self._server, error) from error


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
