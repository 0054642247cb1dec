"""Controls through the ordinary nodes: every kind, several at once, parts of a walk, and a control LoRA of SDXL against
its pipeline."""

import re

import diffusers
import pytest
import torch
from tests.models.control.test_qwen_controls import control_network as qwen_control
from tests.models.control.test_transformer_controls import flux_control
from tests.models.families import flux, qwen_image, sd3, stable_diffusion
from tests.models.families.case import Bench, Trial, randomised
from tests.models.families.components import difference, kl_autoencoder
from torch import nn

from limner.graph.errors import ModelFileError, NumericsError
from limner.models.control.control import Seen
from limner.models.family import Pass

SIDE, PIXELS = 8, 64
HINT = {"conditioning_embedding_out_channels": (4, 6, 8, 12)}
WHOLE = {"start_percent": 0.0, "end_percent": 1.0}


def picture(seed=7):
    return torch.rand(1, 3, PIXELS, PIXELS, generator=torch.Generator().manual_seed(seed))


def copied(unet, seed=8):
    """A ControlNet for a UNet."""
    return randomised(diffusers.ControlNetModel.from_unet(unet, **HINT), seed)


def adapter_of_pictures():
    return randomised(diffusers.T2IAdapter(channels=[32, 32, 64, 64], num_res_blocks=2, adapter_type="full_adapter"))


def sd3_control(network):
    told = network.config
    return randomised(
        diffusers.SD3ControlNetModel(
            sample_size=SIDE,
            num_layers=2,
            attention_head_dim=told.attention_head_dim,
            num_attention_heads=told.num_attention_heads,
            joint_attention_dim=told.joint_attention_dim,
            caption_projection_dim=told.caption_projection_dim,
            pooled_projection_dim=told.pooled_projection_dim,
            pos_embed_max_size=12,
            qk_norm=told.qk_norm,
        )
    )


def factors(control, base, rank=3):
    """Low-rank changes of a ControlNet's layers that its UNet has too; its weights become the UNet's plus those."""
    generator, found = torch.Generator().manual_seed(12), {}
    theirs = dict(base.named_modules())
    for name, layer in control.named_modules():
        if isinstance(layer, nn.Linear | nn.Conv2d) and name in theirs:
            weight = theirs[name].weight
            up = torch.randn(len(weight), rank, generator=generator, dtype=torch.float64) / rank**0.5
            down = torch.randn(rank, weight[0].numel(), generator=generator, dtype=torch.float64) * 0.2
            change = (up @ down / weight[0].numel() ** 0.5).reshape(weight.shape)
            layer.weight.copy_((weight.double() + change).float())
            found[f"{name}.up"] = up.reshape(len(weight), rank, *(1,) * (weight.ndim - 2)).float()
            found[f"{name}.down"] = (down / weight[0].numel() ** 0.5).reshape(rank, *weight.shape[1:]).float()
    return found


def control_lora(control, base, kind):
    """The file of a control LoRA in the original layout; the ControlNet gets the weights that are meant."""
    changes = factors(control, base)
    rest = {name: value for name, value in control.state_dict().items() if _change_of(name) not in changes}
    names = {name: name for name in base.state_dict()}
    places = stable_diffusion.original(kind, names)  # original name to diffusers' name
    original = {target: name for name, target in places.items()}
    found = {"lora_controlnet": torch.zeros(1)}
    for name, value in {**rest, **changes}.items():
        module, _, leaf = name.rpartition(".")
        weight = original.get(f"{module}.weight")
        found[f"{weight.removesuffix('.weight')}.{leaf}" if weight else _of_the_hint(name)] = value.contiguous()
    return found


def _change_of(name):
    return f"{name.removesuffix('.weight')}.up" if name.endswith(".weight") else ""


def _of_the_hint(name):
    name = name.replace("controlnet_cond_embedding.conv_in.", "input_hint_block.0.")
    name = name.replace("controlnet_cond_embedding.conv_out.", "input_hint_block.14.")
    name = name.replace("controlnet_mid_block.", "middle_block_out.0.")
    name = re.sub(r"controlnet_down_blocks\.(\d+)\.", r"zero_convs.\1.0.", name)
    blocks = re.match(r"controlnet_cond_embedding\.blocks\.(\d+)\.", name)
    return name if blocks is None else f"input_hint_block.{2 * int(blocks[1]) + 2}.{name[blocks.end() :]}"


def load(bench, name, state):
    file = bench.write("controlnet", name, state)
    return bench.call("ControlNetLoader", control_net_name=file, library=bench.library)


