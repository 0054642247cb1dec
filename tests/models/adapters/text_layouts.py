"""Adapter files as trainers name the layers of text encoders, on tiny encoders from their files."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors.torch import save_file
from tests.models.adapters.layouts import KOHYA, PEFT, RANK, Endings, Tried, low_rank, written
from tests.models.text_files import clip, save_tokenizer, t5
from torch import Tensor, nn

from limner.models.library import ModelLibrary
from limner.models.text.encoder import TextEncoder
from limner.storage.folders import Folders

INSIDE = (
    *("q_proj", "k_proj", "v_proj", "out_proj", "fc1", "fc2"),
    *(f"SelfAttention.{part}" for part in "qkvo"),
    *("wi_0", "wi_1", "wo"),
)
"""Layers that trainers change."""


@dataclass(frozen=True)
class TextLayoutCase:
    """An adapter of text encoders in the names of a trainer.

    Attributes:
        layout: Whose names.
        case: What the encoders are for.
        encoders: Makes each, by its name, and how names of its layers begin.
        endings: The ends of tensors' names.
        dots: Whether the names keep their dots.
    """

    layout: str
    case: str
    encoders: Mapping[str, tuple[Callable[[], nn.Module], str]]
    endings: Endings
    dots: bool = False
    oracle: str = "float64"
    stored: str = "text encoders"

    def tried(self, root: Path) -> Tried:
        """Does everything with it."""
        states: dict[str, dict[str, Tensor]] = {}
        merged: dict[str, dict[str, Tensor]] = {}
        tensors: dict[str, Tensor] = {}
        for encoder, (make, beginning) in self.encoders.items():
            state = {name: value.detach().clone() for name, value in make().state_dict().items()}
            changes = {layer: low_rank(state[f"{layer}.weight"], place) for place, layer in enumerate(inside(state))}
            names = {layer: beginning + full(layer) for layer in changes}
            shown = names if self.dots else {layer: name.replace(".", "_") for layer, name in names.items()}
            tensors |= written({shown[layer]: change for layer, change in changes.items()}, self.endings)
            states[encoder], merged[encoder] = state, changed(state, changes, 1 / RANK if self.endings.alpha else 1.0)
        plain = opened(root / "plain", self.case, states)
        path = root / "models" / "loras" / "tiny.safetensors"
        path.parent.mkdir(parents=True)
        save_file(tensors, path)
        library = ModelLibrary(Folders.under(root, model_roots=(root / "models",)))
        before = encoded(plain)
        during = encoded(plain.with_adapter(library.adapter("tiny.safetensors"), 1.0))
        wanted = encoded(opened(root / "merged", self.case, merged))
        detached = torch.equal(before, encoded(plain))
        size = float(wanted.abs().max())
        error, effect = float((during - wanted).abs().max()), float((during - before).abs().max())
        return Tried(error / size, effect / size, detached)


def inside(state: Mapping[str, Tensor]) -> list[str]:
    """The layers that are changed."""
    return [name.removesuffix(".weight") for name in state if name.endswith(tuple(f"{end}.weight" for end in INSIDE))]


def full(layer: str) -> str:
    """A layer's name as published encoders have it, whatever transformers' own version is."""
    return layer if ".block." in layer else "text_model." + layer.removeprefix("text_model.")


def changed(
    state: Mapping[str, Tensor], changes: Mapping[str, tuple[Tensor, Tensor]], scale: float
) -> dict[str, Tensor]:
    """Weights with changes added in float64."""
    added = {f"{layer}.weight": up.double() @ down.double() * scale for layer, (down, up) in changes.items()}
    return {name: (value.double() + added[name]).float() if name in added else value for name, value in state.items()}


def opened(root: Path, purpose: str, states: Mapping[str, Mapping[str, Tensor]]) -> TextEncoder:
    """Encoders from their files."""
    library = ModelLibrary(Folders.under(root, model_roots=(root / "models",)))
    folder = root / "models" / "text_encoders"
    folder.mkdir(parents=True)
    for name, state in states.items():
        kept = ("text_projection", "shared", "encoder.block", "encoder.final")
        own = {key if key.startswith(kept) else full(key): value for key, value in state.items()}
        own.pop("text_model.encoder.embed_tokens.weight", None)
        save_file(own, folder / f"{name}.safetensors")
        save_tokenizer(folder, name)
    return library.text_encoder(*(f"{name}.safetensors" for name in states), purpose=purpose)


def encoded(encoder: TextEncoder) -> Tensor:
    """What a prompt becomes."""
    states, options = encoder.encode("a red apple on a table")[0]
    return torch.cat([states.flatten(), options["pooled_output"].flatten()])


def large() -> nn.Module:
    """SDXL's second encoder."""
    return clip(width=128, projection=128, activation="gelu", seed=1)


CASES = [
    TextLayoutCase("kohya (te)", "sd1", {"clip_l": (clip, "lora_te_")}, KOHYA),
    TextLayoutCase("diffusers", "sd1", {"clip_l": (clip, "text_encoder.")}, PEFT, dots=True),
    TextLayoutCase("kohya (te1, te2)", "sdxl", {"clip_l": (clip, "lora_te1_"), "clip_g": (large, "lora_te2_")}, KOHYA),
    TextLayoutCase(
        "diffusers", "sdxl", {"clip_l": (clip, "text_encoder."), "clip_g": (large, "text_encoder_2.")}, PEFT, dots=True
    ),
    TextLayoutCase(
        "kohya (te1, te2, te3)",
        "sd3",
        {"clip_l": (clip, "lora_te1_"), "clip_g": (large, "lora_te2_"), "t5xxl": (t5, "lora_te3_")},
        KOHYA,
    ),
    TextLayoutCase(
        "diffusers",
        "sd3",
        {
            "clip_l": (clip, "text_encoder."),
            "clip_g": (large, "text_encoder_2."),
            "t5xxl": (t5, "text_encoder_3."),
        },
        PEFT,
        dots=True,
    ),
    TextLayoutCase("kohya (te1, te3)", "flux", {"clip_l": (clip, "lora_te1_"), "t5xxl": (t5, "lora_te3_")}, KOHYA),
    TextLayoutCase("OneTrainer (te1, te2)", "flux", {"clip_l": (clip, "lora_te1_"), "t5xxl": (t5, "lora_te2_")}, KOHYA),
    TextLayoutCase(
        "single files",
        "flux",
        {
            "clip_l": (clip, "text_encoders.clip_l.transformer."),
            "t5xxl": (t5, "text_encoders.t5xxl.transformer."),
        },
        PEFT,
        dots=True,
    ),
]
