"""Writes and reads the single file: fp16, Stable Diffusion 1's layout, a small token table and metadata.

python export.py             # joins STATE/train.pt (averaged weights) and STATE/autoencoder.pt into the file
python export.py --unpack    # writes STATE/autoencoder.pt from the file, to go on without the state
"""

from __future__ import annotations

import argparse
import pathlib

import autoencoder
import layout
import networks
import numpy as np
import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file

LICENCE = (
    "Apache-2.0 (weights). "
    "Trained on drawings of Noto Color Emoji (OFL 1.1) with names from Unicode CLDR (Unicode licence)."
)


def metadata(note: str) -> dict[str, str]:
    """What the file says about itself."""
    return {
        "modelspec.title": "Limner mini",
        "modelspec.architecture": "stable-diffusion-v1",
        "modelspec.prediction_type": "epsilon",
        "modelspec.license": LICENCE,
        "license": LICENCE,
        "limner.native_size": "128",
        "limner.origin": "Trained from random values by models/builtin of the Limner project; nothing else was used.",
        "limner.training": note,
        "format": "pt",
    }


def write(
    path: pathlib.Path,
    unet: dict[str, torch.Tensor],
    text: dict[str, torch.Tensor],
    model: dict[str, torch.Tensor],
    rows: np.ndarray,
    note: str,
) -> None:
    """Writes a model, first beside the file and then over it.

    Args:
        path: The safetensors file.
        unet: State of the denoiser.
        text: State of the text encoder.
        model: State of the autoencoder.
        rows: Row of each token in the text encoder's table.
        note: Summary of the training, for the metadata.
    """
    state = layout.pack(unet, networks.LAYERS, model, text)
    state = {name: tensor.half().cpu().contiguous() for name, tensor in state.items()}
    state[layout.ROWS_NAME] = torch.from_numpy(rows).int()
    beside = path.with_suffix(".tmp")
    save_file(state, beside, metadata(note))
    beside.chmod(0o644)
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


def _part(states: dict[str, torch.Tensor], prefix: str) -> dict[str, torch.Tensor]:
    return {name.removeprefix(prefix): tensor for name, tensor in states.items() if name.startswith(prefix)}


def main() -> None:
    """Joins or unpacks."""
    here = pathlib.Path(__file__).parent
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--state", type=pathlib.Path, default=here / "state")
    parser.add_argument("--file", type=pathlib.Path, default=here / "limner-mini.safetensors")
    parser.add_argument("--unpack", action="store_true")
    arguments = parser.parse_args()
    arguments.state.mkdir(exist_ok=True)
    if arguments.unpack:
        torch.save(read(arguments.file)["autoencoder"], arguments.state / "autoencoder.pt")
        return
    trained = torch.load(arguments.state / "train.pt", map_location="cpu", weights_only=False)
    model = torch.load(arguments.state / "autoencoder.pt", map_location="cpu")
    rows = np.load(arguments.state / "latents.npz")["rows"]
    note = f"{trained['step']} steps in {trained['seconds'] / 60:.0f} minutes"
    write(arguments.file, _part(trained["average"], "unet."), _part(trained["average"], "text."), model, rows, note)


if __name__ == "__main__":
    main()
