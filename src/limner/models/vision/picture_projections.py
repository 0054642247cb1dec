"""Image projections: what an encoder saw of a picture to the tokens that an IP-Adapter attends to.

Each kind is told by the names of its tensors. Source: Ye et al. 2023, "IP-Adapter", section 3.2.2 (one layer on the
picture's vector), and the adapters that its authors published after it: all states (full face), a resampler (plus), a
face's identity (FaceID), and the identity looking at the states of the face (FaceID plus).
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

from torch import Tensor, nn

from limner.models.load.blueprint import Source
from limner.models.load.layout import Layout
from limner.models.vision.face_projection import HEAD, FacePlusProjection

VECTOR, LAST, LAST_BUT_ONE = "image_embeds", "last_hidden_state", "penultimate_hidden_states"
"""What a projection looks at of a picture, by the names of ``SeenPicture``."""

RESAMPLER: Mapping[str, str] = {
    r"layers\.(\d+)\.0\.norm1\.(.+)": r"layers.\1.ln0.\2",
    r"layers\.(\d+)\.0\.norm2\.(.+)": r"layers.\1.ln1.\2",
    r"layers\.(\d+)\.0\.to_q\.(.+)": r"layers.\1.attn.to_q.\2",
    r"layers\.(\d+)\.0\.to_out\.(.+)": r"layers.\1.attn.to_out.0.\2",
    r"layers\.(\d+)\.1\.0\.(.+)": r"layers.\1.ff.0.\2",
    r"layers\.(\d+)\.1\.1\.(.+)": r"layers.\1.ff.1.net.0.proj.\2",
    r"layers\.(\d+)\.1\.3\.(.+)": r"layers.\1.ff.1.net.2.\2",
}
"""The published names of a resampler's tensors, to those of diffusers' network."""

FULL = {"proj.0.": "ff.net.0.proj.", "proj.2.": "ff.net.2.", "proj.3.": "norm."}
PLAIN = {"proj.": "image_embeds.", "norm.": "norm."}
IDENTITY = {"proj.0.": "ff.net.0.proj.", "proj.2.": "ff.net.2.", "norm.": "norm."}
IDENTITY_PLUS = {"proj.0.": "proj.net.0.proj.", "proj.2.": "proj.net.2.", "norm.": "norm."}

FACE_VECTOR = 512
"""Length of a face's identity; vectors of pictures are longer."""

INSIDE = "perceiver_resampler."
"""Where the layers are that let an identity look at states."""


@dataclass(frozen=True)
class Projection:
    """An image projection that a file holds.

    Attributes:
        build: Makes its network.
        sources: Where its tensors come from, by the network's names.
        states: What it looks at of a picture; empty: at none.
        identity: Whether it looks at a face's identity [n 512], in front of what it looks at of a picture.
    """

    build: Callable[[], nn.Module]
    sources: Mapping[str, Source]
    states: str
    identity: bool = False


def find_projection(layout: Layout, prefix: str) -> Projection | None:
    """The image projection below a prefix; None if it is of no known kind."""
    inside = layout.under(prefix)
    if f"{INSIDE}proj_in.weight" in inside:
        sources = _renamed(inside, IDENTITY_PLUS, prefix) | _resampler_sources(inside.under(INSIDE), prefix + INSIDE)
        return Projection(partial(_face_plus, inside), sources, LAST_BUT_ONE, identity=True)
    if "latents" in inside:
        return Projection(partial(_resampler, inside), _resampler_sources(inside, prefix), LAST_BUT_ONE)
    if "proj.3.weight" in inside:
        return Projection(partial(_full, inside.shape("proj.2.weight")), _renamed(inside, FULL, prefix), LAST)
    if "proj.2.weight" in inside and "norm.weight" in inside:
        return _perceptron(inside, prefix)
    if len(inside.shape("proj.weight")) == 2 and "norm.weight" in inside:
        tokens = inside.shape("proj.weight")[0] // inside.shape("norm.weight")[0]
        build = partial(_plain, inside.shape("proj.weight"), tokens)
        return Projection(build, _renamed(inside, PLAIN, prefix), VECTOR)
    return None


