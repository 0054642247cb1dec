"""torch's layers in two further kinds: weights left as memory was, and weights cast to the input when they are used."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional


def cast_to(weight: Tensor, dtype: Any = None, device: Any = None, non_blocking: bool = False, **_: Any) -> Tensor:
    """A tensor of another type and at another place."""
    return weight.to(device=device, dtype=dtype, non_blocking=non_blocking)


def cast_bias_weight(s: Any, input: Tensor | None = None, dtype=None, device=None, bias_dtype=None, **_: Any) -> Any:  # noqa: A002, ANN001
    """(weight, bias) of a layer as its input needs them."""
    if input is not None:
        dtype, device = dtype or input.dtype, device or input.device
    bias = None if s.bias is None else cast_to(s.bias, bias_dtype or dtype, device)
    return cast_to(s.weight, dtype, device), bias


class CastWeightBiasOp:
    """A layer whose weights may be cast when it runs."""

    comfy_cast_weights = False
    weight_function: Any = ()
    bias_function: Any = ()

    def reset_parameters(self) -> None:
        """Leaves the weights as memory was: a file fills them."""

    def forward(self, *args: Any, **kwargs: Any) -> Tensor:
        """As torch's layer, or with cast weights."""
        if self.comfy_cast_weights or self.weight_function or self.bias_function:
            return self.forward_comfy_cast_weights(*args, **kwargs)
        return super().forward(*args, **kwargs)  # type: ignore[misc]

    def forward_comfy_cast_weights(self, input: Tensor, *args: Any, **kwargs: Any) -> Tensor:  # noqa: A002
        """With weights of the input's type."""
        weight, bias = cast_bias_weight(self, input)
        for function in self.weight_function:
            weight = function(weight)
        for function in self.bias_function:
            bias = function(bias)
        return self.applied(input, weight, bias, *args, **kwargs)

    def applied(self, value: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
        """What the layer does with given weights."""
        raise NotImplementedError


class _Linear(CastWeightBiasOp, nn.Linear):
    def applied(self, value: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
        return functional.linear(value, weight, bias)


class _Conv1d(CastWeightBiasOp, nn.Conv1d):
    def applied(self, value: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
        return self._conv_forward(value, weight, bias)


class _Conv2d(CastWeightBiasOp, nn.Conv2d):
    def applied(self, value: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
        return self._conv_forward(value, weight, bias)


class _Conv3d(CastWeightBiasOp, nn.Conv3d):
    def applied(self, value: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
        return self._conv_forward(value, weight, bias)


class _GroupNorm(CastWeightBiasOp, nn.GroupNorm):
    def applied(self, value: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
        return functional.group_norm(value, self.num_groups, weight, bias, self.eps)


class _LayerNorm(CastWeightBiasOp, nn.LayerNorm):
    def forward_comfy_cast_weights(self, input: Tensor) -> Tensor:  # noqa: A002
        weight, bias = (None, None) if self.weight is None else cast_bias_weight(self, input)
        return functional.layer_norm(input, self.normalized_shape, weight, bias, self.eps)


class _RMSNorm(CastWeightBiasOp, nn.RMSNorm):
    bias = None

    def forward_comfy_cast_weights(self, input: Tensor) -> Tensor:  # noqa: A002
        weight = None if self.weight is None else cast_to(self.weight, input.dtype, input.device)
        return functional.rms_norm(input, self.normalized_shape, weight, self.eps)


class _ConvTranspose2d(CastWeightBiasOp, nn.ConvTranspose2d):
    def forward_comfy_cast_weights(self, input: Tensor, output_size: Any = None) -> Tensor:  # noqa: A002
        weight, bias = cast_bias_weight(self, input)
        padding: Any = self.padding
        return functional.conv_transpose2d(
            input, weight, bias, self.stride, padding, self.output_padding, self.groups, self.dilation
        )


class _ConvTranspose1d(CastWeightBiasOp, nn.ConvTranspose1d):
    def forward_comfy_cast_weights(self, input: Tensor, output_size: Any = None) -> Tensor:  # noqa: A002
        weight, bias = cast_bias_weight(self, input)
        padding: Any = self.padding
        return functional.conv_transpose1d(
            input, weight, bias, self.stride, padding, self.output_padding, self.groups, self.dilation
        )


class _Embedding(CastWeightBiasOp, nn.Embedding):
    bias = None

    def forward(self, input: Tensor, out_dtype: Any = None) -> Tensor:  # noqa: A002
        weight = self.weight if out_dtype is None else self.weight.to(out_dtype)
        return functional.embedding(input.to(weight.device), weight, self.padding_idx)


class disable_weight_init:  # noqa: N801 - the name that packs use
    """Layers whose weights a file fills."""

    Linear, Conv1d, Conv2d, Conv3d = _Linear, _Conv1d, _Conv2d, _Conv3d
    GroupNorm, LayerNorm, RMSNorm, Embedding = _GroupNorm, _LayerNorm, _RMSNorm, _Embedding
    ConvTranspose1d, ConvTranspose2d = _ConvTranspose1d, _ConvTranspose2d

    @classmethod
    def conv_nd(cls, dims: int, *args: Any, **kwargs: Any) -> nn.Module:
        """A convolution over so many axes."""
        return {1: cls.Conv1d, 2: cls.Conv2d, 3: cls.Conv3d}[dims](*args, **kwargs)


def _casting(kind: type) -> type:
    return type(kind.__name__.removeprefix("_"), (kind,), {"comfy_cast_weights": True})


class manual_cast(disable_weight_init):  # noqa: N801 - the name that packs use
    """The same, with weights cast to their input when they are used."""

    Linear, Conv1d, Conv2d, Conv3d = (_casting(kind) for kind in (_Linear, _Conv1d, _Conv2d, _Conv3d))
    GroupNorm, LayerNorm, RMSNorm = (_casting(kind) for kind in (_GroupNorm, _LayerNorm, _RMSNorm))
    ConvTranspose1d, ConvTranspose2d, Embedding = (
        _casting(kind) for kind in (_ConvTranspose1d, _ConvTranspose2d, _Embedding)
    )


def pick(weight_dtype: torch.dtype | None, compute_dtype: torch.dtype | None) -> type[disable_weight_init]:
    """The layers for weights of a type that are computed in another one."""
    return disable_weight_init if compute_dtype in (None, weight_dtype) else manual_cast
