"""Upscalers at their real sizes; small pictures with noise on them, small latents."""

import pytest
import torch
from diffusers import DDPMScheduler, UNet2DConditionModel
from tests.models.families import sd_x4_upscaler as tiny
from tests.models.families.stable_diffusion import levels

from limner.graph.errors import NumericsError
from limner.models.families.sd_x2_upscaler import LOW_LATENT, SD_X2_UPSCALER
from limner.models.families.sd_x4_upscaler import SD_X4_UPSCALER
from limner.models.family import InputRequest, Pass
from limner.models.load.layout import Layout
from limner.models.parts.low_picture import LOW_PICTURE, low_picture_inputs, noised_picture
from limner.models.registry import load_families
from limner.nodes.upscaling_latent import latent_upscale_conditioning, sd_4x_upscale_conditioning
from limner.sampling.denoiser import LatentFormat


def test_the_original_layout_fills_the_network_at_its_real_size():
    with torch.device("meta"):
        network = UNet2DConditionModel(
            in_channels=7,
            out_channels=4,
            **levels(0, 1, 1, 1),
            block_out_channels=(256, 512, 512, 1024),
            attention_head_dim=8,
            cross_attention_dim=1024,
            only_cross_attention=(True, True, True, False),
            num_class_embeds=1000,
            use_linear_projection=True,
        )
    wanted = {name: tuple(tensor.shape) for name, tensor in network.state_dict().items()}
    original = {f"model.diffusion_model.{name}": shape for name, shape in tiny.original(wanted).items()}
    assert original["model.diffusion_model.label_emb.weight"] == (1000, 1024)
    for layout in (Layout(original), Layout(wanted)):
        assert [family.name for family in load_families().values() if family.recognise(layout)] == ["sd_x4_upscaler"]
        blueprint = SD_X4_UPSCALER.network(layout)
        with torch.device("meta"):
            built = blueprint.build()
        assert {name: tuple(tensor.shape) for name, tensor in built.state_dict().items()} == wanted
        assert {name: layout.shape(source.names[0]) for name, source in blueprint.keys.items()} == wanted
        # The first level has no attention, so its flag says nothing.
        assert built.config.only_cross_attention[1:] == (True, True, False)


def test_noise_is_that_of_the_published_schedule():
    pictures = torch.rand(2, 3, 8, 8, generator=torch.Generator().manual_seed(1)) * 2 - 1
    scheduler = DDPMScheduler(beta_start=0.0001, beta_end=0.02, beta_schedule="scaled_linear")
    noise = torch.randn(pictures.shape, generator=torch.Generator().manual_seed(0))
    made = noised_picture(pictures, 0.2)
    assert made.level == 70
    torch.testing.assert_close(made.pictures, scheduler.add_noise(pictures, noise, torch.tensor([70, 70])))


def asked(options, size=(6, 6)):
    return low_picture_inputs(InputRequest(options, torch.zeros(1, 1, 8), torch.zeros(1, 4, *size), LatentFormat()))


def test_each_sample_takes_its_own_picture():
    picture = noised_picture(torch.stack([torch.full((3, 6, 6), value) for value in (-0.5, 0.5)]), 0.0)
    assert picture.rows == 2
    for number, value in enumerate((-0.5, 0.5, -0.5)):
        shown = asked({LOW_PICTURE: picture.row(number)})["concat"]
        assert float(shown.mean()) == pytest.approx(value, abs=0.02)
    assert asked({LOW_PICTURE: picture}, (12, 9))["concat"].shape == (1, 3, 12, 9)


def test_without_a_picture_everything_is_to_be_drawn():
    inputs = asked({})
    assert not inputs["concat"].any()
    assert inputs["level"].tolist() == [0]


