"""Adapter files as trainers name their layers, on tiny networks of the real classes."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import torch
from tests.models.families.case import Bench, Loading, State, Trial, load_cases
from torch import Tensor, nn

from limner.models.model import DiffusionModel

RANK = 2
PLACES = ("model.diffusion_model.", "net.")
"""What may stand before a network's names in its file."""

Names = Callable[[State], Mapping[str, str]]
"""A file's tensors to the layers that are changed and what the adapter calls each."""
Attach = Callable[[nn.Module, State], None]
"""Puts an adapter's tensors on a network of diffusers by its own loader."""


@dataclass(frozen=True)
class Endings:
    """How a trainer calls the two matrices, whether it writes alpha, and how it calls the change of a bias."""

    down: str
    up: str
    alpha: bool = False
    bias: str = ""


KOHYA = Endings(".lora_down.weight", ".lora_up.weight", alpha=True)
PEFT = Endings(".lora_A.weight", ".lora_B.weight")
PROCESSORS = Endings("_lora.down.weight", "_lora.up.weight")


@dataclass(frozen=True)
class LayoutCase:
    """An adapter in the names of a trainer.

    Attributes:
        layout: Whose names.
        case: The family's case.
        stored: The layout of the network's own file.
        names: The adapter's layers.
        endings: The ends of its tensors' names.
        attach: diffusers' own loader, which is the oracle; None: up times down is added to the file's weights in
            float64, and the file is loaded again.
        named: The layout whose names the adapter uses and whose weights are added to, if it is not the stored one.
        part: The rows of a weight that are changed, from the layer's name and the weight.
    """

    layout: str
    case: str
    stored: str
    names: Names
    endings: Endings
    attach: Attach | None = None
    named: str = ""
    part: Callable[[str, Tensor], Tensor] = lambda layer, weight: weight

    @property
    def oracle(self) -> str:
        """What the expected outputs come from."""
        return "float64" if self.attach is None else "diffusers"

    def tried(self, root: Path) -> "Tried":
        """Does everything with it."""
        bench = Bench(load_cases()[self.case], root)
        loading = bench.case.layouts[self.named or self.stored](bench.network.state_dict())
        weights = loading.state if self.attach is None else bench.network.state_dict()
        prefix = next((place for place in PLACES if any(name.startswith(place) for name in weights)), "")
        names = self.names({name.removeprefix(prefix): tensor for name, tensor in weights.items()})
        changes = {
            prefix + layer: low_rank(self.part(layer, weights[f"{prefix}{layer}.weight"]), place)
            for place, layer in enumerate(names)
        }
        tensors = written(
            {names[layer.removeprefix(prefix)]: change for layer, change in changes.items()}, self.endings
        )
        plain = bench.load(self.stored)
        name = bench.write("loras", "tiny", tensors)
        before = answer(bench, plain)
        changed = bench.call("LoraLoaderModelOnly", model=plain, lora_name=name, library=bench.library)
        during = answer(bench, changed)
        detached = torch.equal(before, answer(bench, plain))
        if self.attach is None:
            wanted = answer(bench, added(bench, loading, changes, self.endings))
            error = float((during - wanted).abs().max())
        else:
            self.attach(bench.network, tensors)
            error = bench.error(changed)
        return Tried(error, float((during - before).abs().max()), detached)


@dataclass(frozen=True)
class Tried:
    """What a case gave.

    Attributes:
        error: Largest difference from the oracle.
        effect: Largest difference from the plain network.
        detached: Whether the plain network answers bit for bit as before.
    """

    error: float
    effect: float
    detached: bool


def low_rank(weight: Tensor, seed: int) -> tuple[Tensor, Tensor]:
    """A down and an up matrix for a weight."""
    generator = torch.Generator().manual_seed(seed)
    spatial = weight.shape[2:]
    down = torch.randn(RANK, weight.shape[1], *spatial, generator=generator) / weight[0].numel() ** 0.5
    return down, torch.randn(weight.shape[0], RANK, *(1 for _ in spatial), generator=generator) / 3


