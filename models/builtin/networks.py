"""The denoiser and the text encoder: their shapes, their first values and the noise schedule."""

from __future__ import annotations

import torch
from diffusers import UNet2DConditionModel
from diffusers.models.attention_processor import Attention
from transformers import CLIPTextConfig, CLIPTextModel

CHANNELS = (64, 128, 192)
LAYERS = 1
TEXT_WIDTH = 256
TEXT_LAYERS = 3
POSITIONS = 77
TIMESTEPS = 1000


class PlainAttention:
    """Attention as three products: for at most 77 keys this takes a third of the fused kernel's time on a CPU."""

    def __call__(
        self,
        attn: Attention,
        hidden_states: torch.Tensor,
        encoder_hidden_states: torch.Tensor | None = None,
        **_: object,
    ) -> torch.Tensor:
        """Computes what the usual processor computes, for layers without masks and norms."""
        context = hidden_states if encoder_hidden_states is None else encoder_hidden_states
        heads = attn.heads
        query = attn.to_q(hidden_states).unflatten(-1, (heads, -1)).transpose(1, 2)
        key = attn.to_k(context).unflatten(-1, (heads, -1)).permute(0, 2, 3, 1)
        value = attn.to_v(context).unflatten(-1, (heads, -1)).transpose(1, 2)
        weights = ((query * attn.scale) @ key).softmax(-1).to(value.dtype)
        return attn.to_out[0]((weights @ value).transpose(1, 2).flatten(2))


def build_unet() -> UNet2DConditionModel:
    """Makes the denoiser with first values that already pass the noise through."""
    unet = UNet2DConditionModel(
        sample_size=16,
        block_out_channels=CHANNELS,
        layers_per_block=LAYERS,
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"),
        cross_attention_dim=TEXT_WIDTH,
        attention_head_dim=8,  # the number of heads, in spite of its name
        norm_num_groups=min(32, CHANNELS[0] // 4),
    )
    _pass_input_through(unet)
    _quiet_branches(unet)
    unet.set_attn_processor(PlainAttention())
    return unet


@torch.no_grad()
def _pass_input_through(unet: UNet2DConditionModel) -> None:
    """Makes the untrained network answer with its (normalised) input.

    At high noise the input nearly is the noise, and a prediction of x0 multiplies every error of the copy by sigma, so
    learning to copy precisely would take most of a short training. Channels 0 to 3 carry x and 4 to 7 carry -x; since
    silu(x) - silu(-x) = x, the last activation leaves the copy linear.
    """
    centre = torch.zeros_like(unet.conv_in.weight[:8])
    for channel in range(4):
        centre[channel, channel, 1, 1], centre[4 + channel, channel, 1, 1] = 1.0, -1.0
    unet.conv_in.weight[:8], unet.conv_in.bias[:8] = centre, 0.0
    last = unet.up_blocks[-1].resnets[-1]
    skip = last.conv_shortcut.weight
    skip[:8] = 0
    for channel in range(8):  # the second half of this layer's input is the output of conv_in
        skip[channel, skip.shape[1] - CHANNELS[0] + channel] = 1.0
    last.conv_shortcut.bias[:8] = 0
    last.conv2.weight[:8], last.conv2.bias[:8] = 0, 0
    unet.conv_out.weight *= 0.1
    unet.conv_out.bias.zero_()
    unet.conv_out.weight[:, :8] = 0
    for channel in range(4):
        unet.conv_out.weight[channel, channel, 1, 1], unet.conv_out.weight[channel, 4 + channel, 1, 1] = 1.0, -1.0


@torch.no_grad()
def _quiet_branches(unet: UNet2DConditionModel) -> None:
    """Starts residual branches small, which lets a high learning rate work from the first step."""
    for name, parameter in unet.named_parameters():
        if name.endswith(("conv2.weight", "to_out.0.weight", "ff.net.2.weight", "proj_out.weight")):
            parameter *= 0.3


def build_text(rows: int) -> CLIPTextModel:
    """Makes the text encoder with a token table of `rows` rows."""
    model = CLIPTextModel(
        CLIPTextConfig(
            vocab_size=rows,
            hidden_size=TEXT_WIDTH,
            intermediate_size=4 * TEXT_WIDTH,
            num_hidden_layers=TEXT_LAYERS,
            num_attention_heads=TEXT_WIDTH // 64,
            max_position_embeddings=POSITIONS,
            hidden_act="quick_gelu",
            bos_token_id=0,
            eos_token_id=1,
        )
    )
    model.set_attn_implementation("eager")  # the faster one for short sequences on a CPU
    return model


def signal_shares() -> torch.Tensor:
    """Cumulative products of alpha of Stable Diffusion 1's schedule (scaled linear, 0.00085 to 0.012)."""
    betas = torch.linspace(0.00085**0.5, 0.012**0.5, TIMESTEPS, dtype=torch.float64).square()
    return torch.cumprod(1 - betas, 0).float()
