"""``VAE``: an autoencoder as node packs call it."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from comfy_host.weights import weights_of
from limner.graph.errors import ModelFileError
from limner.models.autoencoder import Autoencoder


class FirstStage:
    """The network itself, pictures [b 3 h w] in -1..1."""

    def __init__(self, native: Autoencoder) -> None:
        self.native = native
        self.device = native.network.device

    def encode(self, x: Tensor, *_: Any, **__: Any) -> Tensor:
        """The mean of the latent distribution [b c h/8 w/8]."""
        return self.native.encode((x.movedim(1, -1) + 1.0) / 2.0)

    def decode(self, z: Tensor, *_: Any, **__: Any) -> Tensor:
        """Pictures [b 3 h w]."""
        network = self.native.network
        with torch.no_grad(), network.lease("a node pack") as module:
            return module.decode(z.to(network.device, network.dtype), return_dict=False)[0].float()

    def state_dict(self) -> dict[str, Tensor]:
        """Weights by the names of the file."""
        from comfy_host.weights import Place

        network = self.native.network
        return weights_of([network], {target: Place(0, target) for target in network.blueprint.keys})

    def __getattr__(self, name: str) -> Any:
        """Anything else is diffusers' AutoencoderKL's."""
        if name.startswith("__") or name == "native":
            raise AttributeError(name)
        with self.native.network.lease("inspection") as module:
            return getattr(module, name)


class VaePatcher:
    """What packs find as ``vae.patcher``: enough to load it and to ask where it is."""

    def __init__(self, native: Autoencoder) -> None:
        self.model = FirstStage(native)
        self.load_device, self.offload_device = native.network.device, torch.device("cpu")
        self.model_options: dict[str, Any] = {}

    def model_size(self) -> int:
        """Bytes of the weights."""
        network = self.model.native.network
        return network.elements * network.dtype.itemsize

    def clone(self) -> VaePatcher:
        """Itself: nothing can be set on it."""
        return self


class VAE:
    """An autoencoder. Latents are unscaled, pictures [b h w c] in 0..1."""

    latent_dim = 2
    output_channels = 3
    not_video = True
    extra_1d_channel = None
    crop_input = True

    def __init__(
        self, sd: Any = None, device: Any = None, config: Any = None, dtype: Any = None, metadata: Any = None
    ) -> None:
        self._take(sd if isinstance(sd, Autoencoder) else _loaded(sd))

    def _take(self, native: Autoencoder) -> None:
        self.native = native
        self.latent_channels = native.channels
        self.downscale_ratio = self.upscale_ratio = native.downscale
        self.device = native.network.device
        self.output_device = self.offload_device = torch.device("cpu")
        self.vae_dtype = native.network.dtype
        self.working_dtypes = [torch.bfloat16, torch.float32]
        self.memory_used_encode = lambda shape, dtype: 1767 * shape[2] * shape[3] * dtype.itemsize
        self.memory_used_decode = lambda shape, dtype: 2178 * shape[2] * shape[3] * 64 * dtype.itemsize
        self.process_input = lambda image: image * 2.0 - 1.0
        self.process_output = lambda image: ((image + 1.0) / 2.0).clamp(0.0, 1.0)

    def to_native(self) -> Any:
        """Ours; a pack's own kind of autoencoder as what our nodes can call."""
        changed = any(name in vars(self) for name in ("encode", "decode", "decode_tiled", "encode_tiled"))
        return self.native if type(self) is VAE and not changed else Adopted(self)

    @property
    def first_stage_model(self) -> FirstStage:
        """The network."""
        return FirstStage(self.native)

    @property
    def patcher(self) -> VaePatcher:
        """To load it."""
        return VaePatcher(self.native)

    def throw_exception_if_invalid(self) -> None:
        """Does nothing: an invalid one cannot be made."""

    def vae_encode_crop_pixels(self, pixels: Tensor) -> Tensor:
        """The middle of pictures whose sides are no multiples of the scale."""
        return self.native.crop(pixels)

    def encode(self, pixel_samples: Tensor) -> Tensor:
        """Latents [b c h/8 w/8]."""
        return self.native.encode(pixel_samples)

    def decode(self, samples_in: Tensor, vae_options: Any = None) -> Tensor:
        """Pictures."""
        return self.native.decode(samples_in)

    def encode_tiled(
        self,
        pixel_samples: Tensor,
        tile_x: int | None = None,
        tile_y: int | None = None,
        overlap: int | None = None,
        tile_t: int | None = None,
        overlap_t: int | None = None,
    ) -> Tensor:
        """Latents, in tiles. Units: pixels."""
        return self.native.encode_tiled(pixel_samples, min(tile_x or 512, tile_y or tile_x or 512), _or(overlap, 64))

    def decode_tiled(
        self,
        samples: Tensor,
        tile_x: int | None = None,
        tile_y: int | None = None,
        overlap: int | None = None,
        tile_t: int | None = None,
        overlap_t: int | None = None,
    ) -> Tensor:
        """Pictures, in tiles. Units: latent elements."""
        tile, scale = min(tile_x or 64, tile_y or tile_x or 64), self.native.downscale
        return self.native.decode_tiled(samples, tile * scale, _or(overlap, 16) * scale)

    def decode_tiled_(self, samples: Tensor, tile_x: int = 64, tile_y: int = 64, overlap: int = 16) -> Tensor:
        """Pictures [b c h w], in tiles."""
        return self.decode_tiled(samples, tile_x, tile_y, overlap).movedim(-1, 1)

    def encode_tiled_(self, pixel_samples: Tensor, tile_x: int = 512, tile_y: int = 512, overlap: int = 64) -> Tensor:
        """Latents of pictures [b c h w], in tiles."""
        return self.encode_tiled(pixel_samples.movedim(1, -1), tile_x, tile_y, overlap)

    def spacial_compression_decode(self) -> int:
        """Pixels per latent element."""
        return self.native.downscale

    spacial_compression_encode = spacial_compression_decode

    def temporal_compression_decode(self) -> None:
        """None: no frames."""

    def is_dynamic(self) -> bool:
        """False."""
        return False

    def get_sd(self) -> dict[str, Tensor]:
        """Weights by name."""
        return self.first_stage_model.state_dict()


