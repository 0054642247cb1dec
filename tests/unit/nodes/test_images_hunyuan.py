"""What HunyuanImage's refiner is told, and what becomes of it before the network."""

import torch

from limner.models.families.hunyuan_image_refiner import HUNYUAN_IMAGE_REFINER, SCALE
from limner.models.family import InputRequest
from limner.nodes.images_hunyuan import hunyuan_refiner_latent

PICTURE = torch.randn(1, 64, 4, 6, generator=torch.Generator().manual_seed(1))
FACTS = {"in_channels": 128, "guidance_embeds": True}


def told(share):
    return hunyuan_refiner_latent(
        positive=[[torch.zeros(1, 2, 3), {"kept": 1}]],
        negative=[[torch.ones(1, 2, 3), {}]],
        latent={"samples": PICTURE, "noise_mask": torch.ones(1, 1, 4, 6)},
        noise_augmentation=share,
    )


def shown(share, seed=0):
    """What the network sees beside the noisy picture."""
    entry = {**told(share)[0][0][1], "seed": seed}
    latent_format = HUNYUAN_IMAGE_REFINER.latent_format
    request = InputRequest(entry, torch.zeros(1, 2, 3), torch.zeros_like(PICTURE), latent_format, FACTS)
    return HUNYUAN_IMAGE_REFINER.inputs(request)["concat"]


def test_both_texts_have_the_picture_and_the_latent_is_empty():
    positive, negative, latent = told(0.1)
    assert positive[0][1]["kept"] == 1
    for (_, options), *_ in (positive, negative):
        assert options["concat_latent_image"] is PICTURE
        assert options["noise_augmentation"] == 0.1
    assert latent.keys() == {"samples"}
    assert latent["samples"].shape == PICTURE.shape
    assert not latent["samples"].any()


def test_the_picture_is_seen_under_noise_of_the_walks_seed():
    plain = PICTURE * SCALE
    torch.testing.assert_close(shown(0.0), plain)
    noised = shown(0.25)
    noise = (noised - 0.75 * plain) / 0.25
    assert abs(float(noise.std()) - 1) < 0.1
    assert torch.equal(noised, shown(0.25))
    assert not torch.equal(noised, shown(0.25, seed=1))
    own = torch.randn(PICTURE.shape, generator=torch.Generator().manual_seed(0))
    assert (noise - own).abs().max() > 1