def written(changes: Mapping[str, tuple[Tensor, Tensor]], endings: Endings) -> dict[str, Tensor]:
    """The tensors of an adapter's file."""
    tensors: dict[str, Tensor] = {}
    for name, (down, up) in changes.items():
        tensors |= {name + endings.down: down, name + endings.up: up}
        if endings.alpha:
            tensors[f"{name}.alpha"] = torch.tensor(1.0)
        if endings.bias:
            tensors[name + endings.bias] = bias_of(up)
    return tensors


def bias_of(up: Tensor) -> Tensor:
    """The change of a bias beside an up matrix."""
    return up[:, 0].clone()


def added(
    bench: Bench, loading: Loading, changes: Mapping[str, tuple[Tensor, Tensor]], endings: Endings
) -> DiffusionModel:
    """The network from a file to whose weights the changes were added."""
    state = dict(loading.state)
    for layer, (down, up) in changes.items():
        weight = state[f"{layer}.weight"]
        change = (up.double().flatten(1) @ down.double().flatten(1)).reshape(-1, *weight.shape[1:])
        change = torch.nn.functional.pad(change.flatten(1), (0, 0, 0, len(weight) - len(change))).reshape(weight.shape)
        state[f"{layer}.weight"] = (weight.double() + change / (RANK if endings.alpha else 1)).float()
        if endings.bias:
            state[f"{layer}.bias"] = state[f"{layer}.bias"] + bias_of(up)
    name = bench.write(loading.folder, "merged", state)
    if loading.node == "CheckpointLoaderSimple":
        return bench.call(loading.node, ckpt_name=name, library=bench.library)[0]
    return bench.call(loading.node, unet_name=name, library=bench.library, **loading.inputs)


def answer(bench: Bench, model: DiffusionModel) -> Tensor:
    """Where a short walk of a model ends."""
    noise = torch.randn(1, *bench.case.latent, generator=torch.Generator().manual_seed(3))
    trial = Trial(bench.network, model, bench.texts(1), bench.texts(2), noise)
    return trial.walk([0.9, 0.5], 2.0)


def layers(pattern: str, name: Callable[[str], str]) -> Names:
    """The layers whose names fit a pattern, under names made of theirs."""

    def names(state: State) -> dict[str, str]:
        weights = (key.removesuffix(".weight") for key, tensor in state.items() if tensor.ndim in (2, 4, 5))
        return {layer: name(layer) for layer in weights if layer + ".weight" in state and re.search(pattern, layer)}

    return names


def underscored(prefix: str, layer: str) -> str:
    """As kohya names layers."""
    return prefix + layer.replace(".", "_")


def dotted(prefix: str, layer: str) -> str:
    """As peft names layers."""
    return prefix + layer


def of_processors(layer: str) -> str:
    """As diffusers named layers of attentions in 2023."""
    attention, _, last = layer.removesuffix(".0").rpartition(".")
    return f"unet.{attention}.processor.{last}"


def on_unet(pipeline: str, network: nn.Module, tensors: State) -> None:
    """By diffusers' loader for a UNet."""
    import diffusers

    mixin: Any = getattr(diffusers, pipeline)
    converted, alphas = mixin.lora_state_dict(dict(tensors), unet_config=network.config)[:2]
    mixin.load_lora_into_unet(converted, alphas, network)


def on_transformer(pipeline: str, network: nn.Module, tensors: State) -> None:
    """By diffusers' loader for a transformer."""
    import diffusers

    mixin: Any = getattr(diffusers, pipeline)
    alphas = {"network_alphas": None} if pipeline == "FluxPipeline" else {}
    mixin.load_lora_into_transformer(mixin.lora_state_dict(dict(tensors)), transformer=network, **alphas)