def _or(value: int | None, default: int) -> int:
    return default if value is None else value


def _loaded(sd: Any) -> Autoencoder:
    from comfy_host import context
    from limner.models.load.model_file import ModelFile

    if not isinstance(sd, dict):
        raise ModelFileError("comfy.sd.VAE needs the tensors of an autoencoder by name (comfy.utils.load_torch_file).")
    return context.host().library.autoencoder_in(ModelFile.of(sd, "an autoencoder of a node pack"))


class Adopted:
    """A pack's own kind of autoencoder, with the calls of ours."""

    def __init__(self, vae: Any) -> None:
        self.vae = vae
        self.downscale = getattr(vae, "downscale_ratio", 8)

    def to_host(self) -> Any:
        """The pack's object."""
        return self.vae

    def encode(self, pixels: Tensor) -> Tensor:
        """Latents."""
        return self.vae.encode(pixels)

    def decode(self, latents: Tensor) -> Tensor:
        """Pictures."""
        return self.vae.decode(latents)

    def encode_tiled(self, pixels: Tensor, tile: int = 512, overlap: int = 64) -> Tensor:
        """Latents, in tiles."""
        return self.vae.encode_tiled(pixels, tile_x=tile, tile_y=tile, overlap=overlap)

    def decode_tiled(self, latents: Tensor, tile: int = 512, overlap: int = 64) -> Tensor:
        """Pictures, in tiles."""
        scale = self.downscale if isinstance(self.downscale, int) else 8
        return self.vae.decode_tiled(latents, tile_x=tile // scale, tile_y=tile // scale, overlap=overlap // scale)