def _perceptron(inside: Layout, prefix: str) -> Projection:
    """Two layers on one vector: that of a face, or, in an adapter for Flux, that of a picture."""
    vector = inside.shape("proj.0.weight")[1]
    identity = vector == FACE_VECTOR
    sources = _renamed(inside, IDENTITY, prefix)
    return Projection(partial(_face, inside), sources, "" if identity else VECTOR, identity=identity)


def _renamed(inside: Layout, table: Mapping[str, str], prefix: str) -> dict[str, Source]:
    return {
        new + name.removeprefix(old): Source((prefix + name,))
        for name in inside
        for old, new in table.items()
        if name.startswith(old)
    }


def _resampler_sources(inside: Layout, prefix: str) -> dict[str, Source]:
    sources: dict[str, Source] = {}
    for name in inside:
        place = prefix + name
        fused = re.fullmatch(r"layers\.(\d+)\.0\.to_kv\.weight", name)
        if fused:
            rows, columns = inside.shape(name)
            for index, part in enumerate(("to_k", "to_v")):
                target = f"layers.{fused[1]}.attn.{part}.weight"
                sources[target] = Source((place,), partial(_half, index=index), (rows // 2, columns))
            continue
        target = next((re.sub(old, new, name) for old, new in RESAMPLER.items() if re.fullmatch(old, name)), name)
        sources[target] = Source((place,))
    return sources


def _half(fused: Tensor, *, index: int) -> Tensor:
    return fused.chunk(2)[index]


def _plain(shape: tuple[int, ...], tokens: int) -> nn.Module:
    from diffusers.models.embeddings import ImageProjection  # takes a second to import

    return ImageProjection(
        image_embed_dim=shape[1], cross_attention_dim=shape[0] // tokens, num_image_text_embeds=tokens
    )


def _full(shape: tuple[int, ...]) -> nn.Module:
    from diffusers.models.embeddings import IPAdapterFullImageProjection

    return IPAdapterFullImageProjection(image_embed_dim=shape[1], cross_attention_dim=shape[0])


def _face(inside: Layout) -> nn.Module:
    from diffusers.models.embeddings import IPAdapterFaceIDImageProjection

    inner, vector = inside.shape("proj.0.weight")
    width = inside.shape("norm.weight")[0]
    tokens = inside.shape("proj.2.weight")[0] // width
    return IPAdapterFaceIDImageProjection(
        image_embed_dim=vector, cross_attention_dim=width, mult=inner // vector, num_tokens=tokens
    )


def _resampler(inside: Layout) -> nn.Module:
    from diffusers.models.embeddings import IPAdapterPlusImageProjection

    _, queries, width = inside.shape("latents")
    inner = inside.shape("layers.0.0.to_q.weight")[0]
    return IPAdapterPlusImageProjection(
        embed_dims=inside.shape("proj_in.weight")[1],
        output_dims=inside.shape("proj_out.weight")[0],
        hidden_dims=width,
        depth=inside.count("layers.{}."),
        dim_head=HEAD,
        heads=inner // HEAD,
        num_queries=queries,
        ffn_ratio=inside.shape("layers.0.1.1.weight")[0] / width,
    )


def _face_plus(inside: Layout) -> nn.Module:
    layers = inside.under(INSIDE)
    return FacePlusProjection(
        vector=inside.shape("proj.0.weight")[1],
        inner=inside.shape("proj.0.weight")[0],
        tokens=inside.shape("proj.2.weight")[0] // inside.shape("norm.weight")[0],
        seen=layers.shape("proj_in.weight")[1],
        width=layers.shape("proj_in.weight")[0],
        text=layers.shape("proj_out.weight")[0],
        depth=layers.count("layers.{}."),
        heads=layers.shape("layers.0.0.to_q.weight")[0] // HEAD,
        ratio=layers.shape("layers.0.1.1.weight")[0] / layers.shape("proj_in.weight")[0],
    )
