"""Prompts with marks: ``<lora:name:weight>``, ``BREAK`` and ``AND``."""

from __future__ import annotations

import re
from dataclasses import dataclass

_LORA = re.compile(r"<lora:([^:<>]+)(?::([^:<>]*))?(?::([^:<>]*))?>")
_BREAK = re.compile(r"\bBREAK\b")
_AND = re.compile(r"\bAND\b")
_NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)")
_SPACES = re.compile(r"[ \t]{2,}")


@dataclass(frozen=True)
class LoraTag:
    """A LoRA that a prompt asks for.

    Attributes:
        name: As written, without folder or ending being added.
        model: Strength on the denoiser.
        clip: Strength on the text encoder.
    """

    name: str
    model: float = 1.0
    clip: float = 1.0

    @property
    def file(self) -> str:
        """Its file name: ``.safetensors`` is added if it has no ending of a model file."""
        known = self.name.lower().endswith((".safetensors", ".pt", ".ckpt", ".bin", ".sft"))
        return self.name if known else f"{self.name}.safetensors"


@dataclass(frozen=True)
class PromptText:
    """A prompt without its marks.

    Attributes:
        parts: Texts to be combined (``AND``), each a tuple of texts to be joined (``BREAK``). At least one.
        loras: In order.
    """

    parts: tuple[tuple[str, ...], ...]
    loras: tuple[LoraTag, ...] = ()


def read_prompt(text: str) -> PromptText:
    """Takes a prompt apart.

    ``<lora:name>`` means strength 1, ``<lora:name:0.8>`` 0.8 on both networks, ``<lora:name:0.8:0.5>`` 0.8 on the
    denoiser and 0.5 on the text encoder. A tag whose numbers are none is left in the text. ``AND`` and ``BREAK``
    count in capitals only, as whole words; ``AND`` parts first.
    """
    loras: list[LoraTag] = []

    def take(found: re.Match[str]) -> str:
        name, model, clip = found.group(1).strip(), found.group(2), found.group(3)
        numbers = [value.strip() for value in (model, clip) if value is not None]
        if not name or not all(_NUMBER.fullmatch(value) for value in numbers):
            return found.group(0)
        strength = float(numbers[0]) if numbers else 1.0
        loras.append(LoraTag(name, strength, float(numbers[1]) if len(numbers) > 1 else strength))
        return ""

    bare = _SPACES.sub(" ", _LORA.sub(take, text))
    parts = tuple(tuple(_trimmed(part) for part in _BREAK.split(whole)) for whole in _AND.split(bare))
    return PromptText(parts, tuple(loras))


def _trimmed(text: str) -> str:
    return text.strip().strip(",").strip()
