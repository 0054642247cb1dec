"""Adapters of transformers: in the names of both layouts on networks stored in either, and in those of trainers."""

import re
from collections.abc import Iterator
from functools import partial

import torch
from tests.models.adapters.layouts import (
    ATTENTION,
    BARE,
    KOHYA,
    KOHYA_NAMES,
    ORIGINAL,
    PEFT,
    PIPELINE,
    Endings,
    LayoutCase,
    dotted,
    layers,
    on_transformer,
    underscored,
)
from tests.models.families.case import Case, load_cases
from torch import Tensor

UNTRAINED = ("UNetSpatioTemporalConditionModel",)
"""Classes of networks for which no trainer makes adapters."""

ONE_WAY = ("StableCascadeUNet",)
"""Those whose original names are found by a function that cannot be followed backwards."""

XLABS = Endings(".down.weight", ".up.weight")
WITH_BIASES = Endings(".lora_down.weight", ".lora_up.weight", alpha=True, bias=".diff_b")
XLABS_LAYERS = r"double.*(qkv|attn\.proj)$|single_blocks\.\d\.linear[12]$"
WAN_LAYERS = r"blocks\.\d\.(self_attn|cross_attn)\.[qkvo]$|blocks\.\d\.ffn\.[02]$"
WAN_ATTENTION = r"attn\d\.(to_[qkv]|to_out\.0)$"
LUMINA_LAYERS = r"(attention\.out|feed_forward\.w\d|adaLN_modulation\.1|attention\.qkv)$"
HIDREAM_LAYERS = r"block\.(attn1\.to_\w|ff_[it]\.(.*\.)?w\d$)"
AURA_ATTENTION = r"(to_[qkv]|to_out\.0|add_[qkv]_proj|linear_\d|out_projection)$"
AURA_LAYERS = r"attn\.w\d[qkvo]$|mlp\w?\.c_"
PIXART_LAYERS = r"blocks\.\d\.(attn|cross_attn|mlp)\."


def of_xlabs(layer: str) -> str:
    """As XLabs names layers of Flux."""
    for side, number in (("img", 1), ("txt", 2)):
        layer = re.sub(rf"{side}_attn\.(qkv|proj)$", rf"processor.\1_lora{number}", layer)
    layer = re.sub(r"(single_blocks\.\d+)\.linear1$", r"\1.processor.qkv_lora", layer)
    return re.sub(r"(single_blocks\.\d+)\.linear2$", r"\1.processor.proj_lora", layer)


def without_perceptron(layer: str, weight: Tensor) -> Tensor:
    """Of the layer for both a block's attention and its perceptron, the attention's rows."""
    return weight[: 3 * weight.shape[1]] if layer.endswith("linear1") else weight


def both_layouts() -> Iterator[LayoutCase]:
    """For each class of networks that is stored in two layouts: all layers, in the names of the other one."""
    known = set(UNTRAINED)
    for case in load_cases().values():
        if not {"diffusers", "original"} <= case.layouts.keys() or _class(case) in known:
            continue
        known.add(_class(case))
        every = partial(LayoutCase, case=case.name)
        yield every("peft, all layers", stored="original", names=layers(".", BARE), endings=PEFT, named="diffusers")
        if _class(case) not in ONE_WAY:
            kohya = layers(".", KOHYA_NAMES)
            yield every("kohya, all layers", stored="diffusers", names=kohya, endings=KOHYA, named="original")


def _class(case: Case) -> str:
    with torch.device("meta"):
        return type(case.network()).__name__


WAN = partial(on_transformer, "WanPipeline")
HIDREAM = partial(on_transformer, "HiDreamImagePipeline")
AURAFLOW = partial(on_transformer, "AuraFlowPipeline")
LUMINA2 = partial(on_transformer, "Lumina2Pipeline")
OF_LYCORIS, OF_ONETRAINER = partial(underscored, "lycoris_"), partial(underscored, "lora_transformer_")
OF_PEFT = partial(dotted, "base_model.model.")

CASES = [
    LayoutCase("XLabs", "flux dev", "original", layers(XLABS_LAYERS, of_xlabs), XLABS, part=without_perceptron),
    LayoutCase(
        "XLabs", "flux dev", "diffusers", layers(XLABS_LAYERS, of_xlabs), XLABS, None, "original", without_perceptron
    ),
    LayoutCase("OneTrainer", "flux dev", "original", layers(ATTENTION, OF_ONETRAINER), KOHYA, named="diffusers"),
    LayoutCase("LyCORIS", "flux dev", "original", layers(ATTENTION, OF_LYCORIS), KOHYA, named="diffusers"),
    LayoutCase("peft, saved whole", "flux dev", "original", layers(ATTENTION, OF_PEFT), PEFT, named="diffusers"),
    LayoutCase("musubi", "wan 2.1", "original", layers(WAN_LAYERS, KOHYA_NAMES), KOHYA),
    LayoutCase("original, biases", "wan 2.1", "original", layers(WAN_LAYERS, ORIGINAL), WITH_BIASES),
    LayoutCase("original, biases", "wan 2.1", "diffusers", layers(WAN_LAYERS, ORIGINAL), WITH_BIASES, None, "original"),
    LayoutCase("diffusers", "wan 2.1", "original", layers(WAN_ATTENTION, PIPELINE), PEFT, WAN),
    LayoutCase("diffusers", "wan 2.1 i2v", "checkpoint", layers(WAN_ATTENTION, PIPELINE), PEFT, WAN),
    LayoutCase("peft", "hidream", "original", layers(HIDREAM_LAYERS, ORIGINAL), PEFT, HIDREAM),
    LayoutCase("kohya", "hidream", "checkpoint", layers(HIDREAM_LAYERS, KOHYA_NAMES), KOHYA),
    LayoutCase("diffusers", "hidream", "original", layers(HIDREAM_LAYERS, PIPELINE), PEFT, HIDREAM),
    LayoutCase("kohya, fused", "lumina2", "original", layers(LUMINA_LAYERS, KOHYA_NAMES), KOHYA),
    LayoutCase("peft, fused", "lumina2", "checkpoint", layers(LUMINA_LAYERS, ORIGINAL), PEFT),
    LayoutCase("diffusers", "lumina2", "original", layers(ATTENTION, PIPELINE), PEFT, LUMINA2),
    LayoutCase("kohya", "auraflow", "original", layers(AURA_LAYERS, KOHYA_NAMES), KOHYA),
    LayoutCase("diffusers", "auraflow", "checkpoint", layers(AURA_ATTENTION, PIPELINE), PEFT, AURAFLOW),
    LayoutCase("kohya, fused", "pixart sigma", "original", layers(PIXART_LAYERS, KOHYA_NAMES), KOHYA),
    LayoutCase("peft", "pixart alpha", "original", layers(r"attn\d\.to_", PIPELINE), PEFT, named="diffusers"),
]
