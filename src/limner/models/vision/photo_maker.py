"""PhotoMaker: what a network sees of a person is worked into the word that stands for them in an SDXL prompt.

Source: Li et al. 2023, "PhotoMaker: customizing realistic human photos via stacked ID embedding", section 3.2. Layers
have the names of the published file; its adapter of attention is a LoRA, which is loaded as such.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

from limner.graph.errors import ModelFileError, NumericsError
from limner.models.library import ModelLibrary
from limner.models.load.blueprint import Blueprint, Source
from limner.models.load.layout import Layout
from limner.models.network import Network
from limner.models.parts.clip_text import END
from limner.models.text.chunks import Chunk, Token
from limner.models.text.encoder import TextEncoder
from limner.models.vision.blueprint import VisionShape, vision_blueprint
from limner.models.vision.encoder import prepared

TRIGGER = "photomaker"
"""Stands behind the word for the person, and is no part of what is encoded."""

PREFIXES = ("id_encoder.", "")
OWN = ("visual_projection_2.", "fuse_module.")


class Perceptron(nn.Module):
    """Two layers on a normed input."""

    def __init__(self, given: int, width: int) -> None:
        super().__init__()
        self.layernorm = nn.LayerNorm(given)
        self.fc1, self.fc2 = nn.Linear(given, width), nn.Linear(width, width)

    def forward(self, x: Tensor) -> Tensor:
        """Shapes: x [n given]; returns [n width]."""
        return self.fc2(nn.functional.gelu(self.fc1(self.layernorm(x))))


class Fusion(nn.Module):
    """A word and a person become one vector."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.mlp1, self.mlp2 = Perceptron(2 * width, width), Perceptron(width, width)
        self.layer_norm = nn.LayerNorm(width)

    def forward(self, words: Tensor, persons: Tensor) -> Tensor:
        """Shapes: words [n d], persons [n d]; returns [n d]."""
        fused = words + self.mlp1(torch.cat([words, persons], dim=-1))
        return self.layer_norm(fused + self.mlp2(fused))


class PersonNetwork(nn.Module):
    """CLIP's vision encoder with a projection for each of SDXL's texts, and the fusion with a word."""

    def __init__(self, eye: Callable[[], nn.Module], seen: int, second: int, width: int) -> None:
        super().__init__()
        self.eye: Any = eye()
        self.visual_projection_2 = nn.Linear(seen, second, bias=False)
        self.fuse_module = Fusion(width)

    def forward(self, pictures: Tensor, words: Tensor) -> Tensor:
        """Shapes: pictures [n 3 s s], words [n d]; returns [n d]."""
        seen = self.eye.vision_model(pixel_values=pictures).pooler_output
        persons = torch.cat([self.eye.visual_projection(seen), self.visual_projection_2(seen)], dim=-1)
        return self.fuse_module(words, persons)


@dataclass(frozen=True)
class PhotoMaker:
    """A PhotoMaker model, loaded when leased: the value of PHOTOMAKER sockets.

    Attributes:
        network: A PersonNetwork.
        shape: Of its vision encoder.
    """

    network: Network
    shape: VisionShape

    def encode(self, encoder: TextEncoder, text: str, pictures: Tensor) -> list[list[object]]:
        """The conditioning of a prompt in which the word before ``photomaker`` is the person of some pictures.

        A word stands once for each picture. A prompt without the trigger is encoded as it is.

        Shapes: pictures [b h w c].

        Raises:
            NumericsError: if there is no word, too many pictures, or the encoder is not SDXL's.
        """
        trigger = {branch.name: branch.tokenizer.encode(TRIGGER) for branch in encoder.branches}
        placed = {
            name: _repeated(chunks, trigger[name], len(pictures)) for name, chunks in encoder.chunks(text).items()
        }
        ((states, options),) = encoder.encode_chunks({name: chunks for name, (chunks, _) in placed.items()})
        places = {place for _, place in placed.values() if place is not None}
        if not places:
            return [[states, options]]
        place = slice(min(places), min(places) + len(pictures))
        states = states.clone()
        states[0, place] = self._fused(states[0, place], pictures)
        return [[states, options]]

    def _fused(self, words: Tensor, pictures: Tensor) -> Tensor:
        """Words [n d] with the persons of pictures [n h w c]."""
        width = int(str(self.network.blueprint.facts["text"]))
        if words.shape[-1] != width:
            raise NumericsError(
                f"{self.network.what} wants text of {width} numbers per token, but the text encoder gives "
                f"{words.shape[-1]}: connect the CLIP of an SDXL model."
            )
        given = (prepared(pictures, self.shape, crop=True), words)
        with torch.no_grad(), self.network.lease("person") as network:
            place = {"device": self.network.device, "dtype": self.network.dtype}
            return network(*(value.to(**place) for value in given)).float().cpu()


