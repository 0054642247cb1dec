"""Names that trainers put around a module's own: taken off, so that networks need to know the plain ones only."""

from collections.abc import Mapping
from typing import TypeVar

Value = TypeVar("Value")

PEFT = "base_model.model."
"""What peft puts in front, or behind the name of the network."""

INSTEAD: Mapping[str, str] = {"lycoris_text_encoder_": "lora_te_", "lycoris_": "lora_unet_"}
"""What LyCORIS puts in front, the longest first, and what stands for it."""

ADDRESSED = (
    "lora_",
    "unet.",
    "text_encoder",
    "transformer.",
    "diffusion_model.",
    "model.diffusion_model.",
    "conditioner.",
    "cond_stage_model.",
)
"""How names begin that say which network they mean."""

NETWORK = "diffusion_model."
"""In front of names that say nothing: what trains a network alone leaves it out."""


def plain_names(changes: Mapping[str, Value]) -> dict[str, Value]:
    """Changes under names that networks know."""
    bare = {_unwrapped(name): change for name, change in changes.items()}
    if any(name.startswith(ADDRESSED) for name in bare):
        return bare
    return {NETWORK + name: change for name, change in bare.items()}


def _unwrapped(name: str) -> str:
    name = name.replace(PEFT, "", 1)
    for wrapper, plain in INSTEAD.items():
        if name.startswith(wrapper):
            return plain + name.removeprefix(wrapper)
    return name.removeprefix("model.") if name.startswith("model.diffusion_model.") else name
