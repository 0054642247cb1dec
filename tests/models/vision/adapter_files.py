"""Tiny IP-Adapters in their published layouts, at random, and diffusers' networks with them."""

import diffusers
import torch
from tests.models.control.test_unet_controls import random_like
from tests.models.vision.seeing import SIZES

WIDTH, TOKENS, VECTOR, FACE = SIZES["hidden_size"], 4, 48, 512
"""Of an encoder's states, of adapters, of a picture's vector, and of a face's identity."""

DEPTH = 4
"""Of resamplers, as diffusers expects."""


def norm(place, width):
    return {f"{place}.{part}": (width,) for part in ("weight", "bias")}


def linear(place, inner, outer):
    return {f"{place}.weight": (outer, inner), f"{place}.bias": (outer,)}


def layers(place, width):
    shapes = {}
    for layer in range(DEPTH):
        inside = f"{place}layers.{layer}"
        shapes |= norm(f"{inside}.0.norm1", width) | norm(f"{inside}.0.norm2", width) | norm(f"{inside}.1.0", width)
        shapes |= {f"{inside}.0.to_q.weight": (width, width), f"{inside}.0.to_kv.weight": (2 * width, width)}
        shapes |= {f"{inside}.0.to_out.weight": (width, width)}
        shapes |= {f"{inside}.1.1.weight": (4 * width, width), f"{inside}.1.3.weight": (width, 4 * width)}
    return shapes


def projection(kind, text, tokens=TOKENS):
    """Shapes of an image projection, by the published names."""
    if kind == "plain":
        return linear("proj", VECTOR, tokens * text) | norm("norm", text)
    if kind == "full":
        return linear("proj.0", WIDTH, WIDTH) | linear("proj.2", WIDTH, text) | norm("proj.3", text)
    if kind == "plus":
        shapes = {"latents": (1, tokens, WIDTH)} | layers("", WIDTH)
        return shapes | linear("proj_in", WIDTH, WIDTH) | linear("proj_out", WIDTH, text) | norm("norm_out", text)
    if kind == "perceptron":
        return linear("proj.0", WIDTH, 2 * WIDTH) | linear("proj.2", 2 * WIDTH, tokens * text) | norm("norm", text)
    shapes = linear("proj.0", FACE, 2 * FACE) | linear("proj.2", 2 * FACE, tokens * text) | norm("norm", text)
    if kind == "face plus":
        inside = linear("proj_in", WIDTH, text) | linear("proj_out", text, text) | norm("norm_out", text)
        shapes |= {f"perceiver_resampler.{name}": shape for name, shape in inside.items()}
        shapes |= layers("perceiver_resampler.", text)
    return shapes


def filled(shapes, seed=9):
    generator = torch.Generator().manual_seed(seed)
    return {
        name: 1 + 0.1 * torch.randn(shape, generator=generator)
        if len(shape) == 1 and name.endswith("weight")
        else random_like(shape, generator)
        for name, shape in shapes.items()
    }


def unet_adapter(kind, unet, *, changes=False, seed=9):
    """An adapter for a UNet: tensors by name."""
    text = unet.config.cross_attention_dim
    shapes = {f"image_proj.{name}": shape for name, shape in projection(kind, text).items()}
    for number, name in enumerate(unet.attn_processors):
        attention = unet.get_submodule(name.removesuffix(".processor"))
        width, seen = attention.to_q.out_features, attention.to_k.in_features
        place = f"ip_adapter.{number}"
        if number % 2:
            shapes |= {f"{place}.{part}.weight": (width, text) for part in ("to_k_ip", "to_v_ip")}
        if changes:
            for part, inner in (("to_q", width), ("to_k", seen), ("to_v", seen), ("to_out", width)):
                shapes |= {f"{place}.{part}_lora.down.weight": (3, inner), f"{place}.{part}_lora.up.weight": (width, 3)}
    return filled(shapes, seed)


def nested(state):
    """As the authors pickle it: a mapping for each part."""
    parts = {}
    for name, value in state.items():
        part, _, rest = name.partition(".")
        parts.setdefault(part, {})[rest] = value
    return parts


def unet_of(config, state):
    """A network of diffusers with given weights, without drawing others first."""
    with torch.device("meta"):
        network = diffusers.UNet2DConditionModel(**config)
    network.load_state_dict(state, assign=True)
    return network.eval()


def unet_with(unet, *adapters):
    """diffusers' network with adapters, and the same weights; it takes scales by ``set_scales``."""
    oracle = unet_of(unet.config, unet.state_dict())
    oracle._load_ip_adapter_weights([nested(adapter) for adapter in adapters])
    return oracle.eval()


def set_scales(network, scales):
    """Scales of the adapters, in order."""
    for processor in network.attn_processors.values():
        if hasattr(processor, "scale"):
            processor.scale = list(scales)
