"""Noise between seeds, and of other sizes."""

import pytest
import torch

from limner.nodes.noise_variation import between, in_the_middle, variation_noise
from limner.sampling.noise import initial_noise

LATENT = {"samples": torch.zeros(3, 4, 8, 12)}
ONE = LATENT["samples"][:1]


def drawn(seed, like=ONE):
    return initial_noise(like, seed)


def test_each_picture_has_the_noise_that_it_would_have_alone():
    noise = variation_noise(seed=5).generate_noise(LATENT)
    assert torch.equal(noise, torch.cat([drawn(5), drawn(6), drawn(7)]))
    apart = variation_noise(seed=5).generate_noise({**LATENT, "samples": ONE, "batch_index": [2]})
    assert torch.equal(apart, drawn(7))
    assert torch.equal(variation_noise(seed=2**64 - 1).generate_noise(LATENT)[1:2], drawn(0))


def test_a_strength_turns_the_noise_towards_that_of_the_other_seed():
    noise = variation_noise(seed=5, subseed=9, strength=0.3).generate_noise(LATENT)
    assert torch.equal(noise[1:2], between(drawn(5), drawn(10), 0.3))
    assert torch.equal(variation_noise(seed=5, subseed=9, strength=1.0).generate_noise(LATENT)[:1], drawn(9))
    assert abs(noise.std().item() - 1.0) < 0.1


def test_the_way_between_noises_is_an_arc():
    first, second = torch.tensor([[1.0, 0.0]]), torch.tensor([[0.0, 1.0]])
    torch.testing.assert_close(between(first, second, 0.5), torch.tensor([[0.5**0.5, 0.5**0.5]]))
    torch.testing.assert_close(between(first, second, 1 / 3), torch.tensor([[0.75**0.5, 0.5]]))


@pytest.mark.parametrize(("width", "height"), [(64, 48), (128, 96), (96, 128)])
def test_noise_of_another_size_lies_in_the_middle(width, height):
    noise = variation_noise(seed=3, resize_from_width=width, resize_from_height=height).generate_noise(LATENT)[:1]
    other = drawn(3, torch.zeros(1, 4, height // 8, width // 8))
    assert torch.equal(noise, in_the_middle(other, drawn(3)))
    assert torch.equal(noise[..., 4, 6], other[..., height // 16, width // 16])


def test_the_middle_of_small_and_large():
    outer, inner = torch.zeros(1, 4, 5), torch.arange(6.0).reshape(1, 2, 3)
    expected = torch.nn.functional.pad(inner, (1, 1, 1, 1))
    assert torch.equal(in_the_middle(inner, outer), expected)
    assert torch.equal(in_the_middle(outer + 1, inner), torch.ones(1, 2, 3))


def test_videos_have_such_noise_too():
    latent = {"samples": torch.zeros(1, 4, 3, 8, 8)}
    noise = variation_noise(seed=1, subseed=2, strength=0.5, resize_from_width=32, resize_from_height=32)
    assert noise.generate_noise(latent).shape == (1, 4, 3, 8, 8)


def test_what_is_drawn_on_the_way_may_have_another_seed():
    noise = variation_noise(seed=5, walk_seed_offset=31337)
    assert noise.seed == 5 + 31337
    assert torch.equal(noise.generate_noise(LATENT)[:1], drawn(5))
