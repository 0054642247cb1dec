"""ControlNets of transformers, and of several tasks, against diffusers' networks as its pipelines call them."""

import diffusers
import pytest
import torch
from safetensors.torch import save_file
from tests.models.control.test_unet_controls import random_like
from tests.models.families import components, flux, sd3
from torch import Tensor

from limner.graph.errors import NumericsError
from limner.models.control.control import AppliedControl, HintRequest
from limner.models.control.registry import open_control_net
from limner.models.library import ModelLibrary
from limner.models.parts.patch_tokens import to_picture, to_tokens
from limner.nodes.control import set_union_control_net_type
from limner.sampling.conditioning import CONTROL

SIDE = 8


class EightPixels:
    """An autoencoder in name: a latent is the means of a picture's squares."""

    def encode(self, pixels: Tensor) -> Tensor:
        means = torch.nn.functional.avg_pool2d(pixels.movedim(-1, 1), SIDE)
        return means.repeat(1, 6, 1, 1)[:, :16] * 2 - 1


def drawn(module):
    generator = torch.Generator().manual_seed(4)
    with torch.no_grad():
        for value in module.parameters():
            value.copy_(random_like(value.shape, generator))
    return module.eval()


def flux_control(modes=None):
    return drawn(
        diffusers.FluxControlNetModel(
            in_channels=64,
            num_layers=1,
            num_single_layers=1,
            attention_head_dim=32,
            num_attention_heads=2,
            joint_attention_dim=flux.TEXT,
            pooled_projection_dim=flux.POOLED,
            guidance_embeds=True,
            axes_dims_rope=(4, 14, 14),
            num_mode=modes,
        )
    )


def saved(folders, kind, name, module):
    save_file(
        {key: value.contiguous() for key, value in module.state_dict().items()}, folders.model_roots[0] / kind / name
    )


def asked(model, control, texts):
    """Our prediction under a control, and what the network was shown."""
    generator = torch.Generator().manual_seed(11)
    context, options = texts(generator)[0]
    x = torch.randn(1, 16, SIDE, SIDE, generator=generator)
    entry = {**options, CONTROL: control}
    steered = model.for_entry(entry, 0.5)
    assert steered.key != model.key
    timestep = model.parametrization.timestep(torch.tensor([0.5]))
    return steered.predict(x, timestep, model.inputs(entry, context, x)), x, context, options["pooled_output"], timestep


def picture():
    return torch.rand(1, 3, 64, 64, generator=torch.Generator().manual_seed(7))


@pytest.mark.parametrize("modes", [None, 6])
def test_flux(folders, modes):
    network, control = drawn(flux.network()), flux_control(modes)
    saved(folders, "diffusion_models", "flux.safetensors", network)
    saved(folders, "controlnet", "control.safetensors", control)
    library = ModelLibrary(folders)
    model = library.diffusion_model("flux.safetensors")
    net = open_control_net(library, "control.safetensors")
    assert net.kind.name == "flux"
    if modes:
        net = set_union_control_net_type(control_net=net, type="depth")
    applied = AppliedControl(net, picture(), 0.7, autoencoder=EightPixels())
    texts = components.texts(flux.TEXT, flux.POOLED)
    ours, x, context, pooled, timestep = asked(model, applied, texts)
    hint = model.latent_format.to_model(EightPixels().encode(picture().movedim(1, -1)))
    ids = torch.zeros(4, 4, 3)
    ids[..., 1], ids[..., 2] = torch.arange(4.0)[:, None], torch.arange(4.0)[None]
    shared = {
        "hidden_states": to_tokens(x),
        "encoder_hidden_states": context,
        "pooled_projections": pooled,
        "timestep": timestep,
        "img_ids": ids.reshape(16, 3),
        "txt_ids": torch.zeros(context.shape[1], 3),
        "guidance": torch.tensor([3.5]),
        "return_dict": False,
    }
    mode = {"controlnet_mode": torch.tensor([[2]])} if modes else {}
    with torch.no_grad():
        blocks, single = control(controlnet_cond=to_tokens(hint), conditioning_scale=0.7, **mode, **shared)
        wanted = network(controlnet_block_samples=blocks, controlnet_single_block_samples=single, **shared)[0]
        plain = network(**shared)[0]
    assert (ours - to_picture(wanted, SIDE, SIDE)).abs().max() < 1e-4
    assert (wanted - plain).abs().max() > 1e-3


