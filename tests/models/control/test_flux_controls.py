"""ControlNets of Flux that look at pixels or into a hole, against diffusers' networks as its pipelines call them."""

import diffusers
import pytest
import torch
from safetensors.torch import save_file
from tests.models.control.test_transformer_controls import SIDE, EightPixels, asked, drawn, flux_control, picture, saved
from tests.models.families import components, flux
from tests.models.families.original import original, prefixed
from torch import nn

from limner.models.control.control import AppliedControl
from limner.models.control.flux_pixels import TABLE
from limner.models.control.registry import open_control_net
from limner.models.library import ModelLibrary
from limner.models.parts.patch_tokens import grid_places, to_picture, to_tokens
from limner.sampling.conditioning import CONTROL

TEXTS = components.texts(flux.TEXT, flux.POOLED)
NARROW = {
    "attention_head_dim": 32,
    "num_attention_heads": 2,
    "joint_attention_dim": flux.TEXT,
    "pooled_projection_dim": flux.POOLED,
    "axes_dims_rope": (4, 14, 14),
}


def base(*, channels=64, guided=True):
    return drawn(
        diffusers.FluxTransformer2DModel(
            in_channels=channels,
            out_channels=64,
            num_layers=5,
            num_single_layers=3,
            guidance_embeds=guided,
            **NARROW,
        )
    )


def pixel_control():
    return drawn(
        diffusers.FluxControlNetModel(
            patch_size=2,
            num_layers=2,
            num_single_layers=0,
            guidance_embeds=True,
            conditioning_embedding_channels=16,
            **NARROW,
        )
    )


