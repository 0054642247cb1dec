"""Several drawings as one graph, so that one job draws them all and what they share is made once. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from limner.dialects.a1111.graph import SHOWN, Canvas, Drawing
from limner.dialects.a1111.walker import whole
from limner.dialects.pictures import PICTURE
from limner.graph.graph import Graph, Link, Node


class Drawable(Protocol):
    """Something that is drawn by one graph."""

    @property
    def texts(self) -> tuple[str, ...]:
        """What is written into each picture; none: nothing."""
        ...

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the first one's first pass."""
        ...

    @property
    def steps(self) -> int:
        """Of a walk."""
        ...

    def graph(self) -> Graph:
        """Its output nodes are ``picture 1``, ``picture 2`` ..."""
        ...


@dataclass(frozen=True)
class Piece:
    """A drawing among several.

    Attributes:
        drawing: It.
        after: The place of the one whose pictures it paints over; None: of none.
    """

    drawing: Drawing
    after: int | None = None


@dataclass(frozen=True)
class Montage:
    """Several drawings."""

    pieces: tuple[Piece, ...]

    @property
    def texts(self) -> tuple[str, ...]:
        """Of all pictures, in order; none if nothing is written."""
        every = [piece.drawing.texts for piece in self.pieces]
        return tuple(text for texts in every for text in texts) if all(every) else ()

    @property
    def size(self) -> tuple[int, int]:
        """Of the first drawing."""
        return self.pieces[0].drawing.size

    @property
    def steps(self) -> int:
        """Of the first drawing's first pass."""
        return self.pieces[0].drawing.steps

    def graph(self) -> Graph:
        """The graph of them all."""
        return Graph(_Joined(self.pieces).nodes)


@dataclass
class _Joined:
    """The nodes of several drawings under names of their own."""

    pieces: Sequence[Piece]
    nodes: dict[str, Node] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._pictures: list[list[Link]] = []
        """What each drawing's pictures are made of."""
        for place, piece in enumerate(self.pieces):
            self._join(place, piece)

    def _join(self, place: int, piece: Piece) -> None:
        drawn = piece.drawing.graph().nodes
        names = {name: _named(name, place) for name in drawn}
        first = sum(len(links) for links in self._pictures)
        for name in drawn:
            if name.startswith(f"{PICTURE} "):
                names[name] = f"{PICTURE} {first + int(name.removeprefix(PICTURE))}"
        over: Mapping[str, Link] = {}
        if piece.after is not None and piece.drawing.canvas is not None:
            over = self._over(place, piece.drawing, piece.drawing.canvas, self._pictures[piece.after])
        links: list[Link] = []
        for name, node in drawn.items():
            if (place and name.startswith(SHOWN)) or name in over:
                continue
            inputs = {key: _moved(value, names, over) for key, value in node.inputs.items()}
            self.nodes[names[name]] = Node(type=node.type, inputs=inputs)
            if name.startswith(f"{PICTURE} "):
                links.append(inputs["images"])
        self._pictures.append(links)

    def _over(self, place: int, drawing: Drawing, canvas: Canvas, pictures: Sequence[Link]) -> dict[str, Link]:
        """What stands for the loaded pictures of a drawing that paints over another one's."""
        found: dict[str, Link] = {}
        for number, picture in enumerate(pictures, 1):
            found[f"original {number}"] = picture
            found[f"origin {number}"] = self._origin(f"{number} of {place + 1}", picture, drawing, canvas)
        return found

    def _origin(self, name: str, picture: Link, drawing: Drawing, canvas: Canvas) -> Link:
        left, top, width, height = canvas.place
        if canvas.overlay and canvas.part:
            told = {"width": width, "height": height, "x": left, "y": top}
            picture = self._add(f"part {name}", "ImageCrop", image=picture, **told)
        size = whole(drawing.size[0]), whole(drawing.size[1])
        if canvas.part or size != drawing.size:
            told = {"width": size[0], "height": size[1], "upscale_method": "lanczos", "crop": "disabled"}
            picture = self._add(f"again {name}", "ImageScale", image=picture, **told)
        return picture

    def _add(self, name: str, kind: str, /, **inputs: Any) -> Link:
        self.nodes[name] = Node(type=kind, inputs=inputs)
        return Link(name, 0)


def _named(name: str, place: int) -> str:
    return f"{name} of {place + 1}" if place else name


def _moved(value: Any, names: Mapping[str, str], over: Mapping[str, Link]) -> Any:
    if not isinstance(value, Link):
        return value
    if value.source in over:
        return over[value.source]
    return Link(names[value.source], value.output)
