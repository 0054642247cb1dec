"""Loads the exported file as a loader would that knows only names and shapes, and compares with the training networks.

    python validate.py

The names are mapped by diffusers' own converters for Stable Diffusion 1, the networks are plain diffusers and
transformers classes, and every width and depth is read from the tensors.
"""

from __future__ import annotations

import argparse
import pathlib
import re

import sample
import torch
from diffusers import AutoencoderKL, UNet2DConditionModel
from diffusers.loaders.single_file_utils import convert_ldm_unet_checkpoint, convert_ldm_vae_checkpoint
from safetensors.torch import load_file
from transformers import CLIPTextConfig, CLIPTextModel

TEXT = "cond_stage_model.transformer.text_model."
TABLE = TEXT + "embeddings.token_embedding."
State = dict[str, torch.Tensor]


def _numbers(state: State, pattern: str) -> list[int]:
    return sorted({int(found[1]) for name in state if (found := re.match(pattern, name))})


def load_unet(state: State) -> UNet2DConditionModel:
    """Builds the denoiser from the tensors' names and shapes."""
    start = "model.diffusion_model."
    widths = [state[start + "input_blocks.0.0.weight"].shape[0]]
    attended, layers, level, resnets = [False], 0, 0, 0
    for block in _numbers(state, re.escape(start) + r"input_blocks\.(\d+)\.")[1:]:
        name = f"{start}input_blocks.{block}."
        if f"{name}0.op.weight" in state:
            layers, level, resnets = resnets, level + 1, 0
            widths.append(0)
            attended.append(False)
            continue
        resnets += 1
        widths[level] = state[f"{name}0.out_layers.3.weight"].shape[0]
        attended[level] |= f"{name}1.transformer_blocks.0.attn2.to_k.weight" in state
    width = next(value.shape[1] for name, value in state.items() if name.endswith("attn2.to_k.weight"))
    model = UNet2DConditionModel(
        block_out_channels=widths,
        layers_per_block=layers,
        down_block_types=["CrossAttnDownBlock2D" if has else "DownBlock2D" for has in attended],
        up_block_types=["CrossAttnUpBlock2D" if has else "UpBlock2D" for has in reversed(attended)],
        cross_attention_dim=width,
        attention_head_dim=8,
        norm_num_groups=min(32, widths[0] // 4),
    )
    model.load_state_dict(
        convert_ldm_unet_checkpoint(
            dict(state), {**model.config, "class_embed_type": None, "addition_embed_type": None}
        )
    )
    return model


def load_autoencoder(state: State) -> AutoencoderKL:
    """Builds the autoencoder from the tensors' names and shapes."""
    start = "first_stage_model.encoder.down."
    levels = _numbers(state, re.escape(start) + r"(\d+)\.")
    widths = [state[f"{start}{level}.block.0.conv2.weight"].shape[0] for level in levels]
    model = AutoencoderKL(
        down_block_types=["DownEncoderBlock2D"] * len(levels),
        up_block_types=["UpDecoderBlock2D"] * len(levels),
        block_out_channels=widths,
        layers_per_block=len(_numbers(state, re.escape(start) + r"0\.block\.(\d+)\.")),
        norm_num_groups=min(32, widths[0] // 4),
    )
    model.load_state_dict(convert_ldm_vae_checkpoint(dict(state), model.config))
    return model


def load_text(state: State) -> CLIPTextModel:
    """Builds the text encoder with the full vocabulary: the small table is spread over all tokens."""
    table = state[TABLE + "weight"][state[TABLE + "rows"].long()]
    width = table.shape[1]
    config = CLIPTextConfig(
        vocab_size=len(table),
        hidden_size=width,
        intermediate_size=state[TEXT + "encoder.layers.0.mlp.fc1.weight"].shape[0],
        num_hidden_layers=len(_numbers(state, re.escape(TEXT) + r"encoder\.layers\.(\d+)\.")),
        num_attention_heads=width // 64,
        hidden_act="quick_gelu",
    )
    model = CLIPTextModel(config)
    own = {
        name.removeprefix(TEXT): value
        for name, value in state.items()
        if name.startswith(TEXT) and not name.startswith(TABLE)
    }
    prefix = "text_model." if next(iter(model.state_dict())).startswith("text_model.") else ""
    own["embeddings.token_embedding.weight"] = table
    model.load_state_dict({prefix + name: value for name, value in own.items()})
    return model


@torch.inference_mode()
def main() -> None:
    """Compares the outputs of both ways to load."""
    here = pathlib.Path(__file__).parent
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--file", type=pathlib.Path, default=here / "limner-mini.safetensors")
    parser.add_argument("--merges", type=pathlib.Path, default=here / "state" / "bpe_simple_vocab_16e6.txt.gz")
    arguments = parser.parse_args()
    state = {
        name: value.float() if value.is_floating_point() else value for name, value in load_file(arguments.file).items()
    }
    unet, model, text = load_unet(state).eval(), load_autoencoder(state).eval(), load_text(state).eval()
    pipe = sample.Pipeline.load(arguments.file, arguments.merges)
    numbers = torch.from_numpy(pipe.tokenizer("a red apple on a blue background")).long()[None]
    context, x = text(numbers).last_hidden_state, torch.randn(1, 4, 16, 16)
    time = torch.tensor(500)
    pairs = {
        "text": (context, pipe.encode(["a red apple on a blue background"])),
        "unet": (unet(x, time, context).sample, pipe.unet(x, time, context).sample),
        "decoder": (model.decode(x).sample, pipe.autoencoder.decode(x).sample),
        "encoder": (
            model.encode(torch.ones(1, 3, 128, 128)).latent_dist.mode(),
            pipe.autoencoder.encode(torch.ones(1, 3, 128, 128)).latent_dist.mode(),
        ),
    }
    for name, (ours, theirs) in pairs.items():
        difference = (ours - theirs).abs().max().item()
        print(f"{name}: largest difference {difference:.2e}")
        if difference > 1e-3:
            raise SystemExit(f"{name} does not load the same")
    print(f"{arguments.file.stat().st_size / 1e6:.1f} MB, {len(state)} tensors")


if __name__ == "__main__":
    main()
