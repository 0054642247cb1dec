"""Pictures to what a network sees in them: the value of CLIP_VISION and CLIP_VISION_OUTPUT sockets."""

from dataclasses import dataclass

import torch
from torch import Tensor

from limner.graph.errors import ModelFileError
from limner.models.library import ModelLibrary
from limner.models.load.model_file import ModelFile
from limner.models.network import Network
from limner.models.vision.blueprint import VisionShape, vision_blueprint

EIGHT_BITS = 255.0

EARLIER = (-11, -20)
"""Which of SigLIP's states are kept, counted from the end, beside the last ones."""


@dataclass(frozen=True)
class SeenPicture:
    """What a network sees in pictures, float32 on the CPU. Names are those that node packs expect.

    Attributes:
        last_hidden_state: [b t d].
        penultimate_hidden_states: The same before the last layer.
        image_embeds: The whole picture as one vector [b p].
        mm_projected: What a language model is shown of the patches [b n d]; None: the network was not made for one.
        earlier_hidden_states: SigLIP's states 9 and 18 layers before the penultimate ones, where textures are; none of
            other networks.
    """

    last_hidden_state: Tensor
    penultimate_hidden_states: Tensor
    image_embeds: Tensor
    mm_projected: Tensor | None = None
    earlier_hidden_states: tuple[Tensor, ...] = ()


@dataclass(frozen=True)
class VisionEncoder:
    """A network that looks at pictures, loaded when leased.

    Attributes:
        network: CLIPVisionModelWithProjection or SiglipVisionModel of transformers.
        shape: What its tensors say of it.
    """

    network: Network
    shape: VisionShape

    def encode(self, pictures: Tensor, *, crop: bool = True) -> SeenPicture:
        """What the network sees.

        Args:
            pictures: [b h w c] in 0..1.
            crop: Whether only the middle square is shown; else everything is, squeezed into a square.
        """
        return self._seen(prepared(pictures, self.shape, crop=crop))

    def encode_nothing(self) -> SeenPicture:
        """What the network sees in a picture without colours: the mean of those it was trained on, everywhere."""
        return self._seen(torch.zeros(1, 3, self.shape.size, self.shape.size))

    def _seen(self, shown: Tensor) -> SeenPicture:
        """Shapes: shown [b 3 size size], as ``prepared`` gives it."""
        device, dtype = self.network.device, self.network.dtype
        with torch.no_grad(), self.network.lease("vision") as network:
            output = network(pixel_values=shown.to(device=device, dtype=dtype), output_hidden_states=True)
        whole = output.image_embeds if self.shape.projection else output.pooler_output
        states = (output.last_hidden_state, output.hidden_states[-2], whole)
        last, penultimate, embeds = (state.float().cpu() for state in states)
        projected = output.projected.float().cpu() if self.shape.shown else None
        kept = () if self.shape.projection else (number for number in EARLIER if -number <= self.shape.layers)
        earlier = tuple(output.hidden_states[number].float().cpu() for number in kept)
        return SeenPicture(last, penultimate, embeds, projected, earlier)


def prepared(pictures: Tensor, shape: VisionShape, *, crop: bool) -> Tensor:
    """Pictures as a network is shown them: resized, rounded to eight bits, normed.

    Shapes: pictures [b h w c]; returns [b 3 size size].
    """
    size = shape.size
    moved = pictures[..., :3].movedim(-1, 1).float()
    height, width = moved.shape[-2:]
    factor = size / min(height, width)
    wanted = (round(height * factor), round(width * factor)) if crop else (size, size)
    if (height, width) != wanted:
        moved = torch.nn.functional.interpolate(moved, size=wanted, mode="bicubic", antialias=True)
    top, left = (wanted[0] - size) // 2, (wanted[1] - size) // 2
    moved = moved[..., top : top + size, left : left + size]
    rounded = (moved * EIGHT_BITS).clamp(0, EIGHT_BITS).round() / EIGHT_BITS
    mean, deviation = (rounded.new_tensor(values).reshape(1, 3, 1, 1) for values in (shape.mean, shape.deviation))
    return (rounded - mean) / deviation


def open_vision_encoder(library: ModelLibrary, name: str) -> VisionEncoder:
    """A vision encoder by name.

    Raises:
        UnknownNameError: if there is no such file.
        ModelFileError: if it holds none.
    """
    return vision_encoder_in(library, library.open("clip_vision", name))


def vision_encoder_in(library: ModelLibrary, file: ModelFile) -> VisionEncoder:
    """The vision encoder of an opened file; see ``open_vision_encoder``."""
    found = vision_blueprint(file.layout)
    if found is None:
        shown = ", ".join(list(file.tensors)[:3])
        raise ModelFileError(
            f"ERROR: clip vision file is invalid: {file.path.name} holds no vision encoder of the CLIP or SigLIP kind; "
            f"its tensors are called {shown} ..."
        )
    blueprint, shape = found
    return VisionEncoder(library.network(f"{file.path.name} (vision)", file, blueprint), shape)
