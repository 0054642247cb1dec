"""IP-Adapters: a picture, or a face, as a prompt. Which ones there are, and how a file of one is opened.

For UNets plain, plus, full face and the FaceID line, in the layout of their authors (pickled or not); for Flux.1 those
of XLabs and of InstantX.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import torch
from torch import Tensor

from limner.graph.errors import ModelFileError, NumericsError
from limner.models.adapters.adapter import Adapter
from limner.models.library import ModelLibrary
from limner.models.load.blueprint import Blueprint, Source
from limner.models.load.layout import Layout
from limner.models.network import Network
from limner.models.vision.encoder import SeenPicture, VisionEncoder
from limner.models.vision.face_adapter import face_changes
from limner.models.vision.flux_picture_attention import TransformerPicture
from limner.models.vision.picture_attention import PictureAttention, PictureTokens
from limner.models.vision.picture_influence import Influence
from limner.models.vision.picture_projections import VECTOR, Projection, find_projection

UNET, DOUBLE, ALL = "unet", "double", "all"
"""From where an adapter looks: a UNet's attentions to text, blocks of Flux with two streams, all blocks of Flux."""

PLACES = (("image_proj.", "ip_adapter."), ("ip_adapter_proj_model.", "double_blocks."))
"""Where files keep the image projection and the layers: the authors', and XLabs'."""

XLABS = re.compile(r"(\d+)\.processor\.ip_adapter_double_stream_([kv])_proj\.(weight|bias)")

SECOND_VERSION = re.compile(r"plus[\W_]*v2", re.IGNORECASE)
"""In the name of a FaceID file: no tensor tells the versions apart."""


@dataclass(frozen=True)
class IpAdapter:
    """An IP-Adapter, loaded when leased: the value of IP_ADAPTER sockets.

    Attributes:
        network: A PictureAttention.
        states: What it looks at of a picture, by the names of ``SeenPicture``; empty: at none.
        place: From where it looks.
        identity: Whether it looks at a face's identity.
        second: Whether it is of the second version of FaceID plus, as far as its file's name says.
        changes: Changes of a UNet's weights that come with it, by attention and part.
    """

    network: Network
    states: str
    place: str = UNET
    identity: bool = False
    second: bool = False
    changes: Adapter | None = None

    def attention(self, seen: SeenPicture, influence: Influence) -> PictureTokens | TransformerPicture:
        """The patch that lets a network see pictures.

        Raises:
            NumericsError: if it looks at faces.
        """
        if self.identity:
            raise NumericsError("This IP-Adapter looks at faces: use the node Apply IP-Adapter to Face.")
        return self._patch(influence, getattr(seen, self.states))

    def face_attention(
        self, identity: Tensor, seen: SeenPicture | None, influence: Influence, structure: float | None = None
    ) -> PictureTokens | TransformerPicture:
        """The patch that lets a network see faces.

        Args:
            identity: Who they are [b 512], each of length 1.
            seen: What an encoder sees in their pictures; the plus kinds want it.
            influence: How much they count, and where.
            structure: See ``FacePlusProjection``.

        Raises:
            NumericsError: if it does not look at faces, or wants to see pictures of them and there are none.
        """
        if not self.identity:
            raise NumericsError("This IP-Adapter looks at pictures, not at identities: use the node Apply IP-Adapter.")
        if not self.states:
            return self._patch(influence, identity)
        if seen is None:
            raise NumericsError("This FaceID adapter is a plus: link clip_vision, CLIP ViT-H as a rule.")
        return self._patch(influence, identity, getattr(seen, self.states), structure=structure)

    def _patch(self, influence: Influence, *shown: Tensor, **settings: Any) -> PictureTokens | TransformerPicture:
        device, dtype = self.network.device, self.network.dtype
        placed = (part.to(device=device, dtype=dtype) for part in shown)
        with torch.no_grad(), self.network.lease("picture prompt") as network:
            layers = self._fitting(network, *placed, **settings)
        if self.place == UNET:
            return PictureTokens.of(layers, influence)
        return TransformerPicture.of(layers, influence, everywhere=self.place == ALL)

    def _fitting(self, network: Any, *shown: Tensor, **settings: Any) -> Any:
        try:
            return network(*shown, **settings)
        except RuntimeError as error:
            if "shapes cannot be multiplied" not in str(error):
                raise
            raise NumericsError(
                f"{self.network.what} was made for another vision encoder: what this one sees is "
                f"{' and '.join(str(list(part.shape)) for part in shown)}. SD and SDXL adapters mostly want CLIP ViT-H "
                "(some of SDXL bigG), those of Flux CLIP ViT-L (XLabs) or SigLIP so400m (InstantX)."
            ) from error

    def unseen(self, encoder: VisionEncoder, seen: SeenPicture) -> SeenPicture:
        """What stands for no picture, as the adapter was trained: nothing at all, no colours, or for Flux black."""
        if self.states == VECTOR and self.place == UNET:
            return replace(seen, image_embeds=torch.zeros_like(seen.image_embeds[:1]))
        if self.place == UNET:
            return encoder.encode_nothing()
        return encoder.encode(torch.zeros(1, encoder.shape.size, encoder.shape.size, 3))


