"""What a worker and the process of an isolated pack say to each other, and how it is framed.

A frame is eight bytes of length (big-endian) and a MessagePack map with a tag. No pickle: a pack's process must not be
able to run code in the worker. Imports no tensor library.
"""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
from typing import Any

import msgspec

from limner.engine.events import NodePlace
from limner.graph.catalog import PackGateway, PackReport
from limner.graph.node_type import NodeType
from limner.graph.progress import Preview

FRAME_LIMIT = 1 << 35
"""The largest frame in bytes; a longer one is a broken peer."""

_LENGTH = struct.Struct(">Q")


class Message(msgspec.Struct, frozen=True, kw_only=True, tag_field="message", tag=str.lower):
    """Root of all messages."""


class Job(Message, frozen=True, kw_only=True):
    """Worker: what the steps of a run have in common; sent before the first of them."""

    job: str
    document: dict[str, Any]
    extra: dict[str, Any]
    targets: tuple[str, ...]
    owner: str


class Call(Message, frozen=True, kw_only=True):
    """Worker: answer with Answered or Failed.

    Attributes:
        call: The number of the question.
        what: ``call needs fingerprint validate inspect``: that function of a node; ``info type``: what the node is;
            ``prompt``: what prompt handlers make of a body; ``release``: forget the objects of nodes.
        node: Name of the node type, if it is about one.
        inputs: By name, as ``values`` packs them.
        job: Of the step, if there is one; so for the rest.
        place: The node.
        preview_size: See ``Progress``.
    """

    call: int
    what: str
    node: str = ""
    inputs: Any = None
    job: str = ""
    place: NodePlace | None = None
    preview_size: int = 0


class Stop(Message, frozen=True, kw_only=True):
    """Worker: the step was interrupted."""

    call: int


class Forget(Message, frozen=True, kw_only=True):
    """Either: objects that lie with you under these numbers are wanted no more."""

    numbers: tuple[int, ...]


class NodeFacts(msgspec.Struct, frozen=True, kw_only=True):
    """A node of the pack: its type, and which functions it has."""

    type: NodeType
    display_name: str | None
    is_coroutine: bool
    functions: tuple[str, ...]


class Importing(Message, frozen=True, kw_only=True):
    """Pack: its code runs from now on."""


class Described(Message, frozen=True, kw_only=True):
    """Pack: what was loaded.

    Attributes:
        report: How it went.
        nodes: By name.
        web: Folders of scripts by name.
        gateway: Where its routes are, and the folders for models that it added.
        replacements: Of node types.
    """

    report: PackReport
    nodes: dict[str, NodeFacts] = {}
    web: dict[str, str] = {}
    gateway: PackGateway | None = None
    replacements: dict[str, list[dict[str, Any]]] = {}


class Progressed(Message, frozen=True, kw_only=True):
    """Pack: how far a call is."""

    call: int
    value: int | float
    total: int | float
    preview: Preview | None = None
    quiet: bool = False


class Texted(Message, frozen=True, kw_only=True):
    """Pack: a text to show at the node."""

    call: int
    text: str


class Pictured(Message, frozen=True, kw_only=True):
    """Pack: a finished picture to show at the node."""

    call: int
    picture: Preview


class Said(Message, frozen=True, kw_only=True):
    """Pack: a message for clients, as a switchboard keeps it."""

    kind: bytes
    body: bytes


class Answered(Message, frozen=True, kw_only=True):
    """Pack: what a call gave, as ``values`` packs it."""

    call: int
    value: Any = None


class Failed(Message, frozen=True, kw_only=True):
    """Pack: what a call raised."""

    call: int
    kind: str
    module: str
    text: str
    lines: tuple[str, ...] = ()
    interrupted: bool = False


ToPack = Job | Call | Stop | Forget
FromPack = Importing | Described | Progressed | Pictured | Texted | Said | Answered | Failed | Forget


class Line:
    """One end of a connected stream socket, with frames. One thread reads, any thread writes.

    Args:
        connection: The socket.
        kind: The union of messages that the other side sends.
    """

    def __init__(self, connection: socket.socket, kind: Any) -> None:
        self._socket = connection
        self._reading = connection.makefile("rb", buffering=1 << 18)
        self._writing = threading.Lock()
        self._decoder = msgspec.msgpack.Decoder(kind)
        self._encoder = msgspec.msgpack.Encoder(enc_hook=str)

    def send(self, message: Message) -> None:
        """Sends a message, waiting while the other side is not reading.

        Raises:
            OSError: if the other side is gone.
            TypeError, ValueError, OverflowError: if it holds what MessagePack cannot express; nothing was sent.
        """
        body = self._encoder.encode(message)
        with self._writing:
            self._socket.sendall(_LENGTH.pack(len(body)))
            self._socket.sendall(body)

    def receive(self) -> Any:
        """The next message.

        Raises:
            EOFError: at the end.
            OSError: if the connection broke.
            msgspec.MsgspecError: if it is none.
        """
        (length,) = _LENGTH.unpack(self._exactly(_LENGTH.size))
        if length > FRAME_LIMIT:
            raise EOFError(f"A frame of {length} bytes came; the most is {FRAME_LIMIT}.")
        return self._decoder.decode(self._exactly(length))

    def close(self) -> None:
        """Closes it; the other side reads its end."""
        with contextlib.suppress(OSError):  # the other side may have been first
            self._socket.shutdown(socket.SHUT_RDWR)
        self._reading.close()  # else the descriptor stays open; a thread that reads has its end by now
        self._socket.close()

    def _exactly(self, size: int) -> bytes:
        try:
            data = self._reading.read(size)
        except ValueError as error:  # it was closed meanwhile
            raise EOFError(str(error)) from error
        if data is None or len(data) < size:
            raise EOFError("The other side closed the connection.")
        return data
