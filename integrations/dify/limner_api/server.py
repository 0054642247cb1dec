"""Limner's HTTP API, as far as the tools need it. What goes wrong is said in words for people and models."""

import time
import urllib.parse
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx

TRIES = 4
PAUSE = 0.5
"""Seconds before the second try; each pause is twice the one before."""

PASSING = frozenset((502, 503, 504))
"""Statuses that mean: not now."""

TIMEOUT = httpx.Timeout(60.0, connect=10.0)

LONG_POLL = 25.0
"""Seconds that the server may hold a question for a run's end: proxies cut what is silent for longer."""

FINAL = frozenset(("succeeded", "failed", "canceled"))


class LimnerError(Exception):
    """Something went wrong; the text says what, and what to do."""


@dataclass(frozen=True)
class Upload:
    """A file to be sent.

    Attributes:
        field: Name of the form's field.
        filename: Its name.
        data: Bytes.
    """

    field: str
    filename: str
    data: bytes


@dataclass(frozen=True)
class Server:
    """A Limner server.

    Attributes:
        address: Where it is.
        key: To be let in, or empty.
    """

    address: str
    key: str = field(default="", repr=False)

    @classmethod
    def of(cls, credentials: Mapping[str, Any]) -> "Server":
        """The one that the provider's credentials name.

        Raises:
            LimnerError: if there is no usable address.
        """
        address = str(credentials.get("base_url") or "").strip().rstrip("/")
        address = address if "://" in address or not address else f"http://{address}"
        parts = urllib.parse.urlsplit(address)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise LimnerError(f"The address of Limner should look like http://192.168.1.20:8188; it is {address!r}.")
        return cls(address, str(credentials.get("api_key") or "").strip())

    def check(self) -> None:
        """Makes sure that a Limner server answers and lets the key in.

        Raises:
            LimnerError: if not.
        """
        answer = self._send("GET", "/v1/models")
        if answer.status_code == 404:
            raise LimnerError(f"{self.address} answers, but is no Limner server (it has no /v1/models).")
        _read(answer)

    def apps(self) -> list[dict[str, Any]]:
        """The saved workflows, with what they ask for."""
        return _read(self._send("GET", "/apps"))["apps"]

    def app(self, name: str) -> dict[str, Any]:
        """One of them.

        Raises:
            LimnerError: if there is none of that name.
        """
        return _read(self._send("GET", f"/apps/{_quoted(name)}"))

    def start(self, path: str, fields: Mapping[str, Any], files: Sequence[Upload] = ()) -> dict[str, Any]:
        """Puts a run into the queue. A try that got lost on the way does not draw twice."""
        headers = {"Idempotency-Key": uuid.uuid4().hex}
        if not files:
            return _read(self._send("POST", path, json=dict(fields), headers=headers))
        texts = {name: _text(value) for name, value in fields.items()}
        parts = [(one.field, (one.filename, one.data, "application/octet-stream")) for one in files]
        return _read(self._send("POST", path, data=texts, files=parts, headers=headers))

    def run(self, name: str, wait: float = 0.0) -> dict[str, Any]:
        """How a run stands, at once or as soon as it has ended.

        Raises:
            LimnerError: if there is no such run.
        """
        return _read(self._send("GET", f"/runs/{_quoted(name)}", params={"wait": f"{wait:g}"}))

    def cancel(self, name: str) -> dict[str, Any]:
        """Stops a run."""
        return _read(self._send("POST", f"/runs/{_quoted(name)}/cancel"))

    def file(self, run: str, number: int) -> bytes:
        """A file that a run left, counted from 1.

        Raises:
            LimnerError: if it cannot be had.
        """
        answer = self._send("GET", f"/runs/{_quoted(run)}/files/{number}")
        if answer.status_code >= 400:
            _read(answer)
        return answer.content

    def _send(self, method: str, path: str, headers: Mapping[str, str] | None = None, **more: Any) -> httpx.Response:
        """An answer, after some tries if there is none or the server is busy starting."""
        headers = {**(headers or {}), **({"Authorization": f"Bearer {self.key}"} if self.key else {})}
        for left in reversed(range(TRIES)):
            try:
                answer = httpx.request(method, self.address + path, headers=headers, timeout=TIMEOUT, **more)
            except httpx.TransportError as error:
                if not left:
                    raise LimnerError(f"{self.address} cannot be reached ({error}). {_advice(self.address)}") from error
            except (httpx.InvalidURL, ValueError) as error:
                raise LimnerError(f"{self.address} is no address ({error}).") from error
            else:
                if answer.status_code not in PASSING or not left:
                    return answer
            time.sleep(PAUSE * 2 ** (TRIES - 1 - left))
        raise AssertionError("the last try answers or raises")


def _quoted(name: str) -> str:
    return urllib.parse.quote(name, safe="")


def _text(value: Any) -> str:
    """A value as a form has it."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _read(answer: httpx.Response) -> Any:
    """What an answer says.

    Raises:
        LimnerError: if it is a refusal.
    """
    try:
        body = answer.json()
    except ValueError:
        body = None
    if answer.status_code < 400 and body is not None:
        return body
    error = body.get("detail") or body.get("error") if isinstance(body, dict) else None
    said = error.get("message") if isinstance(error, dict) else error
    if answer.status_code in (401, 403):
        raise LimnerError(
            f"Limner does not let this key do that ({said or answer.status_code}). Check the credentials."
        )
    raise LimnerError(str(said or f"Limner answered {answer.status_code}: {answer.text[:200]}"))


def _advice(address: str) -> str:
    host = urllib.parse.urlsplit(address).hostname
    if host in ("127.0.0.1", "localhost", "::1"):
        return (
            "In a container that is the container itself: use http://host.docker.internal:8188, or the machine's own."
        )
    return "Does `limner serve` run there, and may Dify's containers reach it?"
