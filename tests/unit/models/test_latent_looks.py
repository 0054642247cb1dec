"""Previews of families without colours of their own are measured with the autoencoders that are there."""

from dataclasses import dataclass, field
from types import SimpleNamespace

import pytest
import torch
from tests.models.families import ltxv
from tests.models.families.case import Bench
from torch.nn.functional import avg_pool2d

from limner.graph.errors import ModelFileError
from limner.models.latent_looks import LatentLooks
from limner.sampling.denoiser import LatentFormat

COLOUR = torch.tensor([0.8, 0.2, 0.4])


@dataclass
class Mixing:
    """An autoencoder whose latents are exactly linear in colours; later elements of its videos are lighter."""

    name: str = "mixing"
    channels: int = 16
    downscale: int = 8
    frames: int = 0
    scale: float = 1.0
    asked: int = 0
    broken: bool = False
    mix: torch.Tensor = field(init=False)

    def __post_init__(self):
        self.mix = torch.randn(self.channels, 3, generator=torch.Generator().manual_seed(1)) * self.scale
        self.network = SimpleNamespace(key=self.name, what=self.name)
        self.kind = SimpleNamespace(frames=self.frames)

    def encode(self, pixels):
        self.asked += 1
        if self.broken:
            raise ModelFileError("It is cut off.")
        assert len(pixels) == 1 + self.frames
        means = avg_pool2d(pixels[:1].movedim(-1, 1) * 2 - 1, self.downscale)
        first = torch.einsum("lc,bchw->blhw", self.mix, means)
        return torch.stack([first, first], dim=2) if self.frames else first


def looks(*autoencoders, further=()):
    made = LatentLooks(lambda: further)
    for autoencoder in autoencoders:
        made.know(autoencoder)
    return made


def colour(latent_format, autoencoder):
    """What a latent of one colour looks like."""
    side = autoencoder.downscale
    latent = latent_format.to_model(autoencoder.encode(COLOUR.expand(1 + autoencoder.frames, side, side, 3)))
    seen = latent.flatten(2)[0, :, -1] @ torch.tensor(latent_format.rgb) + torch.tensor(latent_format.rgb_bias)
    return (seen + 1) / 2


@pytest.mark.parametrize("frames", [0, 4])
@pytest.mark.parametrize("channels", [16, 48, 128])
def test_colours_of_stills_and_of_videos_are_found(frames, channels):
    autoencoder, plain = Mixing(channels=channels, frames=frames), LatentFormat(channels, scale=0.5, frames=frames)
    found = looks(autoencoder).of(plain)
    torch.testing.assert_close(colour(found, autoencoder), COLOUR, atol=0.02, rtol=0)


def test_each_is_asked_once():
    autoencoder, plain = Mixing(), LatentFormat(16, scale=1.0)
    known = looks(autoencoder)
    first = known.of(plain)
    asked = autoencoder.asked
    assert known.of(plain) == first
    assert autoencoder.asked == asked


def test_of_one_shape_the_one_is_taken_whose_latents_the_network_expects():
    loud, fitting = Mixing("loud", scale=8.0), Mixing("fitting", scale=1.7)
    found = looks(loud, fitting).of(LatentFormat(16, scale=0.5))
    torch.testing.assert_close(colour(found, fitting), COLOUR, atol=0.02, rtol=0)


def test_the_one_that_came_with_the_network_is_taken():
    own = Mixing("own", scale=8.0)
    found = looks(Mixing("fitting")).of(LatentFormat(16, scale=1.0), own)
    torch.testing.assert_close(colour(found, own), COLOUR, atol=0.02, rtol=0)


@pytest.mark.parametrize("other", [{"channels": 4}, {"downscale": 16}, {"frames": 8}, {"broken": True}])
def test_without_an_autoencoder_that_fits_there_are_no_colours(other):
    autoencoder = Mixing(**({"frames": 4} | other))
    assert looks(autoencoder).of(LatentFormat(16, frames=4)).rgb == ()


def test_others_are_looked_for_once():
    further = iter([Mixing()])
    known = LatentLooks(lambda: further)
    assert len(known.of(LatentFormat(16)).rgb) == 16
    assert known.of(LatentFormat(48)).rgb == ()


def test_a_format_is_measured_when_it_is_to_be_seen():
    measured = LatentFormat(1, rgb=((1.0, 1.0, 1.0),))
    assert LatentFormat(1, measure=lambda: measured).seen() is measured
    assert measured.seen() is measured
    assert LatentFormat(1).seen() == LatentFormat(1)


def test_a_network_finds_the_autoencoder_in_its_folder(tmp_path):
    bench = Bench(ltxv.TEXT_TO_VIDEO, tmp_path)
    model = bench.load("original")
    assert model.latent_format.rgb == ()
    bench.write("vae", "tiny", ltxv.autoencoder().state_dict())
    assert len(model.latent_format.seen().rgb) == 128
