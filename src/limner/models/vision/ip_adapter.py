"""IP-Adapter: a picture as a prompt, by attention of its own beside that to the text.

Source: Ye et al. 2023, "IP-Adapter: text compatible image prompt adapter", equation 5. Plain (four tokens of the
picture's vector), full face (all states) and plus (a resampler) for UNets; image projections are diffusers' networks.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from hashlib import blake2b
from typing import Any

import torch
from torch import Tensor, nn

from limner.graph.errors import ModelFileError, NumericsError
from limner.models.attention import attend
from limner.models.library import ModelLibrary
from limner.models.load.blueprint import Blueprint, Source
from limner.models.load.layout import Layout
from limner.models.network import Network
from limner.models.patches.patch import Hooks
from limner.models.unet_walk import EVERY
from limner.models.vision.encoder import SeenPicture

PLUS: Mapping[str, str] = {
    r"layers\.(\d+)\.0\.norm1\.(.+)": r"layers.\1.ln0.\2",
    r"layers\.(\d+)\.0\.norm2\.(.+)": r"layers.\1.ln1.\2",
    r"layers\.(\d+)\.0\.to_q\.(.+)": r"layers.\1.attn.to_q.\2",
    r"layers\.(\d+)\.0\.to_out\.(.+)": r"layers.\1.attn.to_out.0.\2",
    r"layers\.(\d+)\.1\.0\.(.+)": r"layers.\1.ff.0.\2",
    r"layers\.(\d+)\.1\.1\.(.+)": r"layers.\1.ff.1.net.0.proj.\2",
    r"layers\.(\d+)\.1\.3\.(.+)": r"layers.\1.ff.1.net.2.\2",
}
"""The published names of the resampler's tensors, to those of diffusers' network."""

FULL = {"proj.0.": "ff.net.0.proj.", "proj.2.": "ff.net.2.", "proj.3.": "norm."}
PLAIN = {"proj.": "image_embeds.", "norm.": "norm."}


class PictureAttention(nn.Module):
    """An image projection, and keys and values of each attention to text."""

    def __init__(self, projection: nn.Module, layers: Mapping[str, tuple[int, int]]) -> None:
        super().__init__()
        self.image_proj = projection
        self.ip_adapter = nn.ModuleDict(
            {
                number: nn.ModuleDict({part: nn.Linear(text, width, bias=False) for part in ("to_k_ip", "to_v_ip")})
                for number, (width, text) in layers.items()
            }
        )

    def forward(self, seen: Tensor) -> tuple[tuple[Tensor, Tensor], ...]:
        """Keys and values [b t d] of each attention, in the order of the network's attentions.

        Shapes: seen [b p] or [b t p], as the projection wants it.
        """
        tokens = self.image_proj(seen)
        layers: list[Any] = [self.ip_adapter[number] for number in sorted(self.ip_adapter, key=int)]
        return tuple((layer["to_k_ip"](tokens), layer["to_v_ip"](tokens)) for layer in layers)


@dataclass(frozen=True)
class IpAdapter:
    """An IP-Adapter, loaded when leased.

    Attributes:
        network: A PictureAttention.
        states: Whether it looks at all states instead of the picture's vector.
    """

    network: Network
    states: str

    def attention(self, seen: SeenPicture, scale: float) -> "PictureTokens":
        """The patch that lets a UNet see a picture."""
        shown = getattr(seen, self.states).to(device=self.network.device, dtype=self.network.dtype)
        with torch.no_grad(), self.network.lease("picture prompt") as network:
            return PictureTokens.of(network(shown), scale)


@dataclass(frozen=True)
class PictureTokens:
    """Adds attention to a picture to every attention to text. A ``UnetPatch``.

    Attributes:
        layers: Keys and values [b t d] by attention.
        scale: How much of it; 0 changes nothing.
    """

    layers: tuple[tuple[Tensor, Tensor], ...] = field(compare=False, repr=False)
    scale: float
    digest: str = ""

    @classmethod
    def of(cls, layers: tuple[tuple[Tensor, Tensor], ...], scale: float) -> "PictureTokens":
        """With the digest of what is seen."""
        content = blake2b(digest_size=16)
        for key, _ in layers[:1]:
            content.update(key.detach().float().cpu().contiguous().numpy().tobytes())
        return cls(layers, scale, content.hexdigest())

    def into(self, hooks: Hooks, network: Any) -> None:
        """See ``UnetPatch``.

        Raises:
            NumericsError: if it was made for a network with other attentions.
        """
        attentions = [module for name, module in network.named_modules() if name.endswith(".attn2")]
        if len(attentions) != len(self.layers):
            raise NumericsError(
                f"This IP-Adapter has {len(self.layers)} attentions and the model {len(attentions)}: it was made for "
                "another model family."
            )
        layers = {id(module): layer for module, layer in zip(attentions, self.layers, strict=True)}
        before = hooks.replacements.get("attn2", {}).get(EVERY)
        hooks.replace("attn2", EVERY, partial(self._attended, layers, before))

    def _attended(
        self,
        layers: Mapping[int, tuple[Tensor, Tensor]],
        before: Any,
        query: Tensor,
        key: Tensor,
        value: Tensor,
        told: Any,
    ) -> Tensor:
        text = before(query, key, value, told) if before else attend(query, key, value, told["n_heads"])
        seen_key, seen_value = (part.to(query) for part in layers[id(told["attention"])])
        if seen_key.shape[-1] != query.shape[-1]:
            raise NumericsError("This IP-Adapter was made for a network of another width.")
        shape = (query.shape[0], -1, -1)
        picture = attend(query, seen_key[:1].expand(shape), seen_value[:1].expand(shape), told["n_heads"])
        return text + picture * self.scale


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
            f"{file.path.name} is no IP-Adapter that Limner knows (plain, full face or plus, for UNets): it should "
            "hold tensors under image_proj and ip_adapter."
        )
    blueprint, states = found
    return IpAdapter(library.network(f"{file.path.name} (IP-Adapter)", file, blueprint), states)


def ip_adapter_blueprint(layout: Layout) -> tuple[Blueprint, str] | None:
    """How to build and fill an IP-Adapter, and what of a picture it looks at; None if the layout holds none."""
    projection, attention = layout.under("image_proj."), layout.under("ip_adapter.")
    numbers = sorted({name.split(".")[0] for name in attention if name.endswith("to_k_ip.weight")}, key=int)
    if not numbers:
        return None
    layers = {number: attention.shape(f"{number}.to_k_ip.weight") for number in numbers}
    sizes = {number: (shape[0], shape[1]) for number, shape in layers.items()}
    found = _projection(projection)
    if found is None:
        return None
    build, keys, states = found
    sources = {f"image_proj.{target}": source for target, source in keys.items()}
    sources |= {f"ip_adapter.{name}": Source((f"ip_adapter.{name}",)) for name in attention}
    return Blueprint(keys=sources, build=lambda: PictureAttention(build(), sizes)), states


def _projection(inside: Layout) -> tuple[Any, dict[str, Source], str] | None:
    """How the image projection is built and filled, and what of a picture it looks at."""
    if "latents" in inside:
        return partial(_resampler, inside), _plus_sources(inside), "penultimate_hidden_states"
    if "proj.3.weight" in inside:
        sources = _renamed(inside, FULL)
        return partial(_full, inside.shape("proj.2.weight")), sources, "last_hidden_state"
    if len(inside.shape("proj.weight")) == 2:
        tokens = inside.shape("proj.weight")[0] // inside.shape("norm.weight")[0]
        return partial(_plain, inside.shape("proj.weight"), tokens), _renamed(inside, PLAIN), "image_embeds"
    return None


def _renamed(inside: Layout, table: Mapping[str, str]) -> dict[str, Source]:
    return {
        new + name.removeprefix(old): Source((f"image_proj.{name}",))
        for name in inside
        for old, new in table.items()
        if name.startswith(old)
    }


def _plus_sources(inside: Layout) -> dict[str, Source]:
    sources: dict[str, Source] = {}
    for name in inside:
        place = f"image_proj.{name}"
        fused = re.fullmatch(r"layers\.(\d+)\.0\.to_kv\.weight", name)
        if fused:
            rows, columns = inside.shape(name)
            for index, part in enumerate(("to_k", "to_v")):
                target = f"layers.{fused[1]}.attn.{part}.weight"
                sources[target] = Source((place,), partial(_half, index=index), (rows // 2, columns))
            continue
        target = next((re.sub(old, new, name) for old, new in PLUS.items() if re.fullmatch(old, name)), name)
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


def _resampler(inside: Layout) -> nn.Module:
    from diffusers.models.embeddings import IPAdapterPlusImageProjection

    _, queries, width = inside.shape("latents")
    inner = inside.shape("layers.0.0.to_q.weight")[0]
    return IPAdapterPlusImageProjection(
        embed_dims=inside.shape("proj_in.weight")[1],
        output_dims=inside.shape("proj_out.weight")[0],
        hidden_dims=width,
        depth=inside.count("layers.{}."),
        dim_head=64,
        heads=inner // 64,
        num_queries=queries,
        ffn_ratio=inside.shape("layers.0.1.1.weight")[0] / width,
    )
