"""Names of tensors: from diffusers' and transformers' networks to Stable Diffusion 1's single-file layout."""

from __future__ import annotations

import re

import torch

UNET_PREFIX = "model.diffusion_model."
AUTOENCODER_PREFIX = "first_stage_model."
TEXT_PREFIX = "cond_stage_model.transformer.text_model."
ROWS_NAME = TEXT_PREFIX + "embeddings.token_embedding.rows"

_UNET_RESNET = {
    "norm1": "in_layers.0",
    "conv1": "in_layers.2",
    "time_emb_proj": "emb_layers.1",
    "norm2": "out_layers.0",
    "conv2": "out_layers.3",
    "conv_shortcut": "skip_connection",
}
_UNET_TOP = {
    "time_embedding.linear_1": "time_embed.0",
    "time_embedding.linear_2": "time_embed.2",
    "conv_in": "input_blocks.0.0",
    "conv_norm_out": "out.0",
    "conv_out": "out.2",
}
_AUTOENCODER_ATTENTION = {"group_norm": "norm", "to_q": "q", "to_k": "k", "to_v": "v", "to_out.0": "proj_out"}


def _unet_resnet(rest: str) -> str:
    part, _, leaf = rest.rpartition(".")
    return f"{_UNET_RESNET[part]}.{leaf}"


def _unet_block(side: str, level: int, kind: str, position: int, rest: str, layers: int, attended: bool) -> str:
    """Name of a tensor of the down or up path."""
    width = layers + 1
    block = (
        f"input_blocks.{1 + level * width + position}"
        if side == "down"
        else f"output_blocks.{level * width + position}"
    )
    if kind == "resnets":
        return f"{block}.0.{_unet_resnet(rest)}"
    if kind == "attentions":
        return f"{block}.1.{rest}"
    if kind == "downsamplers":
        return f"input_blocks.{(level + 1) * width}.0.op.{rest.removeprefix('conv.')}"
    return f"output_blocks.{level * width + layers}.{2 if attended else 1}.{rest}"


def unet_names(names: list[str], layers: int) -> dict[str, str]:
    """Maps the names of a UNet2DConditionModel's tensors to the original ones.

    Args:
        names: All tensor names of the network.
        layers: Residual layers per block of the down path.

    Returns:
        Original name, without prefix, of each name.
    """
    attended = {int(found[1]) for name in names if (found := re.match(r"up_blocks\.(\d+)\.attentions", name))}
    result = {}
    for name in names:
        if found := re.match(r"(down|up)_blocks\.(\d+)\.(\w+)\.(\d+)\.(.+)", name):
            side, level, kind, position, rest = found.groups()
            result[name] = _unet_block(side, int(level), kind, int(position), rest, layers, int(level) in attended)
        elif found := re.match(r"mid_block\.resnets\.(\d)\.(.+)", name):
            result[name] = f"middle_block.{2 * int(found[1])}.{_unet_resnet(found[2])}"
        elif found := re.match(r"mid_block\.attentions\.0\.(.+)", name):
            result[name] = f"middle_block.1.{found[1]}"
        else:
            part, _, leaf = name.rpartition(".")
            result[name] = f"{_UNET_TOP[part]}.{leaf}"
    return result


def autoencoder_names(names: list[str]) -> dict[str, str]:
    """Maps the names of an AutoencoderKL's tensors to the original ones, without prefix."""
    levels = 1 + max(int(found[1]) for name in names if (found := re.search(r"up_blocks\.(\d+)", name)))
    result = {}
    for name in names:
        new = name.replace("conv_shortcut", "nin_shortcut").replace("conv_norm_out", "norm_out")
        new = re.sub(r"down_blocks\.(\d+)\.resnets", r"down.\1.block", new)
        new = re.sub(r"down_blocks\.(\d+)\.downsamplers\.0", r"down.\1.downsample", new)
        new = re.sub(r"up_blocks\.(\d+)\.resnets", lambda found: f"up.{levels - 1 - int(found[1])}.block", new)
        new = re.sub(r"up_blocks\.(\d+)\.upsamplers\.0", lambda found: f"up.{levels - 1 - int(found[1])}.upsample", new)
        new = re.sub(r"mid_block\.resnets\.(\d)", lambda found: f"mid.block_{int(found[1]) + 1}", new)
        if found := re.match(r"(\w+)\.mid_block\.attentions\.0\.(.+)\.(weight|bias)", new):
            new = f"{found[1]}.mid.attn_1.{_AUTOENCODER_ATTENTION[found[2]]}.{found[3]}"
        result[name] = new
    return result


def _to_original(name: str, tensor: torch.Tensor) -> torch.Tensor:
    """The original autoencoder's attention layers are 1x1 convolutions."""
    if ".mid.attn_1." in name and tensor.ndim == 2:
        return tensor[:, :, None, None]
    return tensor


def pack(
    unet: dict[str, torch.Tensor], layers: int, autoencoder: dict[str, torch.Tensor], text: dict[str, torch.Tensor]
) -> dict[str, torch.Tensor]:
    """Joins the three networks' tensors into one original single-file state."""
    state = {UNET_PREFIX + new: unet[old] for old, new in unet_names(list(unet), layers).items()}
    for old, new in autoencoder_names(list(autoencoder)).items():
        state[AUTOENCODER_PREFIX + new] = _to_original(new, autoencoder[old])
    for name, tensor in text.items():
        if not name.endswith("position_ids"):
            state[TEXT_PREFIX + name.removeprefix("text_model.")] = tensor
    return state


def unpack_unet(state: dict[str, torch.Tensor], names: list[str], layers: int) -> dict[str, torch.Tensor]:
    """Takes a UNet's tensors, under diffusers' names, from an original single-file state."""
    return {old: state[UNET_PREFIX + new] for old, new in unet_names(names, layers).items()}


def unpack_autoencoder(state: dict[str, torch.Tensor], like: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """Takes an autoencoder's tensors, under diffusers' names and shapes, from an original single-file state."""
    found = autoencoder_names(list(like))
    return {old: state[AUTOENCODER_PREFIX + new].reshape(like[old].shape) for old, new in found.items()}


def unpack_text(state: dict[str, torch.Tensor], names: list[str]) -> dict[str, torch.Tensor]:
    """Takes a text encoder's tensors from an original single-file state."""
    return {name: state[TEXT_PREFIX + name.removeprefix("text_model.")] for name in names}
