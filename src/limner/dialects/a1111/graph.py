"""What ``/txt2img`` and ``/img2img`` ask for, as a graph: one walk a picture, so that each is as if alone."""

from dataclasses import dataclass, field
from typing import Any

from limner.dialects.a1111.control import REFERENCE, Shown, Unit, fitted, hint, referred, steered
from limner.dialects.a1111.passes import Pass
from limner.dialects.a1111.walker import WALK, Start, Walker, whole
from limner.dialects.pictures import PICTURE
from limner.graph.graph import Graph, Link, Node

SHOWN = "shown"
"""Nodes that show what a unit of ControlNet is shown are called this and a number."""

NOISE, NOTHING = 2, 3
"""What the masked part of a latent is filled with before it is painted; other fillings are painted into the picture."""


@dataclass(frozen=True)
class Seeds:
    """What noise is drawn from.

    Attributes:
        seeds: One a picture.
        subseeds: Likewise; what they are varied by,
        strength: and how far, 0..1.
        resized: Width and height of the noise that is put in the middle; zeros: all of it is drawn at once.
        delta: What is added to the seed of what samplers draw on their way.
        multiplier: Of the noise that a picture is painted over with.
    """

    seeds: list[int]
    subseeds: list[int]
    strength: float = 0.0
    resized: tuple[int, int] = (0, 0)
    delta: int = 0
    multiplier: float = 1.0

    @property
    def plain(self) -> bool:
        """Each picture has the noise of its seed."""
        return self.strength <= 0 and not all(self.resized) and not self.delta and self.multiplier == 1.0


@dataclass(frozen=True, kw_only=True)
class Enlarged:
    """A second pass over a larger picture.

    Attributes:
        plan: The pass.
        size: Width and height.
        latent: How latents are made larger; empty: pictures are,
        method: with this method,
        network: or by this network first; empty: none.
    """

    plan: Pass
    size: tuple[int, int]
    latent: str = ""
    method: str = "lanczos"
    network: str = ""


@dataclass(frozen=True, kw_only=True)
class Canvas:
    """Pictures that are painted over. All names are those of input pictures.

    Attributes:
        origins: What walks begin with, as large as the pictures to draw; used in turn.
        mask: White where it is painted, as large; empty: everywhere.
        originals: What results are laid over; empty: nothing.
        overlay: White where results cover them.
        place: Left, top, width and height of the results on them.
        part: That place is a part of them; else they are as large as what is drawn.
        filling: Of the masked part.
        stretched: Latents are brought to size, not pictures.
    """

    origins: tuple[str, ...]
    mask: str = ""
    originals: tuple[str, ...] = ()
    overlay: str = ""
    place: tuple[int, int, int, int] = (0, 0, 0, 0)
    part: bool = False
    filling: int = 1
    stretched: bool = False


@dataclass(frozen=True, kw_only=True)
class Drawing:
    """Everything that decides what is drawn.

    Attributes:
        first: The pass.
        size: Its width and height.
        seeds: What noise is drawn from.
        refiner: Another network for the last steps; None: none.
        switch: Share of the steps before it.
        second: A second pass; None: none.
        canvas: Pictures that are painted over; None: pictures come from nothing.
        begun: Name of an input picture that stands for the first pass; empty: it is drawn.
        units: Of ControlNet; their pictures are names of input pictures.
        hints: What units are shown is shown to clients too.
        texts: What is written into each picture.
        prefix: What files are called.
        keep: They are kept.
    """

    first: Pass
    size: tuple[int, int]
    seeds: Seeds
    refiner: Pass | None = None
    switch: float | None = None
    second: Enlarged | None = None
    canvas: Canvas | None = None
    begun: str = ""
    units: tuple[Unit, ...] = ()
    hints: bool = True
    texts: tuple[str, ...] = ()
    prefix: str = "a1111"
    keep: bool = False

    @property
    def steps(self) -> int:
        """Of the first pass's walk."""
        return self.first.steps.taken

    def graph(self) -> Graph:
        """The graph that draws them. Its output nodes are ``picture 1``, ``picture 2`` ..."""
        return Graph(_Drawn(self).nodes)


def walks(graph: Graph) -> int:
    """How many walks a graph has."""
    return sum(name.startswith(WALK) for name in graph.nodes)


