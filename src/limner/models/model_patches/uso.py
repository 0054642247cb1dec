"""USO's style projector: what SigLIP sees of a picture, near its end, in its middle and at its beginning, as tokens.

They stand in front of Flux' text, behind its embedder. Source: Wu et al. 2025, "USO: unified style and subject-driven
generation via disentangled and reward learning", the hierarchical projector; names are those of its published file.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import pad

from limner.graph.errors import NumericsError
from limner.models.load.blueprint import Blueprint, Source
from limner.models.load.layout import Layout
from limner.models.model_patches.model_patch import ModelPatch, ModelPatchKind
from limner.models.vision.encoder import SeenPicture
from limner.models.vision.picture_influence import digest_of

PARTS = ("high", "mid", "low")
"""What it looks at: the states before the last layer, those 9 and those 18 layers earlier."""

MARKS = tuple(f"{part}_embedding_linear.0.weight" for part in PARTS)


class StyleProjector(nn.Module):
    """Tokens of states at three depths.

    Args:
        seen: Tokens and width of the states.
        made: Tokens of each depth, and their width.
        normed: Whether states are normed.
    """

    def __init__(self, seen: tuple[int, int], made: tuple[int, int], *, normed: bool) -> None:
        super().__init__()
        for part in PARTS:
            self.add_module(f"{part}_embedding_linear", nn.Sequential(nn.Linear(seen[0], made[0]), nn.SiLU()))
            self.add_module(f"{part}_layer_norm", nn.LayerNorm(seen[1]) if normed else nn.Identity())
            self.add_module(f"{part}_projection", nn.Linear(seen[1], made[1]))

    def forward(self, *depths: Tensor) -> Tensor:
        """Shapes: depths [b t d], high, mid, low; returns [b tokens width]."""
        return torch.cat([self._projected(part, states) for part, states in zip(PARTS, depths, strict=True)], dim=1)

    def _projected(self, part: str, states: Tensor) -> Tensor:
        fewer = self.get_submodule(f"{part}_embedding_linear")(states.transpose(1, 2)).transpose(1, 2)
        return self.get_submodule(f"{part}_projection")(self.get_submodule(f"{part}_layer_norm")(fewer))


@dataclass(frozen=True)
class StyleReference:
    """Puts tokens in front of the text of Flux' transformer. A ``BlockPatch``.

    Attributes:
        tokens: [1 t d], as wide as the network. Equal ones are told by ``digest``.
    """

    tokens: Tensor = field(compare=False, repr=False)
    digest: str

    def replacements(self, network: nn.Module) -> Sequence[tuple[nn.Module, Callable[..., Any]]]:
        """See ``BlockPatch``.

        Raises:
            NumericsError: if the network is not as wide as the tokens, or none of Flux.1.
        """
        embedder = getattr(network, "context_embedder", None)
        if not isinstance(embedder, nn.Linear) or not hasattr(network, "single_transformer_blocks"):
            raise NumericsError("This style reference was made for Flux.1, and the model is another one.")
        if embedder.out_features != self.tokens.shape[-1]:
            raise NumericsError(
                f"This style reference was made for a network of width {self.tokens.shape[-1]}; that of the model is "
                f"{embedder.out_features}."
            )
        return [(embedder, self._in_front), (network, self._with_places)]

    def _in_front(self, own: Callable[..., Tensor], text: Tensor) -> Tensor:
        words = own(text)
        return torch.cat([self.tokens.to(words).expand(len(words), -1, -1), words], dim=1)

    def _with_places(self, own: Callable[..., Any], *inputs: Any, **named: Any) -> Any:
        """A pass whose text is longer than the one that it was given."""
        count = self.tokens.shape[1]
        places = named["txt_ids"]
        named["txt_ids"] = torch.cat([places.new_zeros(count, places.shape[1]), places])
        told = named.get("joint_attention_kwargs") or {}
        if "attention_mask" in told:
            named["joint_attention_kwargs"] = {**told, "attention_mask": _longer(told["attention_mask"], count)}
        return own(*inputs, **named)


def _longer(mask: Tensor, count: int) -> Tensor:
    """What is added to scores, for as many tokens more in front; these look at others as the picture does.

    Shapes: mask [n 1 t t]; returns [n 1 count+t count+t].
    """
    wide = pad(mask, (count, 0))
    return torch.cat([wide[..., -1:, :].expand(-1, -1, count, -1), wide], dim=-2)


def style_reference(patch: ModelPatch, seen: SeenPicture) -> StyleReference:
    """The patch that lets Flux see the style of pictures.

    Raises:
        NumericsError: if the file is of another kind, or an encoder of another kind looked at the pictures.
    """
    if patch.kind is not USO:
        raise NumericsError(f"This model patch is of the kind {patch.kind.name}; a style reference needs one of USO.")
    network = patch.network
    depths = (seen.penultimate_hidden_states, *seen.earlier_hidden_states)
    wanted = _seen(patch)
    if len(depths) != len(PARTS) or tuple(depths[0].shape[1:]) != wanted:
        raise NumericsError(
            f"This style reference wants {wanted[0]} states of width {wanted[1]} from SigLIP, and this encoder gives "
            f"{depths[0].shape[1]} of width {depths[0].shape[2]}: choose sigclip_vision_patch14_384 or its like."
        )
    placed = (states.to(device=network.device, dtype=network.dtype) for states in depths)
    with torch.no_grad(), network.lease("style reference") as projector:
        tokens = projector(*placed).flatten(0, 1)[None]
    return StyleReference(tokens, digest_of(tokens))


def _seen(patch: ModelPatch) -> tuple[int, int]:
    facts = patch.network.blueprint.facts
    return int(str(facts["seen_tokens"])), int(str(facts["seen_width"]))


def _blueprint(layout: Layout) -> Blueprint | None:
    if any(mark not in layout for mark in MARKS):
        return None
    made, tokens = layout.shape(MARKS[0])
    width, seen = layout.shape(f"{PARTS[0]}_projection.weight")
    normed = layout.has(f"{PARTS[0]}_layer_norm.")
    return Blueprint(
        keys={name: Source((name,)) for name in layout},
        build=partial(StyleProjector, (tokens, seen), (made, width), normed=normed),
        facts={"seen_tokens": tokens, "seen_width": seen},
    )


USO = ModelPatchKind(
    name="uso",
    doc="USO's style projector, which lets Flux.1 see the style of pictures.",
    blueprint=_blueprint,
)
