"""A small Euler sampler with classifier-free guidance, for previews while training and for the benchmark."""

from __future__ import annotations

import dataclasses
import pathlib

import autoencoder
import export
import networks
import numpy as np
import torch
from diffusers import AutoencoderKL, UNet2DConditionModel
from tokens import Tokenizer
from transformers import CLIPTextModel


@dataclasses.dataclass
class Pipeline:
    """The three networks, the tokenizer and the rows of its tokens."""

    unet: UNet2DConditionModel
    text: CLIPTextModel
    autoencoder: AutoencoderKL
    tokenizer: Tokenizer
    rows: np.ndarray
    device: str = "cpu"

    @classmethod
    def load(cls, path: pathlib.Path, merges: pathlib.Path, device: str = "cpu") -> Pipeline:
        """Loads the single-file model.

        Args:
            path: The safetensors file in Stable Diffusion 1's layout.
            merges: CLIP's merges, see `tokens.py`.
            device: Where to run.
        """
        state = export.read(path)
        rows = state["rows"]["rows"].numpy()
        unet, model = networks.build_unet(), autoencoder.build()
        text = networks.build_text(len(state["text"]["embeddings.token_embedding.weight"]))
        unet.load_state_dict(state["unet"])
        model.load_state_dict(state["autoencoder"])
        text.load_state_dict(state["text"])
        parts = [part.to(device).eval() for part in (unet, text, model)]
        return cls(*parts, Tokenizer(merges), rows, device)

    def encode(self, prompts: list[str]) -> torch.Tensor:
        """Context of each prompt: [prompts, 77, width]."""
        numbers = np.stack([self.rows[self.tokenizer(prompt)] for prompt in prompts])
        return self.text(torch.from_numpy(numbers).long().to(self.device)).last_hidden_state


def karras(steps: int, high: float, low: float = 0.03, bend: float = 7.0) -> torch.Tensor:
    """Noise levels from high to low and a final zero, spaced as by Karras and others."""
    ramp = torch.linspace(0, 1, steps)
    levels = (high ** (1 / bend) + ramp * (low ** (1 / bend) - high ** (1 / bend))) ** bend
    return torch.cat([levels, torch.zeros(1)])


@torch.inference_mode()
def sample(
    pipe: Pipeline, prompts: list[str], seeds: list[int], steps: int = 20, guidance: float = 3.0, side: int = 128
) -> np.ndarray:
    """Generates one picture for each prompt.

    Args:
        pipe: The model.
        prompts: What to draw.
        seeds: One for each prompt.
        steps: Euler steps over Karras's noise levels.
        guidance: Scale of classifier-free guidance against the empty prompt.
        side: Side of the pictures in pixels.

    Returns:
        uint8 [prompts, side, side, 3].
    """
    shares = networks.signal_shares()
    known = ((1 - shares) / shares).sqrt()
    levels = karras(steps, float(known[-1]))
    shape = (1, 4, side // 8, side // 8)
    noise = torch.cat([torch.randn(shape, generator=torch.Generator().manual_seed(seed)) for seed in seeds]).to(
        pipe.device
    )
    x = noise * (1 + levels[0] ** 2).sqrt()
    context = torch.cat([pipe.encode(prompts), pipe.encode([""]).expand(len(prompts), -1, -1)])
    times = torch.from_numpy(np.interp(levels[:-1].log().numpy(), known.log().numpy(), np.arange(networks.TIMESTEPS)))
    for level, following, time in zip(levels, levels[1:], times, strict=False):
        scaled = (x / (1 + level**2).sqrt()).repeat(2, 1, 1, 1)
        wanted, plain = pipe.unet(scaled, time.float().to(pipe.device), context).sample.chunk(2)
        x = x + (plain + guidance * (wanted - plain)) * (following - level)
    return autoencoder.to_pictures(pipe.autoencoder.decode(x / autoencoder.LATENT_SCALE).sample)
