"""Networks whose edges meet: a picture that is moved round comes out moved round."""

import copy

import pytest
import torch
from torch import nn
from torch.nn import functional

from limner.models.patches.patch import stepped_into, with_patch
from limner.models.seamless import Edges, SeamlessAutoencoder, continued, twin

DRAW = torch.Generator().manual_seed(3)
BOTH = Edges()


def told(edges):
    return {"network_patches": (edges,)}


def rolled(x, rows=0, columns=0):
    return x.roll((rows, columns), (-2, -1))


@pytest.mark.parametrize(
    "layer",
    [
        nn.Conv2d(2, 3, 3, padding=1),
        nn.Conv2d(2, 3, 3, padding=2, dilation=2),
        nn.Conv2d(2, 3, (3, 5), padding=(1, 2), bias=False),
        nn.Conv2d(2, 3, 3, stride=2, padding=1),
        nn.Conv2d(2, 3, 4, stride=4, padding=3),
        nn.Conv2d(2, 3, 3),
    ],
)
@torch.no_grad()
def test_convolutions_see_the_opposite_edge(layer):
    x = torch.randn(2, 2, 12, 8, generator=DRAW)
    height, width = (padding for padding in layer.padding)
    padded = functional.pad(x, (width, width, height, height), mode="circular")
    expected = functional.conv2d(padded, layer.weight, layer.bias, layer.stride, 0, layer.dilation)
    network = nn.Sequential(layer)
    with stepped_into(network, told(BOTH)):
        torch.testing.assert_close(network(x), expected)
    torch.testing.assert_close(twin(network, BOTH)(x), expected)
    assert torch.equal(network(x), layer(x))


@torch.no_grad()
def test_one_direction_leaves_the_other():
    layer, x = nn.Conv2d(1, 1, 3, padding=1), torch.randn(1, 1, 6, 6, generator=DRAW)
    expected = functional.conv2d(
        functional.pad(functional.pad(x, (1, 1, 0, 0), "circular"), (0, 0, 1, 1)), layer.weight
    )
    found = twin(nn.Sequential(layer), Edges(x=True, y=False))(x) - layer.bias.reshape(1, 1, 1, 1)
    torch.testing.assert_close(found, expected)


def test_nothing_is_wider_than_the_picture():
    assert continued(torch.arange(2), 0, 3, 3).tolist() == [1, 0, 1, 0, 1, 0, 1, 0]


def test_a_model_draws_round_and_stays_as_it_was(tiny, library):
    text = tiny.clip.encode("a wall")[0][0]
    x = torch.randn(1, 4, 16, 16, generator=DRAW)

    def predicted(model, x):
        return model.predict(x, torch.tensor([500.0]), {"context": text})

    plain, around = predicted(tiny.model, x), with_patch(tiny.model, BOTH)
    moved = rolled(predicted(around, rolled(x, 8, 8)), -8, -8)
    torch.testing.assert_close(predicted(around, x), moved, rtol=1e-3, atol=1e-4)
    assert not torch.allclose(predicted(around, x), plain, atol=1e-3)
    assert torch.equal(predicted(tiny.model, x), plain)
    assert around.key == with_patch(tiny.model, Edges()).key
    assert around.key not in (tiny.model.key, with_patch(tiny.model, Edges(y=False)).key)


def test_an_autoencoder_decodes_and_encodes_round(tiny):
    around = SeamlessAutoencoder.of(tiny.vae, BOTH)
    latents, pixels = torch.randn(1, 4, 8, 8, generator=DRAW), torch.rand(1, 64, 64, 3, generator=DRAW)
    moved = around.decode(rolled(latents, 3, 5)).roll((-24, -40), (1, 2))
    torch.testing.assert_close(around.decode(latents), moved, rtol=1e-3, atol=1e-4)
    assert not torch.allclose(around.decode(latents), tiny.vae.decode(latents), atol=1e-3)
    shifted = rolled(around.encode(pixels.roll((16, 24), (1, 2))), -2, -3)
    torch.testing.assert_close(around.encode(pixels), shifted, rtol=1e-3, atol=1e-4)
    assert not torch.allclose(around.encode(pixels), tiny.vae.encode(pixels), atol=1e-3)


def test_tiles_go_round_as_well(tiny):
    around = SeamlessAutoencoder.of(tiny.vae, Edges(y=False))
    latents, pixels = torch.randn(1, 4, 6, 8, generator=DRAW), torch.rand(1, 52, 64, 3, generator=DRAW)
    assert around.decode_tiled(latents, tile=64, overlap=16).shape == (1, 48, 64, 3)
    assert around.encode_tiled(pixels, tile=64, overlap=16).shape == (1, 4, 6, 8)
    edge = SeamlessAutoencoder.of(tiny.vae, BOTH).decode_tiled(latents, tile=512)
    assert (edge[:, :, 0] - edge[:, :, -1]).abs().mean() < (edge[:, :, 0] - edge[:, :, 32]).abs().mean()


def test_a_twin_shares_its_weights():
    network = nn.Sequential(nn.Conv2d(1, 1, 3, padding=1), nn.Linear(4, 4))
    made = twin(network, BOTH)
    assert made[0].weight is network[0].weight
    assert made[0] is not network[0]
    before = copy.deepcopy(network.state_dict())
    made(torch.ones(1, 1, 4, 4))
    assert all(torch.equal(value, before[name]) for name, value in network.state_dict().items())