def open_ip_adapter(library: ModelLibrary, name: str) -> IpAdapter:
    """An IP-Adapter by name.

    Raises:
        UnknownNameError: if there is no such file.
        ModelFileError: if it is none that Limner knows.
    """
    file = library.open("ipadapter", name)
    found = ip_adapter_blueprint(file.layout)
    if found is None:
        raise ModelFileError(
            f"{file.path.name} is no IP-Adapter that Limner knows (plain, plus, full face or FaceID, for UNets; XLabs' "
            "or InstantX' for Flux): it should hold tensors under image_proj and ip_adapter."
        )
    blueprint, projection, place = found
    return IpAdapter(
        network=library.network(f"{file.path.name} (IP-Adapter)", file, blueprint),
        states=projection.states,
        place=place,
        identity=projection.identity,
        second=bool(SECOND_VERSION.search(file.path.name)),
        changes=face_changes(file),
    )


def ip_adapter_blueprint(layout: Layout) -> tuple[Blueprint, Projection, str] | None:
    """How to build and fill an IP-Adapter, its projection and its place; None if the layout holds none."""
    for before, inside in PLACES:
        layers = _layers(layout.under(inside))
        projection = find_projection(layout, before) if layers else None
        if projection is not None:
            return _blueprint(layout, inside, layers, projection)
    return None


def _layers(inside: Layout) -> dict[str, str]:
    """The layers' tensors: our names to those of the file."""
    names: dict[str, str] = {}
    for name in inside:
        found = XLABS.fullmatch(name)
        if found:
            names[f"{found[1]}.to_{found[2]}_ip.{found[3]}"] = name
        elif re.fullmatch(r"\d+\.to_[kv]_ip\.(weight|bias)", name):
            names[name] = name
    return names


def _blueprint(
    layout: Layout, inside: str, layers: Mapping[str, str], projection: Projection
) -> tuple[Blueprint, Projection, str]:
    biased = any(name.endswith(".bias") for name in layers)
    numbers = sorted({name.split(".")[0] for name in layers}, key=int)
    shapes = {number: layout.shape(inside + layers[f"{number}.to_k_ip.weight"]) for number in numbers}
    sizes = {number: (shape[0], shape[1]) for number, shape in shapes.items()}
    sources = {f"image_proj.{target}": source for target, source in projection.sources.items()}
    sources |= {f"ip_adapter.{name}": Source((inside + place,)) for name, place in layers.items()}
    build = partial(_build, projection, sizes, biased=biased)
    # A UNet's layers have odd numbers: even ones are attentions of the picture to itself.
    place = UNET if all(int(number) % 2 for number in numbers) else DOUBLE if biased else ALL
    return Blueprint(keys=sources, build=build), projection, place


def _build(projection: Projection, sizes: Mapping[str, tuple[int, int]], *, biased: bool) -> PictureAttention:
    return PictureAttention(projection.build(), sizes, biased=biased)
