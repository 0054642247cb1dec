"""Networks that say in words what a picture shows, from folders in the layout of transformers (BLIP, GIT ...)."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from limner.graph.errors import ModelFileError
from limner.media.resize import resize_images

USUAL_SIDE = 384
CLIP_MEAN, CLIP_DEVIATION = (0.4815, 0.4578, 0.4082), (0.2686, 0.2613, 0.2758)
"""Of the pictures that BLIP was trained with, where a folder does not say."""
BEAMS = 3


class Captioner:
    """Describes pictures.

    Nothing of the folder is run as code, and nothing is fetched. It stays on the CPU: a caption takes seconds, and the
    networks that draw need the other memory.
    """

    def __init__(self, folder: Path) -> None:
        """Loads network and tokenizer.

        Raises:
            ModelFileError: if something is missing or of another kind.
        """
        from transformers import AutoModelForImageTextToText, AutoTokenizer

        try:
            network = AutoModelForImageTextToText.from_pretrained(
                folder, local_files_only=True, trust_remote_code=False, dtype=torch.float32
            )
            self._tokenizer: Any = AutoTokenizer.from_pretrained(folder, local_files_only=True, trust_remote_code=False)
        except Exception as error:  # transformers raises whatever its parts raise.
            raise ModelFileError(
                f"{folder.name} cannot be loaded as a network that describes pictures: {str(error)[:300]}. It needs "
                "config.json, the tokenizer's files and the weights, as they are published."
            ) from error
        self._network: Any = network.eval()
        self._looks = _preprocessing(folder)

    def describe(self, image: Tensor, beginning: str, most: int) -> str:
        """What a picture shows.

        Args:
            image: [h w 3] in 0..1.
            beginning: What the description begins with; may be empty.
            most: Tokens that it has at most.
        """
        inputs: dict[str, Any] = {"pixel_values": self._prepared(image)}
        if beginning.strip():
            inputs["input_ids"] = self._tokenizer(beginning.strip(), return_tensors="pt").input_ids
        with torch.inference_mode():
            tokens = self._network.generate(**inputs, max_new_tokens=most, num_beams=BEAMS, do_sample=False)
        return self._tokenizer.decode(tokens[0], skip_special_tokens=True).strip()

    def _prepared(self, image: Tensor) -> Tensor:
        """Shapes: returns [1 3 side side]."""
        width, height = self._looks["size"]
        small = resize_images(image[None].float().cpu(), width, height, "bicubic").clamp(0, 1)
        mean, deviation = (torch.tensor(self._looks[name]) for name in ("mean", "deviation"))
        return ((small - mean) / deviation).movedim(-1, 1)


def _preprocessing(folder: Path) -> Mapping[str, Any]:
    """Size (width, height), mean and deviation of pictures, as a folder says them."""
    told = _json(folder / "preprocessor_config.json")
    if not told:
        told = _json(folder / "processor_config.json").get("image_processor", {})
    size = told.get("size", USUAL_SIDE)
    if isinstance(size, Mapping):
        edge = size.get("shortest_edge", USUAL_SIDE)
        size = size.get("width", edge), size.get("height", edge)
    return {
        "size": size if isinstance(size, tuple) else (size, size),
        "mean": told.get("image_mean", CLIP_MEAN),
        "deviation": told.get("image_std", CLIP_DEVIATION),
    }


def _json(path: Path) -> dict[str, Any]:
    try:
        read = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return read if isinstance(read, dict) else {}