@dataclass
class _Drawn:
    """A drawing's nodes, made one after the other."""

    drawing: Drawing
    nodes: dict[str, Node] = field(default_factory=dict)

    def __post_init__(self) -> None:
        drawing, second = self.drawing, self.drawing.second
        self._first = self._walker("first", drawing.first, drawing.size, refined=second is None)
        self._second = None if second is None else self._walker("second", second.plan, second.size, refined=True)
        starts = self._starts()
        for number in range(1, len(drawing.seeds.seeds) + 1):
            self._picture(number, starts[(number - 1) % len(starts)])

    def add(self, name: str, kind: str, /, **inputs: Any) -> Link:
        """A further node. Returns: its first output."""
        self.nodes[name] = Node(type=kind, inputs=inputs)
        return Link(name, 0)

    def _walker(self, name: str, plan: Pass, size: tuple[int, int], *, refined: bool) -> Walker:
        refiner = self.drawing.refiner if refined else None
        walker = Walker(name, plan, refiner, self.drawing.switch, self.nodes)
        other = "low" if name == "second" else "high"
        for number, unit in enumerate(self.drawing.units, 1):
            if unit.passes != other:
                self._steer(walker, f"{name} unit {number}", number, unit, size)
        return walker

    def _steer(self, walker: Walker, name: str, number: int, unit: Unit, size: tuple[int, int]) -> None:
        stage, canvas = walker.stage, self.drawing.canvas
        drawn = whole(size[0]), whole(size[1])
        image = self.add(f"unit {number}", "LoadImage", image=unit.picture or (canvas.origins[0] if canvas else ""))
        sized = fitted(self.add, f"{name} sized", image, drawn, unit.resize)
        if unit.module == REFERENCE:
            stage.model = referred(self.add, name, unit, sized, stage.model, stage.vae)
            return
        seen = hint(self.add, f"{name} hint", unit.module, sized, unit.thresholds)
        if seen != sized and self.drawing.hints:
            self.add(f"{SHOWN} {number}", "PreviewImage", images=seen)
        mask = None
        if unit.mask:
            loaded = self.add(f"unit {number} mask", "LoadImage", image=unit.mask)
            mask = fitted(self.add, f"{name} mask sized", loaded, drawn, unit.resize)
        texts = stage.positive, stage.negative
        stage.positive, stage.negative = steered(self.add, name, unit, Shown(seen, mask), texts, stage.vae)

    def _starts(self) -> list["Start"]:
        canvas, stage = self.drawing.canvas, self._first.stage
        if self.drawing.begun:
            return [Start(self._begun(), stage.positive, stage.negative)]
        if canvas is None:
            width, height = (whole(side) for side in self.drawing.size)
            latent = self.add("latent", "EmptyLatentImage", width=width, height=height, batch_size=1)
            return [Start(latent, stage.positive, stage.negative)]
        return [self._origin(number, name, canvas) for number, name in enumerate(canvas.origins, 1)]

    def _begun(self) -> Link:
        """The first pass's latent, of a picture that was sent instead."""
        image = self.add("begun", "LoadImage", image=self.drawing.begun)
        width, height = (whole(side) for side in self.drawing.size)
        told = {"upscale_method": "lanczos", "width": width, "height": height, "crop": "center"}
        sized = self.add("begun sized", "ImageScale", image=image, **told)
        return self.add("begun encoded", "VAEEncode", pixels=sized, vae=self._first.stage.vae)

    def _origin(self, number: int, name: str, canvas: Canvas) -> "Start":
        stage = self._first.stage
        pixels = self.add(f"origin {number}", "LoadImage", image=name)
        if not canvas.mask:
            latent = self.add(f"encoded {number}", "VAEEncode", pixels=pixels, vae=stage.vae)
            return Start(self._stretched(number, latent, canvas), stage.positive, stage.negative)
        mask = self.add("mask", "LoadImageMask", image=canvas.mask, channel="red")
        known = self.add(
            f"known {number}",
            "InpaintModelConditioning",
            positive=stage.positive,
            negative=stage.negative,
            vae=stage.vae,
            pixels=pixels,
            mask=mask,
            noise_mask=True,
        )
        latent = self._stretched(number, Link(known.source, 2), canvas)
        return Start(self._filled(number, latent, mask, canvas), known, Link(known.source, 1))

    def _stretched(self, number: int, latent: Link, canvas: Canvas) -> Link:
        if not canvas.stretched:
            return latent
        return self._larger(f"stretched {number}", latent, self.drawing.size, "bilinear", "disabled")

    def _filled(self, number: int, latent: Link, mask: Link, canvas: Canvas) -> Link:
        if canvas.filling not in (NOISE, NOTHING):
            return latent
        filling = self.add(f"nothing {number}", "LatentMultiply", samples=latent, multiplier=0.0)
        if canvas.filling == NOISE:
            drawn = self.add("filling noise", "RandomNoise", noise_seed=self.drawing.seeds.seeds[0])
            level = self.add("filling level", "ManualSigmas", sigmas="1, 0")
            told = {"model": self._first.stage.model, "noise": drawn, "sigmas": level}
            filling = self.add(f"filling {number}", "AddNoise", latent_image=filling, **told)
        told = {"destination": latent, "source": filling, "mask": mask}
        return self.add(f"filled {number}", "LatentCompositeMasked", x=0, y=0, resize_source=False, **told)

    def _picture(self, number: int, start: "Start") -> None:
        if self.drawing.begun:
            latent = start.latent
        else:
            latent = self._first.walked(number, start, self._noise(number, self.drawing.size))
        size, vae = self.drawing.size, self._first.stage.vae
        if self._second is not None and self.drawing.second is not None:
            size = self.drawing.second.size
            larger = Start(self._enlarged(number, latent), self._second.stage.positive, self._second.stage.negative)
            latent = self._second.walked(number, larger, self._noise(number, size, " second"))
            vae = self._second.stage.vae
        image = self.add(f"drawn {number}", "VAEDecode", samples=latent, vae=vae)
        image = self._over(number, self._cut(number, image, size))
        text = self.drawing.texts[number - 1] if self.drawing.texts else ""
        kept = {"filename_prefix": self.drawing.prefix, "keep": self.drawing.keep}
        self.add(f"{PICTURE} {number}", "SaveImageWithSettings", images=image, settings=text, **kept)

    def _noise(self, number: int, size: tuple[int, int], second: str = "") -> Link:
        seeds = self.drawing.seeds
        seed, name = seeds.seeds[number - 1], f"noise {number}{second}"
        if seeds.plain:
            return self.add(name, "RandomNoise", noise_seed=seed)
        return self.add(
            name,
            "VariationNoise",
            seed=seed,
            subseed=seeds.subseeds[number - 1],
            strength=seeds.strength,
            resize_from_width=seeds.resized[0],
            resize_from_height=seeds.resized[1],
            walk_seed_offset=seeds.delta,
            multiplier=1.0 if second else seeds.multiplier,
        )

    def _enlarged(self, number: int, latent: Link) -> Link:
        second = self.drawing.second
        assert second is not None
        if second.latent:
            return self._larger(f"larger {number}", latent, second.size, second.latent, "center")
        image = self.add(f"small {number}", "VAEDecode", samples=latent, vae=self._first.stage.vae)
        image = self._cut(number, image, self.drawing.size, "small ")
        if second.network:
            network = self.add("upscaler", "UpscaleModelLoader", model_name=second.network)
            image = self.add(f"upscaled {number}", "ImageUpscaleWithModel", upscale_model=network, image=image)
        width, height = (whole(side) for side in second.size)
        told = {"width": width, "height": height, "crop": "center", "upscale_method": second.method}
        image = self.add(f"sized {number}", "ImageScale", image=image, **told)
        assert self._second is not None
        return self.add(f"larger {number}", "VAEEncode", pixels=image, vae=self._second.stage.vae)

    def _larger(self, name: str, latent: Link, size: tuple[int, int], method: str, crop: str) -> Link:
        width, height = (whole(side) for side in size)
        told = {"upscale_method": method, "width": width, "height": height, "crop": crop}
        return self.add(name, "LatentUpscale", samples=latent, **told)

    def _cut(self, number: int, image: Link, size: tuple[int, int], part: str = "") -> Link:
        """Pictures are drawn at multiples; what was asked for is their middle, or all of what was painted over."""
        width, height = size
        left, top = (whole(width) - width) // 2, (whole(height) - height) // 2
        if (whole(width), whole(height)) == size:
            return image
        if self.drawing.canvas is not None:
            return self._scaled(f"{part}cut {number}", image, width, height)
        return self.add(f"{part}cut {number}", "ImageCrop", image=image, width=width, height=height, x=left, y=top)

    def _scaled(self, name: str, image: Link, width: int, height: int) -> Link:
        told = {"upscale_method": "lanczos", "width": width, "height": height, "crop": "disabled"}
        return self.add(name, "ImageScale", image=image, **told)

    def _over(self, number: int, image: Link) -> Link:
        """A picture laid over the original: what was not painted is the original's, to the pixel."""
        canvas = self.drawing.canvas
        if canvas is None or not canvas.overlay:
            return image
        left, top, width, height = canvas.place
        if (width, height) != self.drawing.size:
            image = self._scaled(f"fitted {number}", image, width, height)
        original = canvas.originals[(number - 1) % len(canvas.originals)]
        return self.add(
            f"joined {number}",
            "ImageCompositeMasked",
            destination=self.add(f"original {number}", "LoadImage", image=original),
            source=image,
            mask=self.add("overlay", "LoadImageMask", image=canvas.overlay, channel="red"),
            x=left,
            y=top,
            resize_source=False,
        )