def _repeated(chunks: Sequence[Chunk], trigger: Sequence[int], count: int) -> tuple[list[Chunk], int | None]:
    """Chunks without the trigger, its word as often as there are pictures, and where that begins; None: no trigger."""
    for number, tokens in enumerate(chunks):
        place = _find([token.value for token in tokens], trigger)
        if place is None:
            continue
        if place < len(("start", "word")):
            raise NumericsError(
                f"A word for the person should stand before {TRIGGER}, as in: a photograph of a woman {TRIGGER}"
            )
        if place - 1 + count >= len(tokens):
            raise NumericsError(f"{count} pictures are too many for the place of the word before {TRIGGER}.")
        word = tokens[place - 1]
        changed = [*tokens[: place - 1], *[word] * count, *tokens[place + len(trigger) :]]
        chunk = _cut(changed, len(tokens), tokens[-1])
        return [*chunks[:number], chunk, *chunks[number + 1 :]], number * len(tokens) + place - 1
    return list(chunks), None


def _cut(tokens: list[Token], length: int, padding: Token) -> list[Token]:
    """Tokens filled up or cut to a length, with their end."""
    filled = [*tokens, *[padding] * (length - len(tokens))][:length]
    ends = any(isinstance(token.value, int) and token.value == END for token in filled)
    return filled if ends else [*filled[:-1], Token(END)]


def _find(values: Sequence[int | Tensor], wanted: Sequence[int]) -> int | None:
    """Where some numbers stand in a row; None: nowhere."""
    numbers = [value if isinstance(value, int) else None for value in values]
    starts = range(len(numbers) - len(wanted) + 1)
    return next((start for start in starts if numbers[start : start + len(wanted)] == list(wanted)), None)


def open_photo_maker(library: ModelLibrary, name: str) -> PhotoMaker:
    """A PhotoMaker model by name. Cost: reads the header.

    Raises:
        UnknownNameError: if there is no such file.
        ModelFileError: if it is none of the first version.
    """
    file = library.open("photomaker", name)
    found = photo_maker_blueprint(file.layout)
    if found is None:
        raise ModelFileError(
            f"{file.path.name} is no PhotoMaker model of the first version: it should hold visual_projection_2 and "
            "fuse_module beside a CLIP vision encoder. The second version also looks at a face with another network, "
            "which is not supported."
        )
    blueprint, shape = found
    return PhotoMaker(library.network(f"{file.path.name} (PhotoMaker)", file, blueprint), shape)


def photo_maker_blueprint(layout: Layout) -> tuple[Blueprint, VisionShape] | None:
    """How to build and fill one, and the shape of its vision encoder; None if the layout holds none."""
    prefix = next((prefix for prefix in PREFIXES if f"{prefix}visual_projection_2.weight" in layout), None)
    if prefix is None:
        return None
    inside = layout.under(prefix) if prefix else layout
    found = vision_blueprint(inside)
    second, fused = inside.shape("visual_projection_2.weight"), inside.shape("fuse_module.layer_norm.weight")
    if found is None or not fused or inside.has("qformer_perceiver."):
        return None
    eye, shape = found
    keys = {
        f"eye.{target}": replace(source, names=tuple(prefix + name for name in source.names))
        for target, source in eye.keys.items()
    }
    keys |= {name: Source((prefix + name,)) for name in inside if name.startswith(OWN)}
    build = partial(PersonNetwork, eye.build, second[1], second[0], fused[0])
    return Blueprint(keys=keys, build=build, facts={"text": fused[0], **vars(shape)}), shape