def test_control_lora_of_sdxl(tmp_path):
    bench = Bench(stable_diffusion.SDXL, tmp_path)
    control = copied(bench.network)
    net = load(bench, "canny-rank3", control_lora(control, bench.network, "sdxl"))
    assert net.kind.name == "control_lora"
    model = bench.load("checkpoint")
    given = {"control_net": net, "image": picture().movedim(1, -1), "strength": 0.7, **WHOLE}
    texts = {"positive": bench.texts(1), "negative": bench.texts(2)}
    steered = bench.call("ControlNetApplyAdvanced", **texts, **given)
    noise = torch.randn(1, 4, SIDE, SIDE, generator=torch.Generator().manual_seed(5))
    trial = Trial(bench.network, model, *steered, noise)
    with torch.no_grad():
        error = stable_diffusion.compared(
            "StableDiffusionXLControlNetPipeline",
            trial,
            parts={**stable_diffusion.TWO, "controlnet": control, "feature_extractor": None, "add_watermarker": False},
            image=picture(),
            controlnet_conditioning_scale=0.7,
            **stable_diffusion.pooled(trial),
            **stable_diffusion.SIZE,
        )
    assert error < 1e-4


KINDS = {
    "unet": (stable_diffusion.SD1, lambda network: copied(network).state_dict()),
    "control_lora": (stable_diffusion.SD1, lambda network: control_lora(copied(network), network, "sd15")),
    "t2i_adapter": (stable_diffusion.SD1, lambda network: adapter_of_pictures().state_dict()),
    "flux": (flux.DEV, lambda network: flux_control().state_dict()),
    "sd3": (sd3.MEDIUM, lambda network: sd3_control(network).state_dict()),
    "qwen_image": (qwen_image.IMAGE, lambda network: qwen_control().state_dict()),
}
"""A family and the file of a control network for it."""

APPLYING = {
    "ControlNetApplyAdvanced": WHOLE,
    "ControlNetApplySD3": WHOLE,
    "ControlNetApplyShaped": {**WHOLE, "decay": 1.0},
    "ControlNetInpaintingAliMamaApply": {**WHOLE, "mask": torch.ones(1, PIXELS, PIXELS)},
}


@pytest.mark.parametrize("kind", KINDS)
def test_every_node_applies_every_kind(tmp_path, kind):
    """The kinds here know no mask and no type: what is said of them is passed over."""
    case, make = KINDS[kind]
    bench = Bench(case, tmp_path)
    net = load(bench, kind, make(bench.network))
    assert net.kind.name == kind
    vae = bench.call("VAELoader", vae_name=bench.write("vae", "vae", _vae(case)), library=bench.library)
    model = bench.load(next(iter(case.layouts)))
    noise = torch.randn(1, *case.latent, generator=torch.Generator().manual_seed(5))
    texts = {"positive": bench.texts(1), "negative": bench.texts(2)}
    given = {"vae": vae, "image": picture().movedim(1, -1)}
    sigma = model.parametrization.percent_to_sigma(0.4)

    def answer(positive, negative):
        return Trial(bench.network, model, positive, negative, noise).walk([sigma, sigma / 2], 2.0)

    plain = answer(**texts)
    typed = bench.call("SetUnionControlNetType", control_net=net, type="depth")
    answers = [
        answer(*bench.call(node, **texts, **given, control_net=typed, strength=0.8, **further))
        for node, further in APPLYING.items()
    ]
    assert difference(answers[0], plain) > 1e-3
    for other in answers[1:]:
        torch.testing.assert_close(other, answers[0], rtol=1e-4, atol=1e-4)
    for node, further in APPLYING.items():
        unsteered = bench.call(node, **texts, **given, control_net=net, strength=0.0, **further)
        assert unsteered == (texts["positive"], texts["negative"])
        later = {**further, "start_percent": 0.9}
        assert (
            difference(answer(*bench.call(node, **texts, **given, control_net=net, strength=0.8, **later)), plain) == 0
        )


def test_a_control_counts_less_in_shallow_blocks_and_only_in_its_region(tmp_path):
    case, make = KINDS["unet"]
    bench = Bench(case, tmp_path)
    net, model = load(bench, "unet", make(bench.network)), bench.load("checkpoint")
    noise = torch.randn(1, *case.latent, generator=torch.Generator().manual_seed(5))
    texts = {"positive": bench.texts(1), "negative": bench.texts(2)}
    given = {"control_net": net, "image": picture().movedim(1, -1), "strength": 0.8, **WHOLE}
    sigma = model.parametrization.percent_to_sigma(0.4)

    def answer(**further):
        shaped = bench.call("ControlNetApplyShaped", **texts, **given, **further) if further else texts.values()
        return Trial(bench.network, model, *shaped, noise).walk([sigma, sigma / 2], 2.0)

    whole, plain = answer(decay=1.0), answer()
    soft = answer(decay=0.825)
    everywhere, nowhere = (answer(mask=value * torch.ones(1, PIXELS, PIXELS)) for value in (1.0, 0.0))
    assert min(difference(soft, whole), difference(soft, plain)) > 1e-4
    torch.testing.assert_close(everywhere, whole, rtol=1e-4, atol=1e-4)
    torch.testing.assert_close(nowhere, plain, rtol=1e-4, atol=1e-4)


