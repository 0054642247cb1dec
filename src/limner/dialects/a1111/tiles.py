"""A picture that is enlarged and painted over in overlapping tiles, as a graph. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from limner.dialects.a1111.errors import invalid
from limner.dialects.a1111.extras import METHODS
from limner.dialects.a1111.graph import Drawing
from limner.dialects.a1111.placing import Size
from limner.dialects.a1111.script import ARGUMENTS, Tiles
from limner.dialects.a1111.upscaler_keys import PLAIN_UPSCALERS
from limner.dialects.a1111.walker import Start, Walker, whole
from limner.dialects.pictures import PICTURE
from limner.graph.graph import Graph, Link, Node

Place = tuple[int, int]

MOST_PIXELS, MOST_TILES = 1 << 26, 256
"""Of a request."""


def places(size: Size, tile: Size, overlap: int) -> Iterator[Place]:
    """Where tiles lie, row by row; the last of a row, and the last row, end where the picture ends."""
    for top in _begins(size[1], tile[1], overlap):
        for left in _begins(size[0], tile[0], overlap):
            yield left, top


def _begins(length: int, tile: int, overlap: int) -> list[int]:
    if length <= tile:
        return [0]
    count = -(-(length - overlap) // (tile - overlap))
    return [round(number * (length - tile) / (count - 1)) for number in range(count)]


@dataclass(frozen=True, kw_only=True)
class TiledDrawing:
    """An enlarged picture.

    Attributes:
        drawing: How each tile is painted; its canvas has the picture.
        tiles: How it is cut.
        origin: Name of the input picture,
        original: and its width and height.
    """

    drawing: Drawing
    tiles: Tiles
    origin: str
    original: Size

    @property
    def texts(self) -> tuple[str, ...]:
        """Of each picture."""
        return self.drawing.texts

    @property
    def size(self) -> Size:
        """Of all of it."""
        return int(self.original[0] * self.tiles.factor), int(self.original[1] * self.tiles.factor)

    @property
    def tile(self) -> Size:
        """Width and height of a tile: no larger than the picture, in whole elements of latents."""
        wide, high = (min(whole(side), whole(most)) for side, most in zip(self.drawing.size, self.size, strict=True))
        return wide, high

    @property
    def steps(self) -> int:
        """Of the walk of a tile."""
        return self.drawing.steps

    def check(self) -> None:
        """Refuses what would be too large.

        Raises:
            GraphError: if it would.
        """
        (width, height), tile, count = self.size, self.tile, len(self.drawing.seeds.seeds)
        tiles = sum(1 for _ in places(self.size, tile, self.tiles.overlap))
        if width * height * count > MOST_PIXELS or tiles * count > MOST_TILES:
            message = f"{count} pictures of {width}x{height} in {tiles} tiles were asked for; together they may have"
            raise invalid(f"{message} {MOST_PIXELS} pixels and {MOST_TILES} tiles.", ARGUMENTS)

    def graph(self) -> Graph:
        """The graph that paints it, once for each seed."""
        return Graph(_Tiled(self).nodes)


@dataclass
class _Tiled:
    """The nodes, made one after the other."""

    plan: TiledDrawing
    nodes: dict[str, Node] = field(default_factory=dict)

    def __post_init__(self) -> None:
        drawing = self.plan.drawing
        self._walker = Walker("first", drawing.first, drawing.refiner, drawing.switch, self.nodes)
        large = self._large()
        size = whole(self.plan.size[0]), whole(self.plan.size[1])
        self._places = list(places(size, self.plan.tile, self.plan.tiles.overlap))
        for number in range(1, len(drawing.seeds.seeds) + 1):
            self._picture(number, large)

    def _add(self, name: str, kind: str, /, **inputs: Any) -> Link:
        self.nodes[name] = Node(type=kind, inputs=inputs)
        return Link(name, 0)

    def _large(self) -> Link:
        """The picture at its new size, in whole elements of latents."""
        image, upscaler = self._add("origin", "LoadImage", image=self.plan.origin), self.plan.tiles.upscaler
        if upscaler not in PLAIN_UPSCALERS:
            network = self._add("upscaler", "UpscaleModelLoader", model_name=upscaler)
            image = self._add("upscaled", "ImageUpscaleWithModel", upscale_model=network, image=image)
        width, height = (whole(side) for side in self.plan.size)
        return self._scaled("large", image, (width, height), METHODS.get(upscaler, "lanczos"))

    def _picture(self, number: int, large: Link) -> None:
        drawing, (wide, high), result = self.plan.drawing, self.plan.tile, large
        noise = self._add(f"noise {number}", "RandomNoise", noise_seed=drawing.seeds.seeds[number - 1])
        stage = self._walker.stage
        for order, (left, top) in enumerate(self._places, 1):
            part = f"{number} tile {order}"
            cut = self._add(f"tile {order}", "ImageCrop", image=large, width=wide, height=high, x=left, y=top)
            latent = self._add(f"encoded {order}", "VAEEncode", pixels=cut, vae=stage.vae)
            walked = self._walker.walked(part, Start(latent, stage.positive, stage.negative), noise)
            drawn = self._add(f"drawn {part}", "VAEDecode", samples=walked, vae=stage.vae)
            told = {"destination": result, "source": drawn, "mask": self._edges(left, top)}
            result = self._add(f"joined {part}", "ImageCompositeMasked", x=left, y=top, resize_source=False, **told)
        width, height = self.plan.size
        if (whole(width), whole(height)) != (width, height):
            result = self._scaled(f"sized {number}", result, (width, height), "lanczos")
        kept = {"filename_prefix": drawing.prefix, "keep": drawing.keep}
        text = drawing.texts[number - 1] if drawing.texts else ""
        self._add(f"{PICTURE} {number}", "SaveImageWithSettings", images=result, settings=text, **kept)

    def _scaled(self, name: str, image: Link, size: Size, method: str) -> Link:
        told = {"upscale_method": method, "width": size[0], "height": size[1], "crop": "disabled"}
        return self._add(name, "ImageScale", image=image, **told)

    def _edges(self, left: int, top: int) -> Link:
        """What of a tile covers those before it: where they overlap it comes in little by little."""
        fades = {"left": self.plan.tiles.overlap if left else 0, "top": self.plan.tiles.overlap if top else 0}
        name = "edges " + ("left " if left else "") + ("top" if top else "")
        wide, high = self.plan.tile
        solid = self._add("solid", "SolidMask", value=1.0, width=wide, height=high)
        return self._add(name.strip(), "FeatherMask", mask=solid, right=0, bottom=0, **fades)
