"""Control LoRAs against diffusers' ControlNetModel whose weights were formed in float64."""

from dataclasses import replace

import diffusers
import pytest
import torch
from diffusers.loaders.single_file_utils import convert_controlnet_checkpoint
from safetensors.torch import save_file
from tests.models.control.test_unet_controls import UNET, original_control_net, pictures, random_like, tiny_unet

from limner.graph.errors import NumericsError
from limner.models.adapters.adapter import Adapter
from limner.models.adapters.lora import LowRank
from limner.models.control.control import AppliedControl
from limner.models.control.registry import open_control_net
from limner.models.library import ModelLibrary
from limner.models.memory.offload import Offload
from limner.sampling.conditioning import CONTROL

RANK = 3
LAYER = "down_blocks.1.attentions.0.transformer_blocks.0.attn1.to_q"
AS_STORED = "input_blocks.4.1.transformer_blocks.0.attn1.to_q.weight"
UNTOUCHED = "time_embed.2."
"""A layer that the file does not name at all."""


def borrows(name):
    return name.endswith(".weight") and not name.startswith(("zero_convs", "middle_block_out", "input_hint_block"))


def control_lora(generator):
    """Tensors of a tiny control LoRA: factors for weights of matrices, all else whole."""
    whole = {name.removeprefix("control_model."): value for name, value in original_control_net(generator).items()}
    found = {"lora_controlnet": torch.zeros(1)}
    for name, value in whole.items():
        if name.startswith(UNTOUCHED):
            continue
        if borrows(name) and value.ndim > 1:
            module = name.removesuffix(".weight")
            found[f"{module}.down"] = random_like((RANK, *value.shape[1:]), generator)
            found[f"{module}.up"] = random_like((len(value), RANK, *(1,) * (value.ndim - 2)), generator)
        else:
            found[name] = value
    return found


def formed(lora, base):
    """Tensors of the ControlNet that is meant, made in float64."""
    state = {}
    for name in original_control_net(torch.Generator().manual_seed(3)):
        inside = name.removeprefix("control_model.")
        module = inside.removesuffix(".weight")
        if inside in lora:
            state[name] = lora[inside]
        else:
            state[name] = base[UNET + inside]
        if f"{module}.up" in lora and inside != module:
            up, down = lora[f"{module}.up"].double().flatten(1), lora[f"{module}.down"].double()
            state[name] = (base[UNET + inside].double() + (up @ down.flatten(1)).reshape(state[name].shape)).float()
    return state


def oracle(lora, base):
    network = diffusers.ControlNetModel(
        block_out_channels=(32, 64, 128, 128),
        cross_attention_dim=64,
        attention_head_dim=8,
        norm_num_groups=8,
        conditioning_embedding_out_channels=(4, 6, 8, 12),
    ).eval()
    network.load_state_dict(convert_controlnet_checkpoint(formed(lora, base), dict(network.config)))
    return network


@pytest.fixture
def library(folders):
    models = folders.model_roots[0]
    save_file(tiny_unet(), models / "diffusion_models" / "tiny.safetensors")
    save_file(control_lora(torch.Generator().manual_seed(3)), models / "controlnet" / "lora.safetensors")
    return ModelLibrary(folders)


def compared(model, net, control, strength=0.7):
    """The difference from the oracle, and what the control changes."""
    generator = torch.Generator().manual_seed(11)
    x, context = torch.randn(2, 4, 8, 8, generator=generator), torch.randn(2, 77, 64, generator=generator)
    entry = {CONTROL: AppliedControl(net, pictures(), strength)}
    rows = [model.inputs({CONTROL: entry[CONTROL].row(n)}, context[n : n + 1], x) for n in range(2)]
    inputs = {name: torch.cat([row[name] for row in rows]) for name in rows[0]}
    timestep = torch.full((2,), 500.0)
    output = model.for_entry(entry, 2.0).predict(x, timestep, inputs)
    with torch.no_grad(), model.network.lease() as unet:
        shown = (x, timestep, context)
        down, middle = control(*shown, controlnet_cond=pictures(), conditioning_scale=strength, return_dict=False)
        wanted = unet(*shown, down_block_additional_residuals=down, mid_block_additional_residual=middle).sample
        plain = unet(*shown).sample
    return float((output - wanted).abs().max()), float((wanted - plain).abs().max())


def test_it_borrows_from_the_network_that_it_steers(library):
    net = open_control_net(library, "lora.safetensors")
    assert net.kind.name == "control_lora"
    model = library.diffusion_model("tiny.safetensors")
    lora, base = control_lora(torch.Generator().manual_seed(3)), tiny_unet()
    error, change = compared(model, net, oracle(lora, base))
    assert error < 1e-4
    assert change > 1e-2
    assert net.network.elements == sum(value.numel() for name, value in lora.items() if name != "lora_controlnet")
    assert net.network.elements < model.network.elements / 4


def test_adapters_on_the_network_count(library):
    generator = torch.Generator().manual_seed(9)
    change = LowRank(torch.randn(64, 4, generator=generator), torch.randn(4, 64, generator=generator) / 8)
    adapter = Adapter("strong", "strong", {f"unet.{LAYER}": change})
    model = library.diffusion_model("tiny.safetensors").with_adapter(adapter, 0.5)
    net = open_control_net(library, "lora.safetensors")
    lora, base = control_lora(torch.Generator().manual_seed(3)), tiny_unet()
    unadapted, _ = compared(model, net, oracle(lora, base))
    base[UNET + AS_STORED] = base[UNET + AS_STORED] + change.amount((64, 64)) * 0.5
    error, _ = compared(model, net, oracle(lora, base))
    assert error < 1e-4
    assert unadapted > 1e-3


def test_a_network_whose_blocks_come_and_go_lends_them(library, folders):
    halved = {name: value.half() for name, value in tiny_unet().items()}  # so that they are no views of the file
    save_file(halved, folders.model_roots[0] / "diffusion_models" / "halved.safetensors")
    model = library.diffusion_model("halved.safetensors")
    away = replace(model.network, offload=Offload(share=0.0))
    base = {name: value.float() for name, value in halved.items()}
    control = oracle(control_lora(torch.Generator().manual_seed(3)), base)
    error, _ = compared(model.with_network(away), open_control_net(library, "lora.safetensors"), control)
    assert error < 1e-4
    placement = next(entry["placement"] for entry in library.status()["entries"] if "halved" in entry["what"])
    assert placement.startswith("0 of")


def test_a_network_of_other_sides_is_refused(library, folders):
    torch.manual_seed(0)
    other = diffusers.UNet2DConditionModel(
        block_out_channels=(16, 32), down_block_types=("CrossAttnDownBlock2D", "DownBlock2D"),
        up_block_types=("UpBlock2D", "CrossAttnUpBlock2D"), cross_attention_dim=64, norm_num_groups=4,
    )  # fmt: skip
    save_file(other.state_dict(), folders.model_roots[0] / "diffusion_models" / "other.safetensors")
    model = library.diffusion_model("other.safetensors")
    entry = {CONTROL: AppliedControl(open_control_net(library, "lora.safetensors"), pictures(1))}
    x = torch.randn(1, 4, 8, 8)
    with pytest.raises(NumericsError, match="block_out_channels"):
        model.for_entry(entry, 2.0).predict(x, torch.ones(1), model.inputs(entry, torch.randn(1, 77, 64), x))
