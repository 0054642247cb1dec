"""LoRA: low-rank changes of linear layers and convolutions, in the layouts of kohya, diffusers and peft.

Source: Hu et al. 2021, equation 3; for convolutions with a middle factor (LoCon, Tucker) Yeh et al. 2023, section 3.
"""

import re
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from limner.models.adapters.adapter import AdapterKind, Parts, fitted, scale
from limner.models.adapters.full import Difference

PARTS: tuple[tuple[str, str], ...] = (
    (r"\.lora_down\.weight", "down"),
    (r"\.lora_up\.weight", "up"),
    (r"\.lora_mid\.weight", "mid"),
    (r"\.alpha", "alpha"),
    (r"\.lora_A(?:\.\w+)?\.weight", "down"),
    (r"\.lora_B(?:\.\w+)?\.weight", "up"),
    (r"\.lora_B(?:\.\w+)?\.bias", "up_bias"),
    (r"[._]lora\.down\.weight", "down"),
    (r"[._]lora\.up\.weight", "up"),
    (r"\.lora_linear_layer\.down\.weight", "down"),
    (r"\.lora_linear_layer\.up\.weight", "up"),
    (r"(?<=_lora\d)\.down\.weight", "down"),
    (r"(?<=_lora\d)\.up\.weight", "up"),
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
        return fitted(change, shape, "LoRA") * (1.0 if self.alpha is None else self.alpha / rank)

    def of_rows(self, rows: Tensor) -> "LowRank":
        """The same for some rows. Shapes: rows [n] int64."""
        return replace(self, up=self.up[rows])


def split_name(name: str) -> tuple[str, str] | None:
    """A tensor's name as (module, part); None if it is no part of a LoRA."""
    for ending, part in PARTS:
        found = re.fullmatch(f"(.+){ending}", name)
        if found:
            return PROCESSOR.sub(processor_layer, found[1]), part
    return None


def processor_layer(found: re.Match[str]) -> str:
    """The layer of an attention that an old name means."""
    return f".{found[1]}.0" if found[1] == "to_out" else f".{found[1]}"


def _read(parts: Parts) -> LowRank:
    alpha = float(parts["alpha"]) if "alpha" in parts else None
    return LowRank(up=parts["up"], down=parts["down"], mid=parts.get("mid"), alpha=alpha)


def _bias(parts: Parts) -> Difference | None:
    """What peft's second layer adds to the outputs, scaled as its product is."""
    if "up_bias" not in parts:
        return None
    return Difference(parts["up_bias"].float() * scale(parts, parts["down"].shape[0]))


LORA = AdapterKind(
    name="lora",
    doc="LoRA and LoCon: a product of two small matrices, or of three for convolutions.",
    endings=PARTS,
    made_of=lambda parts: "up" in parts and "down" in parts,
    read=_read,
    bias=_bias,
)
