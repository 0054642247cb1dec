"""IA3: a factor for each output of a layer, or for each input.

Source: Liu et al. 2022, "Few-shot parameter-efficient fine-tuning", section 3.3.
"""

from dataclasses import dataclass

from torch import Tensor

from limner.graph.errors import NumericsError
from limner.models.adapters.adapter import AdapterKind, Parts


@dataclass(frozen=True)
class Scaling:
    """One change. Shapes: vector [out], or [in] if ``inputs``; None: the one that fits, outputs first."""

    vector: Tensor
    inputs: bool | None

    def rewritten(self, weight: Tensor, strength: float) -> Tensor:
        """W + strength * W * vector. Shapes: returns like weight.

        Raises:
            NumericsError: if the vector has another length.
        """
        axis = self._axis(weight)
        vector = self.vector.float().flatten().to(weight.device)
        if len(vector) != weight.shape[axis]:
            raise NumericsError(
                f"An IA3 layer has {len(vector)} factors where the weight is {list(weight.shape)}: it was made for "
                "another model family."
            )
        shaped = vector.reshape(tuple(-1 if number == axis else 1 for number in range(weight.ndim)))
        return weight * (1.0 + shaped * strength)

    def of_rows(self, rows: Tensor) -> "Scaling":
        """The same for some rows. Shapes: rows [n] int64."""
        return self if self.inputs else Scaling(self.vector.flatten()[rows], inputs=False)

    def _axis(self, weight: Tensor) -> int:
        if self.inputs is None:
            return 0 if self.vector.numel() == weight.shape[0] else 1
        return 1 if self.inputs else 0


@dataclass(frozen=True)
class BiasScaling:
    """The same for a bias, which is an output: unscaled where the vector is one of inputs."""

    vector: Tensor

    def rewritten(self, weight: Tensor, strength: float) -> Tensor:
        """B + strength * B * vector. Shapes: weight [out]; returns like weight."""
        vector = self.vector.float().flatten().to(weight.device)
        return weight * (1.0 + vector * strength) if len(vector) == len(weight) else weight


def _read(parts: Parts) -> Scaling:
    """LyCORIS stores what is added to 1, peft the factors themselves."""
    if "gains" not in parts:
        return Scaling(parts["factors"], bool(parts["on_input"]))
    gains = parts["gains"].float()
    return Scaling(gains - 1.0, None if gains.ndim > 2 else gains.shape[1] != 1)


def _bias(parts: Parts) -> BiasScaling | None:
    """Peft's factors of outputs are factors of the bias too."""
    gains = parts.get("gains")
    if gains is None or (gains.ndim == 2 and gains.shape[1] != 1):
        return None
    return BiasScaling(gains.float() - 1.0)


IA3 = AdapterKind(
    name="ia3",
    doc="IA3: a factor for each output or input of a layer.",
    endings=((r"\.weight", "factors"), (r"\.on_input", "on_input"), (r"\.ia3_l(?:\.default)?", "gains")),
    made_of=lambda parts: "gains" in parts or {"factors", "on_input"} <= parts.keys(),
    read=_read,
    bias=_bias,
)