@pytest.mark.parametrize(("ratio", "side"), [(4.0, (8, 12)), (2.0, (4, 6)), (0.0, (1, 1))])
def test_the_picture_is_brought_to_a_fourth_of_the_result(ratio, side):
    images = torch.rand(3, 8, 12, 3)
    positive, negative, latent = sd_4x_upscale_conditioning(
        images=images, positive=[[1, {"a": 2}]], negative=[[3, {}]], scale_ratio=ratio, noise_augmentation=0.1
    )
    assert latent["samples"].shape == (3, 4, *side)
    told = positive[0][1][LOW_PICTURE]
    assert negative[0][1][LOW_PICTURE] is told
    assert positive[0][1]["a"] == 2
    assert told.pictures.shape == (3, 3, *side)
    assert told.level == 35


def test_patches_are_refused_instead_of_forgotten():
    call = Pass(torch.zeros(1, 4, 8, 8), torch.zeros(1), {}, control={"input": [torch.zeros(1)]})
    with pytest.raises(NumericsError, match="runs as it is only"):
        SD_X4_UPSCALER.forward(None, call)


def test_the_latent_upscaler_fills_the_network_at_its_real_size():
    with torch.device("meta"):
        network = UNet2DConditionModel(**PUBLISHED_X2)
    shapes = {f"unet.{name}": tuple(tensor.shape) for name, tensor in network.state_dict().items()}
    layout = Layout(shapes)
    assert [family.name for family in load_families().values() if family.recognise(layout)] == ["sd_x2_upscaler"]
    with torch.device("meta"):
        built = SD_X2_UPSCALER.network(layout).build()
    assert {f"unet.{name}": tuple(tensor.shape) for name, tensor in built.state_dict().items()} == shapes
    assert {name: built.config[name] for name in PUBLISHED_X2} == {n: network.config[n] for n in PUBLISHED_X2}


PUBLISHED_X2 = {
    "act_fn": "gelu",
    "attention_head_dim": 64,
    "block_out_channels": (384, 384, 768, 768),
    "conv_in_kernel": 1,
    "conv_out_kernel": 1,
    "cross_attention_dim": 768,
    "down_block_types": ("KDownBlock2D", *("KCrossAttnDownBlock2D",) * 3),
    "in_channels": 8,
    "layers_per_block": 4,
    "mid_block_type": None,
    "norm_num_groups": None,
    "out_channels": 5,
    "resnet_time_scale_shift": "scale_shift",
    "time_cond_proj_dim": 896,
    "time_embedding_type": "fourier",
    "timestep_post_act": "gelu",
    "up_block_types": (*("KCrossAttnUpBlock2D",) * 3, "KUpBlock2D"),
}


def upscaled(options, size=(4, 6)):
    latent = torch.zeros(1, 4, *size)
    request = InputRequest(options, torch.zeros(1, 1, 8), latent, SD_X2_UPSCALER.latent_format, {"pooled": 5})
    return SD_X2_UPSCALER.inputs(request)


def test_the_latent_upscaler_sees_scaled_latents_of_half_the_size():
    samples = torch.arange(12.0).reshape(2, 1, 2, 3).repeat(1, 4, 1, 1)
    positive, _, latent = latent_upscale_conditioning(
        samples={"samples": samples}, positive=[[1, {"pooled_output": torch.ones(1, 5)}]], negative=[]
    )
    assert latent["samples"].shape == (2, 4, 4, 6)
    options = positive[0][1]
    inputs = upscaled({**options, LOW_LATENT: options[LOW_LATENT].row(1)})
    torch.testing.assert_close(inputs["concat"][0, 0, ::2, ::2], samples[1, 0] * 0.18215)
    torch.testing.assert_close(inputs["concat"][..., 1::2, :], inputs["concat"][..., ::2, :])
    assert inputs["told"][0].tolist() == [1.0] * 64 + [0.0] * 64 + [1.0] * 5


@pytest.mark.parametrize("options", [{}, {"pooled_output": torch.ones(1, 7)}])
def test_texts_of_other_encoders_are_refused(options):
    with pytest.raises(NumericsError, match="CLIP ViT-L"):
        upscaled(options)
