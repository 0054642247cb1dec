import torch

from limner.models.latent_fit import fitted_format
from limner.sampling.denoiser import LatentFormat


class Mixing:
    """An autoencoder whose latents are exactly linear in colours: means of patches, mixed."""

    downscale = 8
    mix = torch.tensor([[1.0, 0.5, 0.0], [0.0, 1.0, -1.0], [0.3, 0.3, 0.3], [0.0, 0.0, 2.0]])

    def encode(self, pixels):
        means = torch.nn.functional.avg_pool2d(pixels.movedim(-1, 1) * 2 - 1, 8)
        return torch.einsum("lc,bchw->blhw", self.mix, means) * 4 + 1


def test_finds_a_linear_map_again():
    autoencoder, plain = Mixing(), LatentFormat(scale=0.25)
    found = fitted_format(plain, autoencoder)
    colour = torch.tensor([0.8, 0.2, 0.4])
    latent = plain.to_model(autoencoder.encode(colour.expand(1, 8, 8, 3)))[0, :, 0, 0]
    seen = latent @ torch.tensor(found.rgb) + torch.tensor(found.rgb_bias)
    torch.testing.assert_close((seen + 1) / 2, colour, atol=0.01, rtol=0)
    assert found.scale == plain.scale


def test_small_checkpoints_are_measured_when_asked(library, tiny):
    assert library.status()["entries"] == []
    assert tiny.model.latent_format.rgb != tiny.family.latent_format.rgb
    assert tiny.model.latent_format is tiny.model.latent_format
