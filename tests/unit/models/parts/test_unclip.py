"""What unCLIP networks are told: vectors under noise with a file's statistics, several mixed, nothing as zeros."""

from types import SimpleNamespace

import pytest
import torch

from limner.graph.errors import NumericsError
from limner.models.parts.size_vector import POOLED, base_vector
from limner.models.parts.unclip import DEVIATION, MEAN, MERGING, PICTURES, label, told
from limner.sampling.guidance import SEED

WIDTH, WALK = 16, 1234
DRAW = torch.Generator().manual_seed(0)
MEANS, DEVIATIONS = torch.randn(WIDTH, generator=DRAW), 0.5 + torch.rand(WIDTH, generator=DRAW)
NETWORK = SimpleNamespace(**{MEAN: MEANS, DEVIATION: DEVIATIONS})
BARE = SimpleNamespace()


def picture(*vectors, strength=1.0, noise=0.0):
    output = SimpleNamespace(image_embeds=torch.stack(vectors))
    return {"clip_vision_output": output, "strength": strength, "noise_augmentation": noise}


def vectors(count, width=WIDTH):
    return torch.randn(count, width, generator=torch.Generator().manual_seed(5)).unbind()


def noise(width=WIDTH):
    return torch.randn(1, width, generator=torch.Generator().manual_seed(WALK - 10))[0].double()


def kept(level):
    """The cosine schedule, step by step."""
    share = (torch.arange(1001, dtype=torch.float64) / 1000 + 0.008) / 1.008
    remains = (share * torch.pi / 2).cos() ** 2
    betas = (1 - remains[1:] / remains[:-1]).clamp(max=0.999)
    return (1 - betas).cumprod(dim=0)[level]


def noised(vector, level, mean=MEANS, deviation=DEVIATIONS):
    normed = (vector.double() - mean) / deviation
    return (normed * kept(level).sqrt() + noise(len(vector)) * (1 - kept(level)).sqrt()) * deviation + mean


def features(level, width=WIDTH):
    from diffusers.models.embeddings import get_timestep_embedding

    return get_timestep_embedding(torch.tensor([level]), width, flip_sin_to_cos=True, downscale_freq_shift=0)[0]


def given(network, **entry):
    """The vector that a network is given."""
    return label(network, vars(told({SEED: WALK, **entry}, WIDTH)))[0]


@pytest.mark.parametrize(("augmentation", "level"), [(0.0, 0), (0.25, 250), (1.0, 999)])
def test_a_picture_under_noise(augmentation, level):
    (vector,) = vectors(1)
    wanted = torch.cat([noised(vector, level), features(level)]).float() * 0.7
    ours = given(NETWORK, **{PICTURES: [picture(vector, strength=0.7, noise=augmentation)]})
    torch.testing.assert_close(ours, wanted, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize(("further", "level"), [({}, 50), ({MERGING: 0.5}, 500)])
def test_several_pictures_are_added_up_and_noised_again(further, level):
    first, second, third = vectors(3)
    pictures = [picture(first, second, strength=0.5, noise=0.1), picture(third, strength=-1.5)]
    total = 0.5 * noised(first, 100) + 0.5 * noised(second, 100) - 1.5 * noised(third, 0)
    wanted = torch.cat([noised(total, level), features(level)]).float()
    torch.testing.assert_close(given(NETWORK, **{PICTURES: pictures}, **further), wanted, rtol=1e-5, atol=1e-5)


def test_files_without_statistics_are_taken_for_normed():
    (vector,) = vectors(1)
    wanted = torch.cat([noised(vector, 300, 0.0, 1.0), features(300)]).float()
    torch.testing.assert_close(given(BARE, **{PICTURES: [picture(vector, noise=0.3)]}), wanted, rtol=1e-5, atol=1e-5)


def test_without_pictures_a_network_is_told_zeros():
    assert torch.equal(given(NETWORK), torch.zeros(2 * WIDTH))


def test_sdxl_takes_pictures_for_its_pooled_text():
    (vector,) = vectors(1, POOLED)
    latent = torch.zeros(1, 4, 8, 8)
    entry = {SEED: WALK, "pooled_output": torch.ones(1, POOLED), PICTURES: [picture(vector, noise=0.2)]}
    wanted = noised(vector, 200, 0.0, 1.0).float()[None]
    torch.testing.assert_close(base_vector(entry, latent)["pooled"], wanted, rtol=1e-5, atol=1e-5)
    assert torch.equal(base_vector({**entry, PICTURES: []}, latent)["pooled"], torch.ones(1, POOLED))


def test_the_wrong_vision_encoder_is_named():
    with pytest.raises(NumericsError, match="vectors of 16 numbers, but the vision encoder gives 8"):
        told({PICTURES: [picture(*vectors(1, 8))]}, WIDTH)
