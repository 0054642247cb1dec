"""Writes and reads the single file: fp16, Stable Diffusion 1's layout, a small token table and metadata."""

from __future__ import annotations

import pathlib

import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file

import autoencoder
import layout
import networks

LICENCE = "Apache-2.0 (weights). Trained on drawings of Noto Color Emoji (OFL 1.1) with names from Unicode CLDR (Unicode licence)."


def metadata(note: str) -> dict[str, str]:
    """What the file says about itself."""
    return {
        "modelspec.title": "Limner mini",
        "modelspec.architecture": "stable-diffusion-v1",
        "modelspec.prediction_type": "epsilon",
        "modelspec.license": LICENCE,
        "license": LICENCE,
        "limner.native_size": "128",
        "limner.origin": "Trained from random values by models/builtin of the Limner project; no other weights or pictures were used.",
        "limner.training": note,
        "format": "pt",
    }


def write(path: pathlib.Path, pipe: object, note: str) -> None:
    """Writes a model, first beside the file and then over it.

    Args:
        path: The safetensors file.
        pipe: A `sample.Pipeline`.
        note: Summary of the training, for the metadata.
    """
    parts = [pipe.autoencoder.state_dict(), pipe.text.state_dict()]  # type: ignore[attr-defined]
    state = layout.pack(pipe.unet.state_dict(), networks.LAYERS, *parts)  # type: ignore[attr-defined]
    state = {name: tensor.half().cpu().contiguous() for name, tensor in state.items()}
    state[layout.ROWS_NAME] = torch.from_numpy(pipe.rows).int()  # type: ignore[attr-defined]
    beside = path.with_suffix(".tmp")
    save_file(state, beside, metadata(note))
    beside.replace(path)


def read(path: pathlib.Path) -> dict[str, dict[str, torch.Tensor]]:
    """Reads the tensors of a written model under diffusers' and transformers' names.

    Returns:
        States for "unet", "text" and "autoencoder", and {"rows": ...} under "rows".
    """
    state = {name: tensor.float() if tensor.is_floating_point() else tensor for name, tensor in load_file(path).items()}
    count = len(state[layout.TEXT_PREFIX + "embeddings.token_embedding.weight"])
    with torch.device("meta"):
        unet, text, model = networks.build_unet(), networks.build_text(count), autoencoder.build()
    return {
        "unet": layout.unpack_unet(state, list(unet.state_dict()), networks.LAYERS),
        "text": layout.unpack_text(state, list(text.state_dict())),
        "autoencoder": layout.unpack_autoencoder(state, model.state_dict()),
        "rows": {"rows": state[layout.ROWS_NAME]},
    }


def read_metadata(path: pathlib.Path) -> dict[str, str]:
    """What a written model says about itself."""
    with safe_open(path, "pt") as file:
        return dict(file.metadata() or {})
