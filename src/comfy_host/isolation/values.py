"""Values that cross between a worker and the process of an isolated pack.

Plain values, tensors, arrays and pictures are copied. Anything else stays where it is: the other side gets an
``Elsewhere``, which it can hand on and hand back, but not use.
"""

from __future__ import annotations

import itertools
import threading
import weakref
from collections import OrderedDict, defaultdict, deque
from collections.abc import Callable, Mapping
from typing import Any

import numpy
import torch
from PIL import Image

from comfy_host.isolation.snapshot import PromptSnapshot
from limner.backends.in_process_prompt import LivePrompt
from limner.engine.blocked import Blocked
from limner.graph.declare import NodeResult
from limner.graph.errors import StepError
from limner.graph.graph import Graph, Link, Node

LARGEST = 1 << 32
"""Bytes of one tensor at most, a limit of MessagePack."""

DICTIONARIES = (dict, OrderedDict, defaultdict)

PICTURES = frozenset({"1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "YCbCr", "HSV", "LAB", "I", "F", "I;16"})
"""Modes of pictures whose bytes say all."""


class Elsewhere:
    """An object that lies in another process: it can be handed on, not used."""

    def __init__(self, home: Exchange, number: int, kind: str) -> None:
        self._home, self._number, self._kind = home, number, kind

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        raise AttributeError(f"{self._kind} cannot be used here ({name!r} was asked for): {self._home.why}")

    def __repr__(self) -> str:
        return f"<{self._kind} in another process>"


class Exchange:
    """One side's packing and unpacking of values, with the objects that the other side knows by number.

    Args:
        why: Told to whoever uses an object that lies on the other side.
    """

    def __init__(self, why: str) -> None:
        self.why = why
        self._lock = threading.Lock()
        self._numbers = itertools.count(1)
        self._kept: dict[int, Any] = {}
        self._unwanted: deque[int] = deque()

    def pack(self, value: Any) -> Any:
        """A value as MessagePack can express it: plain values as they are, all others as a list that begins with a tag.

        Raises:
            ValueError: if it is too large, or holds itself.
        """
        if value is None or isinstance(value, bool | float | bytes):
            return float(value) if type(value) is not float and isinstance(value, float) else value
        if isinstance(value, str):
            return str.__str__(value)
        if isinstance(value, int):
            return int(value) if -(2**63) <= value < 2**64 else ["int", str(int(value))]
        packer = _PACKERS.get(type(value)) or next(
            (known for kind, known in _PACKERS.items() if kind not in _EXACT and isinstance(value, kind)), None
        )
        packed = packer(self, value) if packer is not None else None
        return packed if packed is not None else self._named(value)

    def unpack(self, packed: Any) -> Any:
        """The value that ``pack`` of the other side was given."""
        if type(packed) is dict:
            return {name: self.unpack(item) for name, item in packed.items()}
        if type(packed) is not list:
            return packed
        return _UNPACKERS[packed[0]](self, *packed[1:])

    def unwanted(self) -> tuple[int, ...]:
        """Numbers of the other side's objects that nobody here holds any more; each is told once."""
        gone = []
        while self._unwanted:
            gone.append(self._unwanted.popleft())
        return tuple(gone)

    def forget(self, numbers: tuple[int, ...]) -> None:
        """Lets go of objects that the other side wants no more."""
        with self._lock:
            for number in numbers:
                self._kept.pop(number, None)

    def _named(self, value: Any) -> list[Any]:
        """An object as a number: of the other side if it lies there, else of this one, which keeps it."""
        if isinstance(value, Elsewhere) and value._home is self:
            return ["yours", value._number]
        with self._lock:
            number = next(self._numbers)
            self._kept[number] = value
        return ["mine", number, value._kind if isinstance(value, Elsewhere) else type(value).__name__]

    def elsewhere(self, number: int, kind: str) -> Elsewhere:
        """Stands for an object of the other side, which keeps it as long as this is held."""
        found = Elsewhere(self, number, kind)
        weakref.finalize(found, self._unwanted.append, number).atexit = False
        return found

    def kept(self, number: int) -> Any:
        """An object of this side.

        Raises:
            StepError: if it is gone.
        """
        with self._lock:
            if number not in self._kept:
                raise StepError("An object that a node made is gone, since its process was started anew. Run it again.")
            return self._kept[number]


def _tensor(exchange: Exchange, value: torch.Tensor) -> list[Any] | None:
    if value.layout is not torch.strided or value.is_quantized or value.is_meta:
        return None
    plain = value.detach().cpu().contiguous()
    size = plain.numel() * plain.element_size()
    if size >= LARGEST:
        raise ValueError(f"A tensor of {size >> 20} MiB is too large for an isolated node pack; the most is 4095 MiB.")
    data = plain.reshape(-1).view(torch.uint8).numpy().tobytes() if size else b""
    return ["tensor", str(plain.dtype).removeprefix("torch."), list(plain.shape), data, str(value.device)]


def _to_tensor(exchange: Exchange, dtype: str, shape: list[int], data: bytes, device: str) -> torch.Tensor:
    kind = getattr(torch, dtype)
    if not data:
        return torch.empty(shape, dtype=kind, device=device)
    flat = torch.frombuffer(bytearray(data), dtype=torch.uint8).view(kind)
    return flat.reshape(shape).to(device)


def _array(exchange: Exchange, value: numpy.ndarray) -> list[Any] | None:
    if value.dtype.hasobject or value.dtype.names:
        return None
    return ["array", value.dtype.str, list(value.shape), value.tobytes()]


def _to_array(exchange: Exchange, dtype: str, shape: list[int], data: bytes) -> numpy.ndarray:
    return numpy.frombuffer(bytearray(data), dtype=numpy.dtype(dtype)).reshape(shape)


def _picture(exchange: Exchange, value: Image.Image) -> list[Any] | None:
    if value.mode not in PICTURES:
        return None
    palette = bytes(value.getpalette() or ()) if value.mode == "P" else b""
    return ["picture", value.mode, list(value.size), value.tobytes(), palette]


def _to_picture(exchange: Exchange, mode: str, size: list[int], data: bytes, palette: bytes) -> Image.Image:
    picture = Image.frombytes(mode, (size[0], size[1]), data)
    if palette:
        picture.putpalette(palette)
    return picture


def _mapping(exchange: Exchange, value: Mapping[Any, Any]) -> Any:
    if all(type(name) is str for name in value):
        return {name: exchange.pack(item) for name, item in value.items()}
    return ["dict", [[exchange.pack(name), exchange.pack(item)] for name, item in value.items()]]


def _items(tag: str) -> Callable[[Exchange, Any], list[Any]]:
    return lambda exchange, value: [tag, [exchange.pack(item) for item in value]]


def _to_items(kind: Callable[[Any], Any]) -> Callable[..., Any]:
    return lambda exchange, items: kind([exchange.unpack(item) for item in items])


def _result(exchange: Exchange, value: NodeResult) -> list[Any]:
    parts = (tuple(value.values), dict(value.ui) if value.ui is not None else None, value.expand)
    return ["result", *(exchange.pack(part) for part in parts)]


def _to_result(exchange: Exchange, values: Any, ui: Any, expand: Any) -> NodeResult:
    return NodeResult(exchange.unpack(values), exchange.unpack(ui), exchange.unpack(expand))


def _graph(exchange: Exchange, value: Graph) -> list[Any]:
    nodes = {
        name: [node.type, exchange.pack(dict(node.inputs)), node.title, node.display]
        for name, node in value.nodes.items()
    }
    return ["graph", nodes]


def _to_graph(exchange: Exchange, nodes: dict[str, list[Any]]) -> Graph:
    return Graph(
        {
            name: Node(type=kind, inputs=exchange.unpack(inputs), title=title, display=display)
            for name, (kind, inputs, title, display) in nodes.items()
        }
    )


_PACKERS: dict[type, Callable[[Exchange, Any], Any]] = {
    torch.Tensor: _tensor,
    numpy.ndarray: _array,
    numpy.generic: lambda exchange, value: exchange.pack(value.item()) if not value.dtype.hasobject else None,
    Image.Image: _picture,
    list: _items("list"),
    tuple: _items("tuple"),
    set: _items("set"),
    frozenset: _items("frozenset"),
    **dict.fromkeys(DICTIONARIES, _mapping),
    Link: lambda exchange, value: ["link", value.source, value.output],
    Blocked: lambda exchange, value: ["blocked", value.message],
    NodeResult: _result,
    Graph: _graph,
    LivePrompt: lambda exchange, value: ["prompt", exchange.pack(PromptSnapshot.of(value).facts)],
}
_EXACT = frozenset({list, tuple, set, frozenset, *DICTIONARIES})
"""Types of which subclasses are objects of their own kind."""

_UNPACKERS: dict[str, Callable[..., Any]] = {
    "int": lambda exchange, text: int(text),
    "tensor": _to_tensor,
    "array": _to_array,
    "picture": _to_picture,
    "list": _to_items(list),
    "tuple": _to_items(tuple),
    "set": _to_items(set),
    "frozenset": _to_items(frozenset),
    "dict": lambda exchange, items: {exchange.unpack(name): exchange.unpack(item) for name, item in items},
    "link": lambda exchange, source, output: Link(source, output),
    "blocked": lambda exchange, message: Blocked(message),
    "result": _to_result,
    "graph": _to_graph,
    "prompt": lambda exchange, facts: PromptSnapshot(exchange.unpack(facts)),
    "mine": Exchange.elsewhere,
    "yours": Exchange.kept,
}
