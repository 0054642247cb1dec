"""Networks back into files: every tensor under the name and in the shape that its file gave it.

What nothing changed is stored as it came; changed weights are stored as the network computes with them. So a file that
is loaded again gives the same network, bit for bit.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping

import torch
from torch import Tensor

from limner.graph.errors import ModelFileError
from limner.models.autoencoder import Autoencoder
from limner.models.load.quantised.tensor import dequantised
from limner.models.merging import weight_of
from limner.models.model import DiffusionModel
from limner.models.network import Network
from limner.models.parts.autoencoder_kl import PREFIXES as AUTOENCODER_PREFIXES
from limner.models.parts.prediction import MARKER, METADATA
from limner.models.parts.unet import PREFIX as NETWORK_PREFIX
from limner.models.text.encoder import TextEncoder
from limner.models.text.reading import TextBranch
from limner.models.vision.blueprint import OPEN_CLIP_PREFIXES
from limner.models.vision.blueprint import PREFIXES as VISION_PREFIXES
from limner.models.vision.encoder import VisionEncoder
from limner.sampling.parametrization import EpsParametrization, VelocityParametrization

TEXT_PREFIXES = ("cond_stage_model.", "conditioner.embedders.")
"""Where checkpoints keep text encoders."""

TEXT_STARTS = ("text_model.", "embeddings.", "encoder.", "final_layer_norm.", "text_projection")
OPEN_STARTS = ("transformer.resblocks.", "token_embedding.", "positional_embedding", "ln_final.", "text_projection")
"""How names of a text encoder begin, in the two layouts, once nothing stands before them."""

BESIDE = ("noise_augmentor.", "image_normalizer.", "cc_projection.")
"""How names begin that belong to a network and stand beside it in checkpoints."""

NATIVE_SIZE = "limner.native_size"


def stored_tensors(network: Network) -> dict[str, Tensor]:
    """A network's tensors under the names of its file, on the CPU. Packed ones become numbers."""
    keys = network.blueprint.keys
    stored = network.file.read({name for source in keys.values() for name in source.names})
    tensors = {name: dequantised(tensor, dtype=network.dtype) for name, tensor in stored.items()}
    grouped: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for name in network.changes:
        grouped[keys[name].names].append(name)
    for names, touched in grouped.items():
        first, *further = names
        if further:  # several tensors make up one weight: the weight itself replaces them
            tensors[first] = weight_of(network, touched[0]).cpu()
            for name in further:
                del tensors[name]
        else:
            tensors[first] = _written_back(network, tensors[first], touched)
    return tensors


def _written_back(network: Network, stored: Tensor, touched: Iterable[str]) -> Tensor:
    """A file's tensor with the weights that were taken out of it put back."""
    result: Tensor | None = None
    for name in touched:
        weight = weight_of(network, name).cpu()
        weight = weight.to(network.rounding) if network.rounding else weight
        if result is None:
            result = stored.to(weight.dtype, copy=True)
        transform = network.blueprint.keys[name].transform
        if transform is None:
            result.copy_(weight)
            continue
        # Transforms only move elements about, so numbered elements show where each comes from.
        places = transform(torch.arange(stored.numel()).reshape(stored.shape))
        result.view(-1)[places.reshape(-1)] = weight.reshape(-1)
    return stored if result is None else result


def model_tensors(model: DiffusionModel) -> dict[str, Tensor]:
    """A denoising network's tensors as checkpoints name them."""
    stored = stored_tensors(model.network)
    beside = {name: stored.pop(name) for name in list(stored) if name.startswith(BESIDE)}
    tensors = _moved(stored, (NETWORK_PREFIX, "unet.", ""), NETWORK_PREFIX) | beside
    return tensors | ({MARKER: torch.tensor([])} if _predicts_velocity(model) else {})


def model_metadata(model: DiffusionModel) -> dict[str, str]:
    """What a file should say of a model, so that it is loaded as what it is."""
    size = {NATIVE_SIZE: str(model.native_size)}
    if isinstance(model.parametrization, EpsParametrization):
        return size | {METADATA[1]: "epsilon"}
    return size | ({METADATA[1]: "v"} if _predicts_velocity(model) else {})


def _predicts_velocity(model: DiffusionModel) -> bool:
    return isinstance(model.parametrization, VelocityParametrization)


def vision_tensors(vision: VisionEncoder) -> dict[str, Tensor]:
    """A vision encoder's tensors as checkpoints name them that have one in place of a text encoder."""
    tensors = stored_tensors(vision.network)
    if any(name.endswith("conv1.weight") for name in tensors):
        return _moved(tensors, OPEN_CLIP_PREFIXES, OPEN_CLIP_PREFIXES[-1])
    return _moved(tensors, VISION_PREFIXES[1:], VISION_PREFIXES[1])


def autoencoder_tensors(vae: Autoencoder, prefix: str = "") -> dict[str, Tensor]:
    """An autoencoder's tensors; ``first_stage_model.`` stands before them in checkpoints, nothing in other files."""
    return _moved(stored_tensors(vae.network), AUTOENCODER_PREFIXES, prefix)


def checkpoint_text_tensors(clip: TextEncoder) -> dict[str, Tensor]:
    """The tensors of text encoders as checkpoints name them.

    Raises:
        ModelFileError: if one comes from a file of its own, whose names do not say where in a checkpoint it belongs.
    """
    tensors: dict[str, Tensor] = {}
    for branch in clip.branches:
        found = stored_tensors(branch.network)
        loose = next((name for name in found if not name.startswith(TEXT_PREFIXES)), None)
        if loose is not None:
            raise ModelFileError(
                f"{branch.network.what} comes from a file of its own ({loose}): save it with CLIPSave, and the model "
                "with ModelSave."
            )
        tensors |= found
    return tensors


def text_tensors(branch: TextBranch) -> dict[str, Tensor]:
    """One text encoder's tensors as files of their own name them: nothing stands before them."""
    return {_bare(name): tensor for name, tensor in stored_tensors(branch.network).items()}


def _bare(name: str) -> str:
    """A name without what stands before it in a checkpoint."""
    starts = OPEN_STARTS if ".resblocks." in name or ".model." in name else TEXT_STARTS
    places = [place for start in starts if (place := name.find(start)) >= 0]
    return name[min(places) :] if places else name


def _moved(tensors: Mapping[str, Tensor], prefixes: Iterable[str], prefix: str) -> dict[str, Tensor]:
    """Tensors of which the first of some prefixes that all of them have is replaced by another."""
    old = next(known for known in (*prefixes, "") if all(name.startswith(known) for name in tensors))
    return {prefix + name.removeprefix(old): tensor for name, tensor in tensors.items()}
