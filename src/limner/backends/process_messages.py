"""What a server and its worker process say to each other, and how it is framed.

A frame is four bytes of length (big-endian) and a MessagePack map with a tag. No pickle: a worker that a model or a
node pack has taken over must not be able to run code in the server.
"""

import contextlib
import selectors
import socket
import struct
import threading
from typing import Any, Self

import msgspec

from limner.engine.events import AnyEvent
from limner.engine.run import RunRequest
from limner.graph.api_document import from_document, to_document
from limner.graph.catalog import Catalog

FRAME_LIMIT = 1 << 30
"""The largest frame in bytes; a longer one is a broken peer."""

PIECE = 1 << 18

_LENGTH = struct.Struct(">I")
_LARGE_INTEGER = 1
"""Code of the MessagePack extension for integers of more than 64 bits: their hexadecimal digits."""


class Message(msgspec.Struct, frozen=True, kw_only=True, tag_field="message", tag=str.lower):
    """Root of all messages."""


class Describe(Message, frozen=True, kw_only=True):
    """Server: answer with Described."""

    call: int


class Run(Message, frozen=True, kw_only=True):
    """Server: run a job; its events come as Emitted, then Ended. ``graph`` is None if it equals ``document``."""

    run: int
    job: str
    graph: dict[str, Any] | None
    targets: tuple[str, ...]
    document: dict[str, Any]
    extra: dict[str, Any]
    secrets: dict[str, str]
    preview_size: int
    substitute: bool
    owner: str

    @classmethod
    def of(cls, run: int, request: RunRequest) -> "Run":
        """A request as a message."""
        graph = to_document(request.graph)
        return cls(
            run=run,
            job=request.job,
            graph=None if graph == request.document else graph,
            targets=request.targets,
            document=request.document,
            extra=request.extra,
            secrets=request.secrets,
            preview_size=request.preview_size,
            substitute=request.substitute,
            owner=request.owner,
        )

    def request(self) -> RunRequest:
        """The request that it came from."""
        return RunRequest(
            job=self.job,
            graph=from_document(self.document if self.graph is None else self.graph),
            targets=self.targets,
            document=self.document,
            extra=self.extra,
            secrets=self.secrets,
            preview_size=self.preview_size,
            substitute=self.substitute,
            owner=self.owner,
        )


class Cancel(Message, frozen=True, kw_only=True):
    """Server: ask a job to stop."""

    job: str


class Release(Message, frozen=True, kw_only=True):
    """Server: give back memory."""

    models: bool
    results: bool


class Ask(Message, frozen=True, kw_only=True):
    """Server: answer with Status."""

    call: int


class Close(Message, frozen=True, kw_only=True):
    """Server: end."""


Command = Describe | Run | Cancel | Release | Ask | Close


class Described(Message, frozen=True, kw_only=True):
    """Worker: what it can do."""

    call: int
    catalog: Catalog


class Status(Message, frozen=True, kw_only=True):
    """Worker: what it holds."""

    call: int
    facts: dict[str, Any]


class Refused(Message, frozen=True, kw_only=True):
    """Worker: a call failed."""

    call: int
    reason: str


class Emitted(Message, frozen=True, kw_only=True):
    """Worker: an event of a run."""

    run: int
    event: AnyEvent


class Ended(Message, frozen=True, kw_only=True):
    """Worker: a run is over; all its events came before."""

    run: int


class Beat(Message, frozen=True, kw_only=True):
    """Worker: alive."""


Reply = Described | Status | Refused | Emitted | Ended | Beat


class Channel:
    """One end of a connected stream socket, with frames. One thread reads, any thread writes."""

    def __init__(self, connection: socket.socket) -> None:
        self._socket = connection
        self._writing = threading.Lock()
        self._commands = msgspec.msgpack.Decoder(Command, ext_hook=_large_integer)
        self._replies = msgspec.msgpack.Decoder(Reply, ext_hook=_large_integer)
        self._encoder = msgspec.msgpack.Encoder(enc_hook=str)
        self._received = bytearray()
        self._readable = selectors.DefaultSelector()
        self._readable.register(connection, selectors.EVENT_READ)

    @classmethod
    def from_descriptor(cls, descriptor: int) -> "Channel":
        """The end that a parent passed to this process by its number; processes started from here do not get it."""
        connection = socket.socket(fileno=descriptor)
        connection.set_inheritable(False)
        return cls(connection)

    def send(self, message: Command | Reply) -> None:
        """Sends a message, waiting while the other side is not reading.

        Raises:
            OSError: if the other side is gone.
            TypeError, ValueError: if it holds what MessagePack cannot express; nothing was sent.
        """
        try:
            body = self._encoder.encode(message)
        except OverflowError:  # integers of any size are legal in documents and in what node packs declare
            plain = msgspec.to_builtins(message, builtin_types=(bytes,), enc_hook=str)
            body = self._encoder.encode(_with_large_integers(plain))
        with self._writing:
            self._socket.sendall(_LENGTH.pack(len(body)) + body)

    def command(self) -> Command:
        """The next command. Raises EOFError at the end, OSError if the connection broke."""
        return self._commands.decode(self._frame(None) or b"")

    def reply(self, seconds: float) -> Reply | None:
        """The next reply, or None after so many seconds. Raises EOFError at the end, OSError if it broke."""
        body = self._frame(seconds)
        return None if body is None else self._replies.decode(body)

    def close(self) -> None:
        """Closes it; the other side reads its end."""
        with contextlib.suppress(OSError):  # the other side may have been first
            self._socket.shutdown(socket.SHUT_RDWR)
        self._readable.close()
        self._socket.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def _frame(self, seconds: float | None) -> bytes | None:
        """The next frame, or None after so many seconds; what has come of it by then stays for the next call."""
        if not self._fill(_LENGTH.size, seconds):
            return None
        (length,) = _LENGTH.unpack_from(self._received)
        if length > FRAME_LIMIT:
            raise EOFError(f"A frame of {length} bytes came; the most is {FRAME_LIMIT}.")
        if not self._fill(_LENGTH.size + length, seconds):
            return None
        body = bytes(self._received[_LENGTH.size : _LENGTH.size + length])
        del self._received[: _LENGTH.size + length]
        return body

    def _fill(self, size: int, seconds: float | None) -> bool:
        while len(self._received) < size:
            # A timeout of the socket itself would hold for ``send`` too, so the wait is the selector's.
            if not self._readable.select(seconds):
                return False
            part = self._socket.recv(PIECE)
            if not part:
                raise EOFError("The other side closed the connection.")
            self._received += part
        return True


def _with_large_integers(value: Any) -> Any:
    """A copy in which integers beyond MessagePack's range are extensions."""
    if isinstance(value, dict):
        return {name: _with_large_integers(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_with_large_integers(item) for item in value]
    if isinstance(value, int) and not -(2**63) <= value < 2**64:
        return msgspec.msgpack.Ext(_LARGE_INTEGER, f"{value:x}".encode())
    return value


def _large_integer(code: int, digits: memoryview) -> int:
    if code != _LARGE_INTEGER:
        raise ValueError(f"Expected the extension {_LARGE_INTEGER}; {code} came.")
    return int(bytes(digits), 16)
