"""What tensors are, told from their names and shapes."""

from __future__ import annotations

from comfy_host import context
from comfy_host.base_model import ModelConfig
from comfy_host.missing import absent
from comfy_host.unet_names import unet_to_diffusers
from limner.graph.errors import ModelFileError
from limner.models.load.model_file import ModelFile


def unet_prefix_from_state_dict(state_dict):
    """How names of a denoising network begin."""
    known = ("model.diffusion_model.", "model.model.", "net.", "unet.")
    return next((prefix for prefix in known if any(name.startswith(prefix) for name in state_dict)), "")


def model_config_from_unet(state_dict, unet_key_prefix="", use_base_if_no_match=False, metadata=None):
    """The configuration of a denoising network; None if it is of no known family."""
    inside = {name: tensor for name, tensor in state_dict.items() if name.startswith(unet_key_prefix)}
    try:
        return ModelConfig(context.host().library.diffusion_model_in(ModelFile.of(inside)))
    except ModelFileError:
        return None


def detect_unet_config(state_dict, key_prefix="", metadata=None):
    """The same as plain data."""
    found = model_config_from_unet(state_dict, key_prefix)
    return None if found is None else found.unet_config


def count_blocks(state_dict_keys, prefix_string):
    """How many of ``prefix_string.format(0)``, ``.format(1)`` ... begin a name."""
    count = 0
    while any(name.startswith(prefix_string.format(count)) for name in state_dict_keys):
        count += 1
    return count


__getattr__ = absent(__name__)
