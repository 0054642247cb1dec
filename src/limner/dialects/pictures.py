"""What doors that know no graphs ask for, as a graph: pictures by a prompt, from nothing or from other pictures."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from limner.graph.graph import Graph, Link, Node

PICTURE = "picture"
"""Nodes that save a wanted picture are called this and its number."""


MEGAPIXEL = 1 << 20


@dataclass(frozen=True, kw_only=True)
class PictureWish:
    """Pictures that somebody asks for.

    Attributes:
        model: Name of a checkpoint.
        prompt: What to draw.
        negative: What not to draw.
        width: Of the pictures, in pixels; the network draws near the size that it was trained at.
        height: Likewise.
        seeds: One a picture; each is what it would be if it were drawn alone.
        steps: Of the walk.
        guidance: How strictly the prompt is followed (classifier-free guidance scale).
        sampler: Name of a sampler,
        schedule: and of a schedule.
        origin: Name of an input picture that is painted over; empty: pictures come from nothing.
        mask: Name of an input picture whose transparent part is painted anew; empty: all of it.
        denoise: How much of the origin is painted over, 0..1.
        references: Names of further input pictures, for networks that look at such; others pass them by.
        cutter: Name of a network that tells subjects from backgrounds; pictures are transparent where the background
            was. Empty: they keep it.
        prefix: What saved files are called.
    """

    model: str
    prompt: str
    negative: str = ""
    width: int = 1024
    height: int = 1024
    seeds: tuple[int, ...] = (0,)
    steps: int = 20
    guidance: float = 7.0
    sampler: str = "euler"
    schedule: str = "normal"
    origin: str = ""
    mask: str = ""
    denoise: float = 1.0
    references: tuple[str, ...] = ()
    cutter: str = ""
    prefix: str = "picture"

    def graph(self) -> Graph:
        """The graph that draws them. Its output nodes are ``picture 1``, ``picture 2`` ..."""
        nodes = {
            "model": _node("CheckpointLoaderSimple", ckpt_name=self.model),
            "size": _node("SizeForModel", model=Link("model", 0), width=self.width, height=self.height),
            "positive": _node("CLIPTextEncode", clip=Link("model", 1), text=self.prompt),
            "negative": _node("CLIPTextEncode", clip=Link("model", 1), text=self.negative),
        }
        nodes |= self._painted_over() if self.origin else self._from_nothing()
        for number, name in enumerate(self.references, 1):
            nodes |= self._reference(number, name)
        if self.cutter:
            nodes["cutter"] = cutting(self.cutter)
        for number, seed in enumerate(self.seeds, 1):
            nodes |= self._picture(number, seed)
        return Graph(nodes)

    def _from_nothing(self) -> dict[str, Node]:
        width, height = Link("size", 0), Link("size", 1)
        return {"latent": _node("EmptyLatentImage", width=width, height=height, batch_size=1)}

    def _painted_over(self) -> dict[str, Node]:
        fitted = {"upscale_method": "lanczos", "crop": "center", "width": Link("size", 0), "height": Link("size", 1)}
        nodes = {
            "origin": _node("LoadImage", image=self.origin),
            "fitted": _node("ImageScale", image=Link("origin", 0), **fitted),
            "encoded": _node("VAEEncode", pixels=Link("fitted", 0), vae=Link("model", 2)),
        }
        if not self.mask:
            return {**nodes, "latent": nodes.pop("encoded")}
        return nodes | {
            "hole": _node("LoadImage", image=self.mask),
            "latent": _node("SetLatentNoiseMask", samples=Link("encoded", 0), mask=Link("hole", 1)),
        }

    def _reference(self, number: int, name: str) -> dict[str, Node]:
        """A further picture beside the prompt, of as many pixels as are drawn, or those of the networks' training."""
        shown, fitted, latent = (f"{part} {number}" for part in ("shown", "shown fitted", "shown latent"))
        before = f"seen {number - 1}" if number > 1 else "positive"
        pixels = min(1.0, max(0.01, round(self.width * self.height / MEGAPIXEL, 2)))
        return {
            shown: _node("LoadImage", image=name),
            fitted: _node("ImageScaleToTotalPixels", image=Link(shown, 0), upscale_method="lanczos", megapixels=pixels),
            latent: _node("VAEEncode", pixels=Link(fitted, 0), vae=Link("model", 2)),
            f"seen {number}": _node("ReferenceLatent", conditioning=Link(before, 0), latent=Link(latent, 0)),
        }

    def _picture(self, number: int, seed: int) -> dict[str, Node]:
        walk, drawn, sized = (f"{part} {number}" for part in ("walk", "drawn", "sized"))
        nodes = {
            walk: _node("KSampler", latent_image=Link("latent", 0), seed=seed, **self._walk()),
            drawn: _node("VAEDecode", samples=Link(walk, 0), vae=Link("model", 2)),
            sized: scaled(Link(drawn, 0), self.width, self.height),
        }
        result = Link(sized, 0)
        if self.mask:  # What was not to be painted is the origin's, to the pixel.
            nodes[f"original {number}"] = scaled(Link("origin", 0), self.width, self.height)
            nodes[f"joined {number}"] = _node(
                "ImageCompositeMasked",
                destination=Link(f"original {number}", 0),
                source=result,
                mask=Link("hole", 1),
                x=0,
                y=0,
                resize_source=False,
            )
            result = Link(f"joined {number}", 0)
        if self.cutter:
            nodes |= cut_out(number, result)
            result = Link(f"cut out {number}", 0)
        return nodes | {f"{PICTURE} {number}": _node("SaveImage", images=result, filename_prefix=self.prefix)}

    def _walk(self) -> dict[str, Any]:
        return {
            "model": Link("model", 0),
            "positive": Link(f"seen {len(self.references)}" if self.references else "positive", 0),
            "negative": Link("negative", 0),
            "steps": self.steps,
            "cfg": self.guidance,
            "sampler_name": self.sampler,
            "scheduler": self.schedule,
            "denoise": self.denoise,
        }


def scaled(picture: Link, width: int, height: int) -> Node:
    """A picture in some size; what is too much of it is cut off at the edges."""
    return _node("ImageScale", image=picture, upscale_method="lanczos", width=width, height=height, crop="center")


def cutting(name: str) -> Node:
    """The node ``cutter``: a network that tells subjects from backgrounds."""
    return _node("LoadBackgroundRemovalModel", bg_removal_name=name)


def cut_out(number: int, picture: Link) -> dict[str, Node]:
    """A picture with its background made transparent, as node ``cut out NUMBER``; needs ``cutter``."""
    subject, background = f"subject {number}", f"background {number}"
    return {
        subject: _node("RemoveBackground", bg_removal_model=Link("cutter", 0), image=picture),
        background: _node("InvertMask", mask=Link(subject, 0)),
        f"cut out {number}": _node("JoinImageWithAlpha", image=picture, alpha=Link(background, 0)),
    }


def _node(kind: str, **inputs: Any) -> Node:
    return Node(type=kind, inputs=inputs)


def pictures_of(outputs: Mapping[str, Any]) -> list[Mapping[str, str]]:
    """The files that such a graph's nodes told of, in the order of the seeds: those saved, else those only shown.

    Args:
        outputs: What nodes told clients, by node id.
    """
    named = [(int(node.removeprefix(PICTURE)), ui) for node, ui in outputs.items() if node.startswith(f"{PICTURE} ")]
    files = [file for _, ui in sorted(named, key=lambda pair: pair[0]) for file in ui.get("images", ())]
    return [file for file in files if file.get("type") != "temp"] or files
