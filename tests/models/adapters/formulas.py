"""Kinds without a library that writes them: against the formula in float64."""

from functools import partial

import torch
from tests.models.adapters.case import AdapterCase, applied


def _added(tensors, weight, bias, layer):
    """The file's tensors and the layer with so much added in float64."""
    before = {name: value.detach().double() for name, value in layer.state_dict().items()}
    state = {"weight": (before["weight"] + weight).float(), "bias": (before["bias"] + bias).float()}
    return tensors, lambda x: applied(layer, state, x)


def _difference(layer):
    weight, bias = torch.randn_like(layer.weight), torch.randn_like(layer.bias)
    tensors = {"lora_unet_x.diff": weight, "lora_unet_x.diff_b": bias}
    return _added(tensors, weight.double(), bias.double(), layer)


def _low_rank(down, up, alpha, layer):
    """LoRA in the names of a trainer."""
    spatial = tuple(layer.weight.shape[2:])
    first = torch.randn(4, layer.weight.shape[1], *spatial)
    second = torch.randn(layer.weight.shape[0], 4, *(1 for _ in spatial))
    product = (second.double().flatten(1) @ first.double().flatten(1)).reshape(layer.weight.shape)
    tensors = {f"unet.x{down}": first, f"unet.x{up}": second}
    if alpha:
        tensors["unet.x.alpha"] = torch.tensor(2.0)
        product = product / 2
    return _added(tensors, product.detach(), 0.0, layer)


CASES = [
    AdapterCase("full", "differences of weight and bias", "float64", _difference),
    AdapterCase("lora", "kohya", "float64", partial(_low_rank, ".lora_down.weight", ".lora_up.weight", True)),
    AdapterCase("lora", "diffusers 2023", "float64", partial(_low_rank, "_lora.down.weight", "_lora.up.weight", False)),
    AdapterCase(
        "lora",
        "diffusers, text encoders",
        "float64",
        partial(_low_rank, ".lora_linear_layer.down.weight", ".lora_linear_layer.up.weight", False),
    ),
]
