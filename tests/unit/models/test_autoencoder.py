import torch


def test_shapes_and_range(tiny):
    pixels = torch.rand(2, 32, 48, 4)
    latents = tiny.vae.encode(pixels)
    assert latents.shape == (2, 4, 4, 6)
    pictures = tiny.vae.decode(latents)
    assert pictures.shape == (2, 32, 48, 3)
    assert pictures.dtype is torch.float32
    assert 0 <= pictures.min() <= pictures.max() <= 1


def test_encoding_draws_nothing_at_random_and_ignores_neighbours(tiny):
    pixels = torch.rand(2, 16, 16, 3)
    both = tiny.vae.encode(pixels)
    assert torch.equal(both[1:], tiny.vae.encode(pixels[1:]))
    assert torch.equal(tiny.vae.decode(both)[:1], tiny.vae.decode(both[:1]))


def test_the_middle_is_taken_of_odd_sizes(tiny):
    pixels = torch.rand(1, 21, 30, 3)
    assert torch.equal(tiny.vae.encode(pixels), tiny.vae.encode(pixels[:, 2:18, 3:27]))


def test_tiles(tiny):
    latents = torch.randn(2, 4, 12, 10)
    whole, tiles = tiny.vae.decode(latents), tiny.vae.decode_tiled(latents, tile=64, overlap=32)
    assert tiles.shape == whole.shape
    one_tile = tiny.vae.decode_tiled(latents, tile=512)
    torch.testing.assert_close(one_tile, whole, rtol=1e-4, atol=1e-5)
    pixels = torch.rand(1, 96, 80, 3)
    assert tiny.vae.encode_tiled(pixels, tile=64, overlap=16).shape == (1, 4, 12, 10)
    torch.testing.assert_close(tiny.vae.encode_tiled(pixels), tiny.vae.encode(pixels), rtol=1e-4, atol=1e-4)
