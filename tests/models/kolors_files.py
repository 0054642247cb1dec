"""A tiny random Kolors in the layouts that people have: network, ChatGLM3 with its tokenizer, autoencoder."""

import io
import json
from pathlib import Path

import torch
from safetensors.torch import save_file
from sentencepiece import SentencePieceTrainer
from tests.models.text_files import randomise

from limner.models.parts.unet_keys import ENDS, RESIDUAL

WORKFLOW = Path(__file__).parents[1] / "golden" / "workflows" / "workflow_api112.json"
WIDTH = 64
"""Of ChatGLM3's states."""

CONTEXT = 32


def unet():
    """The network: SDXL's shape with narrow levels, behind a layer that takes ChatGLM3's states."""
    from diffusers import UNet2DConditionModel

    network = UNet2DConditionModel(
        block_out_channels=(64, 64, 64),
        layers_per_block=1,
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"),
        transformer_layers_per_block=(1, 1, 1),
        attention_head_dim=(1, 1, 1),
        cross_attention_dim=CONTEXT,
        use_linear_projection=True,
        norm_num_groups=16,
        addition_embed_type="text_time",
        addition_time_embed_dim=256,
        projection_class_embeddings_input_dim=WIDTH + 6 * 256,
        encoder_hid_dim=WIDTH,
        encoder_hid_dim_type="text_proj",
    )
    return calm(network)


def calm(network):
    """A network with weights that keep what goes through it of one size."""
    generator = torch.Generator().manual_seed(3)
    with torch.no_grad():
        for name, parameter in network.named_parameters():
            if parameter.ndim > 1:
                parameter.normal_(0.0, 0.7 / parameter[0].numel() ** 0.5, generator=generator)
            else:
                parameter.normal_(1.0 if name.endswith("weight") else 0.0, 0.05, generator=generator)
    return network.eval()


def language_model():
    """ChatGLM3's network of diffusers."""
    from diffusers.pipelines.kolors.text_encoder import ChatGLMConfig, ChatGLMModel

    configuration = ChatGLMConfig(
        num_layers=3,
        padded_vocab_size=420,
        hidden_size=WIDTH,
        ffn_hidden_size=96,
        kv_channels=128,
        num_attention_heads=2,
        multi_query_attention=True,
        multi_query_group_num=1,
        add_qkv_bias=True,
        original_rope=True,
    )
    return randomise(ChatGLMModel(configuration, empty_init=False))


def tokenizer():
    """A SentencePiece model over the workflow's own prompts, that falls back to bytes."""
    nodes = json.loads(WORKFLOW.read_text("utf-8")).values()
    texts = [node["inputs"]["text"] for node in nodes if "text" in node["inputs"]]
    written = io.BytesIO()
    SentencePieceTrainer.train(
        sentence_iterator=iter([*texts, "a red apple on a table"] * 4),
        model_writer=written,
        vocab_size=360,
        model_type="bpe",
        byte_fallback=True,
        character_coverage=1.0,
        minloglevel=2,
        hard_vocab_limit=False,
    )
    return written.getvalue()


def autoencoder():
    """SDXL's autoencoder with narrow levels."""
    from diffusers import AutoencoderKL

    kinds = {"down_block_types": ("DownEncoderBlock2D",) * 4, "up_block_types": ("UpDecoderBlock2D",) * 4}
    network = AutoencoderKL(
        block_out_channels=(8, 8, 8, 8), layers_per_block=1, latent_channels=4, norm_num_groups=4, **kinds
    )
    return calm(network)


def write_kolors(models):
    """All files of Kolors under the names that the workflow uses, below a folder of models."""
    save(models / "diffusion_models" / "kolors" / "Kolors.safetensors", unet().state_dict())
    save(models / "vae" / "sdxl" / "sdxl_vae.safetensors", autoencoder().state_dict())
    stored = {f"transformer.{name}": tensor for name, tensor in language_model().state_dict().items()}
    save(models / "text_encoders" / "chatglm3.safetensors", stored)
    place = models / "text_encoders" / "chatglm3" / "tokenizer.model"
    place.parent.mkdir()
    place.write_bytes(tokenizer())


def save(path, state):
    """Tensors as a file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    save_file({name: tensor.detach().clone().contiguous() for name, tensor in state.items()}, path)


def as_single_file(state):
    """The network's tensors under the names of single-file checkpoints: blocks of a side are numbered in a row."""
    return {f"model.diffusion_model.{_original(name)}": tensor for name, tensor in state.items()}


def _original(name):
    for old, new in ENDS.items():
        if name.startswith(new):
            return old + name[len(new) :]
    side, rest = name.split(".", 1)
    if side == "mid_block":
        kind, number, inside = rest.split(".", 2)
        part = {"resnets.0": "0", "attentions.0": "1", "resnets.1": "2"}[f"{kind}.{number}"]
        return f"middle_block.{part}.{_inside(inside)}"
    level, kind, number, inside = rest.split(".", 3)
    if kind == "downsamplers":
        return f"input_blocks.{2 * int(level) + 2}.0.op.{inside.removeprefix('conv.')}"
    if kind == "upsamplers":
        return f"output_blocks.{2 * int(level) + 1}.{2 if int(level) < 2 else 1}.{inside}"
    block = 2 * int(level) + 1 if side == "down_blocks" else 2 * int(level) + int(number)
    place = "input" if side == "down_blocks" else "output"
    return f"{place}_blocks.{block}.{0 if kind == 'resnets' else 1}.{_inside(inside)}"


def _inside(name):
    for old, new in RESIDUAL.items():
        if name.startswith(new):
            return old + name[len(new) :]
    return name