def told(x, context, pooled, timestep, guidance=3.5):
    return {
        "hidden_states": to_tokens(x),
        "encoder_hidden_states": context,
        "pooled_projections": pooled,
        "timestep": timestep,
        "img_ids": grid_places(SIDE // 2, SIDE // 2),
        "txt_ids": torch.zeros(context.shape[1], 3),
        "guidance": torch.tensor([guidance]),
        "return_dict": False,
    }


def opened(folders, network, control):
    """The model and the control network, from files."""
    saved(folders, "diffusion_models", "flux.safetensors", network)
    if isinstance(control, dict):
        save_file(control, folders.model_roots[0] / "controlnet" / "control.safetensors")
    else:
        saved(folders, "controlnet", "control.safetensors", control)
    library = ModelLibrary(folders)
    return library.diffusion_model("flux.safetensors"), open_control_net(library, "control.safetensors")


@pytest.mark.parametrize("layout", ["diffusers", "original", "prefixed"])
def test_one_that_looks_at_pixels(folders, layout):
    network, control = base(), pixel_control()
    file = control if layout == "diffusers" else original(TABLE, control.state_dict(), flux.SCALES)
    model, net = opened(folders, network, prefixed(file, "model.") if layout == "prefixed" else file)
    assert net.kind.name == "flux_pixels"
    ours, *given = asked(model, AppliedControl(net, picture(), 0.7), TEXTS)
    with torch.no_grad():
        call = told(*given)
        blocks, single = control(controlnet_cond=picture() * 2 - 1, conditioning_scale=0.7, **call)
        assert single is None
        wanted = network(controlnet_block_samples=blocks, controlnet_blocks_repeat=True, **call)[0]
        plain = network(**call)[0]
    assert (ours - to_picture(wanted, SIDE, SIDE)).abs().max() < 1e-4
    assert (wanted - plain).abs().max() > 1e-3


def test_one_that_paints_into_a_hole(folders):
    control = flux_control()
    control.controlnet_x_embedder = drawn(nn.Linear(68, 64))
    network = base()
    model, net = opened(folders, network, control)
    masks = torch.zeros(1, 1, 64, 64)
    masks[..., :32] = 1
    ours, *given = asked(model, AppliedControl(net, picture(), 0.7, autoencoder=EightPixels(), masks=masks), TEXTS)
    hidden = (picture() * 2 - 1).masked_fill(masks > 0.5, -1) / 2 + 0.5
    latent = model.latent_format.to_model(EightPixels().encode(hidden.movedim(1, -1)))
    seen = torch.cat([latent, 1 - masks[..., ::8, ::8]], dim=1)
    with torch.no_grad():
        call = told(*given)
        blocks, single = control(controlnet_cond=to_tokens(seen), conditioning_scale=0.7, **call)
        wanted = network(controlnet_block_samples=blocks, controlnet_single_block_samples=single, **call)[0]
    assert (ours - to_picture(wanted, SIDE, SIDE)).abs().max() < 1e-4


def test_two_of_different_depths_add_up_block_by_block(folders):
    network, first, second = base(), flux_control(), pixel_control()
    saved(folders, "controlnet", "second.safetensors", second)
    model, net = opened(folders, network, first)
    other = open_control_net(ModelLibrary(folders), "second.safetensors")
    chain = AppliedControl(net, picture(), 0.7, autoencoder=EightPixels(), previous=AppliedControl(other, picture()))
    ours, *given = asked(model, chain, TEXTS)
    hint = to_tokens(model.latent_format.to_model(EightPixels().encode(picture().movedim(1, -1))))
    with torch.no_grad():
        call = told(*given)
        one, single = first(controlnet_cond=hint, conditioning_scale=0.7, **call)
        two, _ = second(controlnet_cond=picture() * 2 - 1, **call)
        double = [one[0] + two[block % 2] for block in range(5)]
        wanted = network(controlnet_block_samples=double, controlnet_single_block_samples=single, **call)[0]
    assert (ours - to_picture(wanted, SIDE, SIDE)).abs().max() < 1e-4


def test_networks_that_see_more_than_the_latent(folders):
    """Reference pictures and further channels are nothing to the control network; what it gives is for the latent."""
    network, control = base(channels=128), pixel_control()
    model, net = opened(folders, network, control)
    generator = torch.Generator().manual_seed(11)
    context, options = TEXTS(generator)[0]
    x, further = (torch.randn(1, 16, SIDE, SIDE, generator=generator) for _ in range(2))
    entry = {
        **options,
        CONTROL: AppliedControl(net, picture()),
        "concat_latent_image": model.latent_format.to_stored(further),
    }
    steered = model.for_entry(entry, 0.5)
    timestep = torch.tensor([0.5])
    ours = steered.predict(x, timestep, model.inputs(entry, context, x))
    with torch.no_grad():
        call = told(x, context, options["pooled_output"], timestep)
        blocks, _ = control(controlnet_cond=picture() * 2 - 1, **call)
        shown = {**call, "hidden_states": to_tokens(torch.cat([x, further], dim=1))}
        wanted = network(controlnet_block_samples=blocks, controlnet_blocks_repeat=True, **shown)[0]
    assert (ours - to_picture(wanted, SIDE, SIDE)).abs().max() < 1e-4


def test_reference_pictures_get_no_residuals(folders):
    network, control = base(), flux_control()
    model, net = opened(folders, network, control)
    generator = torch.Generator().manual_seed(11)
    context, options = TEXTS(generator)[0]
    x, reference = (torch.randn(1, 16, SIDE, SIDE, generator=generator) for _ in range(2))
    entry = {
        **options,
        CONTROL: AppliedControl(net, picture(), autoencoder=EightPixels()),
        "reference_latents": [model.latent_format.to_stored(reference)],
        "reference_latents_method": "index",
    }
    timestep = torch.tensor([0.5])
    ours = model.for_entry(entry, 0.5).predict(x, timestep, model.inputs(entry, context, x))
    hint = to_tokens(model.latent_format.to_model(EightPixels().encode(picture().movedim(1, -1))))
    with torch.no_grad():
        call = told(x, context, options["pooled_output"], timestep)
        blocks, single = control(controlnet_cond=hint, **call)
        filled = [[torch.cat([value, torch.zeros_like(value)], dim=1) for value in side] for side in (blocks, single)]
        ids = torch.cat([call["img_ids"], grid_places(SIDE // 2, SIDE // 2, number=1)])
        shown = {**call, "hidden_states": torch.cat([to_tokens(x), to_tokens(reference)], dim=1), "img_ids": ids}
        wanted = network(controlnet_block_samples=filled[0], controlnet_single_block_samples=filled[1], **shown)[0]
    assert (ours - to_picture(wanted[:, :16], SIDE, SIDE)).abs().max() < 1e-4


@pytest.mark.parametrize("guided", [True, False])
def test_a_control_network_that_knows_a_guidance_that_is_not_there(folders, guided):
    """Schnell has none; and of dev it may be taken away."""
    network, control = base(guided=guided), pixel_control()
    model, net = opened(folders, network, control)
    texts = TEXTS if not guided else _unguided
    ours, *given = asked(model, AppliedControl(net, picture()), texts)
    assert torch.isfinite(ours).all()
    with torch.no_grad():
        call = told(*given)
        if guided:
            for part in (network, control):
                embedder = part.time_text_embed.guidance_embedder.linear_2
                embedder.weight.zero_()
                embedder.bias.zero_()
        blocks, _ = control(controlnet_cond=picture() * 2 - 1, **call)
        call |= {} if guided else {"guidance": None}
        wanted = network(controlnet_block_samples=blocks, controlnet_blocks_repeat=True, **call)[0]
    assert (ours - to_picture(wanted, SIDE, SIDE)).abs().max() < 1e-4


def _unguided(generator):
    (context, options), *rest = TEXTS(generator)
    return [(context, {**options, "guidance": None}), *rest]