def _vae(case):
    return randomised((case.autoencoder or kl_autoencoder)()).state_dict()


def test_several_kinds_at_once(tmp_path):
    """A ControlNet, a control LoRA for a part of the walk, and a T2I-Adapter: the sum of what each gives alone."""
    case = stable_diffusion.SD1
    bench = Bench(case, tmp_path)
    model = bench.load("checkpoint")
    nets = [load(bench, kind, KINDS[kind][1](bench.network)) for kind in ("unet", "control_lora", "t2i_adapter")]
    texts = {"positive": bench.texts(1), "negative": bench.texts(2)}
    ends = (1.0, 0.5, 1.0)
    for number, (net, end) in enumerate(zip(nets, ends, strict=True)):
        given = {"image": picture(number).movedim(1, -1), "strength": 0.5 + number / 10, "end_percent": end}
        applied = bench.call("ControlNetApplyAdvanced", **texts, **given, control_net=net, start_percent=0.0)
        texts = dict(zip(texts, applied, strict=True))
    control = texts["positive"][0][1]["control"]
    noise = torch.randn(1, 4, SIDE, SIDE, generator=torch.Generator().manual_seed(5))
    context, inputs = texts["positive"][0][0], None
    for share, links in ((0.2, (0, 1, 2)), (0.8, (0, 2))):
        sigma = model.parametrization.percent_to_sigma(share)
        steered = model.for_entry(texts["positive"][0][1], sigma)
        assert [link.net.kind.name for link in steered.steering] == [nets[number].kind.name for number in links][::-1]
        inputs = model.inputs(texts["positive"][0][1], context, noise)
        timestep = model.parametrization.timestep(torch.tensor([sigma]))
        with torch.no_grad(), model.network.lease() as unet:
            total = _total(control, noise, timestep, context, unet, links)
            wanted = unet(noise, timestep, context, **total).sample
        assert difference(steered.predict(noise, timestep, inputs), wanted) < 1e-4


def _total(control, x, timestep, context, unet, links):
    """Residuals of some links as diffusers' UNet takes them; the chain begins with the last one."""
    chain = list(control.chain)[::-1]
    down, middle, adapter = None, 0.0, None
    for number in links:
        link = chain[number]
        with link.net.network.lease() as network:
            seen = Seen(Pass(x, timestep, {"context": context}), link.pictures, {}, unet)
            given = link.net.kind.residuals(network, seen)
        if link.net.kind.name == "t2i_adapter":
            adapter = [value * link.strength for value in given["input"] if value is not None]
            continue
        scaled = [value * link.strength for value in given["output"]]
        down = scaled if down is None else [one + two for one, two in zip(down, scaled, strict=True)]
        middle = middle + given["middle"][0] * link.strength
    return {
        "down_block_additional_residuals": down,
        "mid_block_additional_residual": middle,
        "down_intrablock_additional_residuals": adapter,
    }


def test_differences_from_the_model(tmp_path):
    bench = Bench(stable_diffusion.SD1, tmp_path)
    control, base = copied(bench.network), bench.network.state_dict()
    state = {name: value - base[name] if name in base else value for name, value in control.state_dict().items()}
    places = {target: name for name, target in stable_diffusion.original("sd15", {name: name for name in base}).items()}
    file = {f"control_model.{places.get(name) or _of_the_hint(name)}": value for name, value in state.items()}
    name = bench.write("controlnet", "difference", {**file, "difference": torch.zeros(1)})
    model, noise = bench.load("checkpoint"), torch.randn(1, 4, SIDE, SIDE, generator=torch.Generator().manual_seed(5))
    net = bench.call("DiffControlNetLoader", model=model, control_net_name=name, library=bench.library)
    given = {"control_net": net, "image": picture().movedim(1, -1), "strength": 0.7, **WHOLE}
    texts = {"positive": bench.texts(1), "negative": bench.texts(2)}
    trial = Trial(bench.network, model, *bench.call("ControlNetApplyAdvanced", **texts, **given), noise)
    with torch.no_grad():
        error = stable_diffusion.compared(
            "StableDiffusionControlNetPipeline",
            trial,
            parts={**stable_diffusion.PLAIN, "controlnet": control},
            image=picture(),
            controlnet_conditioning_scale=0.7,
            **stable_diffusion.SIZE,
        )
    assert error < 1e-4
    with pytest.raises(ModelFileError, match=r"Load it with Load ControlNet Model \(diff\)"):
        bench.call("ControlNetLoader", control_net_name=name, library=bench.library)
    other = Bench(flux.DEV, tmp_path / "other").load("original")
    with pytest.raises(NumericsError, match="holds differences from another network"):
        bench.call("DiffControlNetLoader", model=other, control_net_name=name, library=bench.library)
    whole = bench.write("controlnet", "whole", control.state_dict())
    assert not bench.call(
        "DiffControlNetLoader", model=model, control_net_name=whole, library=bench.library
    ).network.attached