ATTENTION = r"(to_[qkv]|to_out\.0|to_add_out|add_[qkv]_proj)$"
UNET = r"(attn\d\.to_[qkv]|to_out\.0|ff\.net\.0\.proj|ff\.net\.2|proj_in|proj_out)$"
FUSED_FLUX = (
    r"(double_blocks\.\d\.(img|txt)_(attn\.(qkv|proj)|mlp\.\d|mod\.lin)|single_blocks\.\d\.(linear\d|modulation\.lin))$"
)
FUSED_SD3 = r"joint_blocks\.\d\.(x|context)_block\.(attn\d?\.(qkv|proj)|mlp\.fc\d)$"
KOHYA_NAMES, BARE = partial(underscored, "lora_unet_"), partial(dotted, "")
ORIGINAL, COMPONENT, PIPELINE = (partial(dotted, prefix) for prefix in ("diffusion_model.", "unet.", "transformer."))

SD = partial(on_unet, "StableDiffusionPipeline")
XL = partial(on_unet, "StableDiffusionXLPipeline")
FLUX = partial(on_transformer, "FluxPipeline")
SD3 = partial(on_transformer, "StableDiffusion3Pipeline")
QWEN = partial(on_transformer, "QwenImagePipeline")
Z_IMAGE = partial(on_transformer, "ZImagePipeline")

CASES = [
    LayoutCase("kohya", "sd1", "checkpoint", layers(UNET, KOHYA_NAMES), KOHYA, SD),
    LayoutCase("kohya, convolutions", "sd1", "diffusers", layers(r"conv\d?$|conv_shortcut", KOHYA_NAMES), KOHYA),
    LayoutCase("diffusers", "sd1", "checkpoint", layers(UNET, COMPONENT), PEFT, SD),
    LayoutCase("diffusers 2023", "sd1", "checkpoint", layers(r"attn\d\.to_", of_processors), PROCESSORS, SD),
    LayoutCase("kohya, names of diffusers", "sdxl", "checkpoint", layers(UNET, KOHYA_NAMES), KOHYA, XL),
    LayoutCase(
        "kohya, original names",
        "sdxl",
        "checkpoint",
        layers(
            r"^(input|middle|output)_block.*(to_[qkvout.0]+|proj(_in|_out)?|net\.2|layers\.[23]|op|conv)$", KOHYA_NAMES
        ),
        KOHYA,
    ),
    LayoutCase("peft, original names", "sdxl", "checkpoint", layers(r"attn\d\.to_", ORIGINAL), PEFT),
    LayoutCase("kohya, fused", "flux dev", "original", layers(FUSED_FLUX, KOHYA_NAMES), KOHYA),
    LayoutCase("peft, fused", "flux dev", "checkpoint", layers(FUSED_FLUX, ORIGINAL), PEFT),
    LayoutCase("diffusers", "flux dev", "original", layers(ATTENTION, PIPELINE), PEFT, FLUX),
    LayoutCase("diffusers", "flux dev", "diffusers", layers(ATTENTION, PIPELINE), PEFT, FLUX),
    LayoutCase("kohya, fused", "sd3.5 medium", "original", layers(FUSED_SD3, KOHYA_NAMES), KOHYA),
    LayoutCase("diffusers", "sd3.5 medium", "checkpoint", layers(ATTENTION, PIPELINE), PEFT, SD3),
    LayoutCase("bare", "qwen-image", "original", layers(ATTENTION, BARE), PEFT),
    LayoutCase("peft", "qwen-image", "original", layers(ATTENTION, ORIGINAL), PEFT, QWEN),
    LayoutCase("kohya", "qwen-image", "checkpoint", layers(ATTENTION, KOHYA_NAMES), KOHYA, QWEN),
    LayoutCase("kohya, fused", "chroma", "original", layers(FUSED_FLUX, KOHYA_NAMES), KOHYA),
    LayoutCase("peft, fused", "z-image", "original", layers(r"layers\.\d\.(attention|feed_forward)\.", ORIGINAL), PEFT),
    LayoutCase("diffusers", "z-image", "original", layers(ATTENTION, ORIGINAL), PEFT, Z_IMAGE),
]
