"""LoRA: low-rank changes of linear layers and convolutions, in the layouts of kohya, diffusers and peft.

Source: Hu et al. 2021, equation 3; for convolutions with a middle factor (LoCon, Tucker) Yeh et al. 2023, section 3.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from limner.graph.errors import NumericsError
from limner.models.adapters.adapter import AdapterKind, Change
from limner.models.load.model_file import ModelFile

PARTS: tuple[tuple[str, str], ...] = (
    (r"\.lora_down\.weight", "down"),
    (r"\.lora_up\.weight", "up"),
    (r"\.lora_mid\.weight", "mid"),
    (r"\.alpha", "alpha"),
    (r"\.lora_A(?:\.default)?\.weight", "down"),
    (r"\.lora_B(?:\.default)?\.weight", "up"),
    (r"[._]lora\.down\.weight", "down"),
    (r"[._]lora\.up\.weight", "up"),
    (r"\.lora_linear_layer\.down\.weight", "down"),
    (r"\.lora_linear_layer\.up\.weight", "up"),
)
"""Endings of tensor names and what the tensor is."""

PROCESSOR = re.compile(r"\.processor\.(to_q|to_k|to_v|to_out)$")
"""How diffusers named attention layers in 2023."""


@dataclass(frozen=True)
class LowRank:
    """One low-rank change.

    Attributes:
        up: [out rank], or [out rank 1 1].
        down: [rank in], or [rank in h w].
        mid: [rank rank h w] between the two, or None.
        alpha: Scale times rank; None: the rank.
    """

    up: Tensor
    down: Tensor
    mid: Tensor | None = None
    alpha: float | None = None

    def amount(self, shape: tuple[int, ...]) -> Tensor:
        """Alpha / rank * up @ down. Shapes: returns ``shape``.

        Raises:
            NumericsError: if it does not fit that shape.
        """
        rank = self.down.shape[0]
        up, down = self.up.float().flatten(1), self.down.float()
        if self.mid is None:
            change = up @ down.flatten(1)
        else:
            change = torch.einsum("or,rshw,si->oihw", up, self.mid.float(), down.flatten(1))
        wanted = torch.Size(shape)
        if change.numel() != wanted.numel() or change.shape[0] != wanted[0]:
            raise NumericsError(
                f"A LoRA layer gives {list(change.shape)} where the weight is {list(shape)}: it was made for another "
                "model family."
            )
        scale = 1.0 if self.alpha is None else self.alpha / rank
        return change.reshape(wanted) * scale


def split_name(name: str) -> tuple[str, str] | None:
    """A tensor's name as (module, part); None if it is no part of a LoRA."""
    for ending, part in PARTS:
        found = re.fullmatch(f"(.+){ending}", name)
        if found:
            return PROCESSOR.sub(_layer, found[1]), part
    return None


def _layer(found: re.Match[str]) -> str:
    return f".{found[1]}.0" if found[1] == "to_out" else f".{found[1]}"


def _recognise(file: ModelFile) -> bool:
    return any((found := split_name(name)) is not None and found[1] == "down" for name in file.tensors)


def _read(file: ModelFile) -> Mapping[str, Change]:
    modules: dict[str, dict[str, Tensor]] = {}
    for name, tensor in file.read().items():
        found = split_name(name)
        if found is not None:
            modules.setdefault(found[0], {})[found[1]] = tensor
    return {
        module: LowRank(
            up=parts["up"],
            down=parts["down"],
            mid=parts.get("mid"),
            alpha=float(parts["alpha"]) if "alpha" in parts else None,
        )
        for module, parts in modules.items()
        if "up" in parts and "down" in parts
    }


LORA = AdapterKind(name="lora", recognise=_recognise, read=_read)