@pytest.mark.parametrize("kind", ["text", "textless", "inpainting"])
def test_sd3(folders, kind):
    network = drawn(sd3.network(2, normed=True, twice=()))
    settings = network.config
    texted = kind != "textless"
    control = drawn(
        diffusers.SD3ControlNetModel(
            sample_size=8,
            in_channels=16,
            num_layers=2,
            attention_head_dim=settings.attention_head_dim,
            num_attention_heads=settings.num_attention_heads,
            joint_attention_dim=settings.joint_attention_dim if texted else None,
            caption_projection_dim=settings.caption_projection_dim,
            pooled_projection_dim=settings.pooled_projection_dim,
            pos_embed_max_size=8,
            extra_conditioning_channels=1 if kind == "inpainting" else 0,
            use_pos_embed=texted,
            pos_embed_type="sincos" if texted else None,
            qk_norm=settings.qk_norm,
        )
    )
    saved(folders, "diffusion_models", "sd3.safetensors", network)
    saved(folders, "controlnet", "control.safetensors", control)
    library = ModelLibrary(folders)
    model = library.diffusion_model("sd3.safetensors")
    net = open_control_net(library, "control.safetensors")
    assert net.kind.name == "sd3"
    masks = torch.zeros(1, 1, 64, 64)
    masks[..., :32] = 1
    applied = AppliedControl(net, picture(), 0.7, autoencoder=EightPixels(), masks=masks)
    texts = components.texts(settings.joint_attention_dim, settings.pooled_projection_dim)
    ours, x, context, pooled, timestep = asked(model, applied, texts)
    shown = torch.where(masks > 0.5, torch.zeros(()), picture()) if kind == "inpainting" else picture()
    shift = 0.0 if texted else model.latent_format.shift
    hint = (EightPixels().encode(shown.movedim(1, -1)) - shift) * model.latent_format.scale
    if kind == "inpainting":
        hint = torch.cat([hint, 1 - masks[..., ::8, ::8]], dim=1)
    with torch.no_grad():
        blocks = control(
            hidden_states=x if texted else network.pos_embed(x),
            controlnet_cond=hint,
            conditioning_scale=0.7,
            encoder_hidden_states=context if texted else None,
            pooled_projections=torch.zeros_like(pooled) if texted else pooled,
            timestep=timestep,
            return_dict=False,
        )[0]
        shared = {"encoder_hidden_states": context, "pooled_projections": pooled, "timestep": timestep}
        wanted = network(x, block_controlnet_hidden_states=blocks, return_dict=False, **shared)[0]
        plain = network(x, return_dict=False, **shared)[0]
    assert (ours - wanted).abs().max() < 1e-4
    assert (wanted - plain).abs().max() > 1e-3


def test_a_control_that_looks_at_latents_asks_for_an_autoencoder(folders):
    saved(folders, "controlnet", "control.safetensors", flux_control())
    net = open_control_net(ModelLibrary(folders), "control.safetensors")
    from limner.models.parts.flux_pass import LATENT_FORMAT

    with pytest.raises(NumericsError, match="connect a VAE"):
        net.kind.hint(HintRequest(picture(), torch.zeros(1, 16, 8, 8), LATENT_FORMAT))


UNION = {
    "block_out_channels": (32, 64),
    "down_block_types": ("DownBlock2D", "CrossAttnDownBlock2D"),
    "norm_num_groups": 8,
    "cross_attention_dim": 2048,
    "attention_head_dim": (1, 1),
    "use_linear_projection": True,
    "addition_embed_type": "text_time",
    "addition_time_embed_dim": 256,
    "projection_class_embeddings_input_dim": 2816,
}


def test_union(folders):
    torch.manual_seed(2)
    unet = drawn(diffusers.UNet2DConditionModel(up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"), **UNION))
    control = drawn(
        diffusers.ControlNetUnionModel(
            conditioning_embedding_out_channels=(4, 6, 8, 12), num_trans_channel=32, num_proj_channel=32, **UNION
        )
    )
    saved(folders, "diffusion_models", "sdxl.safetensors", unet)
    saved(folders, "controlnet", "union.safetensors", control)
    library = ModelLibrary(folders)
    model = library.diffusion_model("sdxl.safetensors")
    net = open_control_net(library, "union.safetensors")
    assert net.kind.name == "union"
    told = set_union_control_net_type(control_net=net, type="canny/lineart/anime_lineart/mlsd")
    generator = torch.Generator().manual_seed(11)
    x, context = torch.randn(1, 4, 8, 8, generator=generator), torch.randn(1, 77, 2048, generator=generator)
    pooled = torch.randn(1, 1280, generator=generator)
    entry = {"pooled_output": pooled, CONTROL: AppliedControl(told, picture(), 0.7)}
    timestep = torch.tensor([500.0])
    ours = model.for_entry(entry, 2.0).predict(x, timestep, model.inputs(entry, context, x))
    shared = {"added_cond_kwargs": {"text_embeds": pooled, "time_ids": torch.tensor([[64.0, 64, 0, 0, 64, 64]])}}
    kinds = torch.zeros(1, 6)
    kinds[0, 3] = 1
    with torch.no_grad():
        down, middle = control(
            x, timestep, context, [picture()], kinds, [3], conditioning_scale=0.7, return_dict=False, **shared
        )
        wanted = unet(
            x, timestep, context, down_block_additional_residuals=down, mid_block_additional_residual=middle, **shared
        ).sample
    assert (ours - wanted).abs().max() < 1e-4
