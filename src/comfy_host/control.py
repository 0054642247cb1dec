"""What packs subclass to steer a network by residuals of its blocks; ``evaluation`` asks, ``unet_walk`` adds them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor

from comfy_host.takeover import Takeover

Residuals = dict[str, list[Tensor | None]]


class ControlBase:
    """A control with a hint, a strength and a part of the walk in which it counts."""

    procedure = Takeover()
    """Conditionings with a control are sampled as packs know it."""

    def __init__(self, *_: Any, **__: Any) -> None:
        self.cond_hint_original: Tensor | None = None
        self.cond_hint: Tensor | None = None
        self.strength = 1.0
        self.strength_type: Any = 1
        self.timestep_percent_range = (0.0, 1.0)
        self.timestep_range: tuple[float, float] | None = None
        self.latent_format: Any = None
        self.vae: Any = None
        self.global_average_pooling = False
        self.compression_ratio = 8
        self.upscale_algorithm = "nearest-exact"
        self.extra_args: dict[str, Any] = {}
        self.extra_conds: list[str] = []
        self.extra_concat_orig: list[Any] = []
        self.extra_concat: Any = None
        self.extra_hooks: Any = None
        self.concat_mask = False
        self.preprocess_image: Callable[[Tensor], Tensor] = lambda image: image
        self.previous_controlnet: Any = None

    def set_cond_hint(
        self,
        cond_hint: Tensor,
        strength: float = 1.0,
        timestep_percent_range: tuple[float, float] = (0.0, 1.0),
        vae: Any = None,
        extra_concat: Any = (),
    ) -> ControlBase:
        """Takes hint [b c h w], strength and (start, end) as shares of the walk."""
        self.cond_hint_original, self.strength = cond_hint, strength
        self.timestep_percent_range, self.vae = timestep_percent_range, vae
        self.extra_concat_orig = list(extra_concat)
        return self

    def set_previous_controlnet(self, controlnet: Any) -> ControlBase:
        """Takes a control whose residuals are added to this one's."""
        self.previous_controlnet = controlnet
        return self

    def pre_run(self, model: Any, percent_to_timestep_function: Callable[[float], float]) -> None:
        """Before a walk."""
        start, end = self.timestep_percent_range
        self.timestep_range = (percent_to_timestep_function(start), percent_to_timestep_function(end))
        if self.previous_controlnet is not None:
            self.previous_controlnet.pre_run(model, percent_to_timestep_function)

    def cleanup(self) -> None:
        """After a walk."""
        if self.previous_controlnet is not None:
            self.previous_controlnet.cleanup()
        self.cond_hint = self.extra_concat = self.timestep_range = None

    def get_models(self) -> list[Any]:
        """Models that it needs loaded."""
        return [] if self.previous_controlnet is None else self.previous_controlnet.get_models()

    def get_extra_hooks(self) -> list[Any]:
        """Hooks that it brings."""
        return []

    def copy_to(self, c: Any) -> None:
        """Gives everything that was set to another control."""
        for name, value in vars(self).items():
            if name not in ("cond_hint", "previous_controlnet", "timestep_range"):
                setattr(c, name, value)

    def copy(self) -> Any:
        """Another control that can be changed without changing this."""
        other = type(self).__new__(type(self))
        other.__dict__.update(self.__dict__)
        return other

    def inference_memory_requirements(self, dtype: torch.dtype) -> float:
        """Bytes that it takes to work."""
        previous = self.previous_controlnet
        return 0 if previous is None else previous.inference_memory_requirements(dtype)

    def get_control(
        self, x_noisy: Tensor, t: Tensor, cond: Mapping[str, Any], batched_number: int, transformer_options: Any = None
    ) -> Residuals | None:
        """Residuals by side; a subclass makes them, this gives those of the previous control."""
        if self.previous_controlnet is None:
            return None
        return self.previous_controlnet.get_control(x_noisy, t, cond, batched_number, transformer_options)

    def control_merge(
        self, control: Residuals, control_prev: Residuals | None, output_dtype: torch.dtype | None = None
    ) -> Residuals:
        """Residuals times the strength, plus those of the previous control."""
        merged: Residuals = {side: [] for side in ("input", "middle", "output")}
        for side, values in control.items():
            for value in values:
                scaled = None if value is None else value * self.strength
                merged.setdefault(side, []).append(scaled if scaled is None else scaled.to(output_dtype))
        for side, values in (control_prev or {}).items():
            mine = merged.setdefault(side, [])
            mine += [None] * (len(values) - len(mine))
            for place, value in enumerate(values):
                present = mine[place]
                mine[place] = value if present is None else present if value is None else present + value
        return merged


class T2IAdapter(ControlBase):
    """An adapter of hints; packs subclass it."""
