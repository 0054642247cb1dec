"""Files of tensors, progress, resizing, tiles, and small things that packs do with state dicts and batches."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from itertools import product
from pathlib import Path

import safetensors.torch
import torch

from comfy_host import telling
from comfy_host.conditions import repeated
from comfy_host.missing import absent
from comfy_host.unet_names import UNET_MAP_ATTENTIONS, UNET_MAP_BASIC, UNET_MAP_RESNET, unet_to_diffusers
from limner.media.resize import bislerp as _bislerp
from limner.media.resize import lanczos as _lanczos
from limner.media.resize import resize
from limner.models.load.header import read_header
from limner.models.load.model_file import ModelFile
from limner.models.load.pickled import read_pickled

PROGRESS_BAR_ENABLED = True
PROGRESS_BAR_HOOK = None
DISABLE_MMAP = False


# Files.


def load_torch_file(ckpt, safe_load=False, device=None, return_metadata=False):
    """Tensors of a file by name. Pickled files are read without running what they contain, whatever ``safe_load`` says.

    Raises:
        ModelFileError: if it is no such file, or holds objects whose loading would run code.
    """
    file = ModelFile.open(Path(ckpt))
    if file.path.suffix.lower() in (".safetensors", ".sft"):
        tensors = file.as_stored()
    else:
        tensors = read_pickled(file.path)
    if device is not None and torch.device(device).type != "cpu":
        tensors = {name: tensor.to(device) for name, tensor in tensors.items()}
    return (tensors, dict(file.metadata)) if return_metadata else tensors


def save_torch_file(sd, ckpt, metadata=None):
    """Writes tensors by name into a safetensors file."""
    plain = {name: tensor.detach().contiguous().clone() for name, tensor in sd.items()}
    safetensors.torch.save_file(plain, ckpt, metadata=metadata)


def safetensors_header(safetensors_path, max_size=100 * 1024 * 1024):
    """The header of a safetensors file as bytes; None if it is larger than allowed."""
    with Path(safetensors_path).open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
        return file.read(length) if length <= max_size else None


def read_metadata(path):
    """Texts of a safetensors file."""
    return dict(read_header(Path(path)).metadata)


def calculate_parameters(sd, prefix=""):
    """Number of values under a prefix."""
    return sum(tensor.nelement() for name, tensor in sd.items() if name.startswith(prefix))


def weight_dtype(sd, prefix=""):
    """The type that most values under a prefix have; None if there are none."""
    counts: dict[torch.dtype, int] = {}
    for name, tensor in sd.items():
        if name.startswith(prefix):
            counts[tensor.dtype] = counts.get(tensor.dtype, 0) + tensor.numel()
    return max(counts, key=lambda dtype: counts[dtype]) if counts else None


def state_dict_key_replace(state_dict, keys_to_replace):
    """Renames keys in place."""
    for old, new in keys_to_replace.items():
        if old in state_dict:
            state_dict[new] = state_dict.pop(old)
    return state_dict


def state_dict_prefix_replace(state_dict, replace_prefix, filter_keys=False):
    """Renames the beginnings of keys in place, or gives a dict of those alone."""
    result = {} if filter_keys else state_dict
    for old, new in replace_prefix.items():
        for name in [name for name in state_dict if name.startswith(old)]:
            result[new + name[len(old) :]] = state_dict.pop(name)
    return result


def convert_sd_to(state_dict, dtype):
    """Casts every tensor in place."""
    for name in state_dict:
        state_dict[name] = state_dict[name].to(dtype)
    return state_dict


# Objects.


def _owner(obj, attr):
    *path, last = attr.split(".")
    for part in path:
        obj = getattr(obj, part)
    return obj, last


def get_attr(obj, attr):
    """The attribute of a dotted name."""
    owner, last = _owner(obj, attr)
    return getattr(owner, last)


def set_attr(obj, attr, value):
    """Sets the attribute of a dotted name; gives the one before."""
    owner, last = _owner(obj, attr)
    before = getattr(owner, last)
    setattr(owner, last, value)
    return before


def set_attr_param(obj, attr, value):
    """The same with a parameter that needs no gradient."""
    return set_attr(obj, attr, torch.nn.Parameter(value, requires_grad=False))


def copy_to_param(obj, attr, value):
    """Copies values into the parameter of a dotted name."""
    get_attr(obj, attr).data.copy_(value)


def deepcopy_list_dict(obj, memo=None):
    """A copy in which dicts and lists are new at every depth, and everything else is the same."""
    if isinstance(obj, dict):
        return {deepcopy_list_dict(key): deepcopy_list_dict(value) for key, value in obj.items()}
    return [deepcopy_list_dict(value) for value in obj] if isinstance(obj, list) else obj


# Batches.


def repeat_to_batch_size(tensor, batch_size, dim=0):
    """A tensor with so many rows: repeated, or cut."""
    return repeated(tensor, batch_size, dim)


def resize_to_batch_size(tensor, batch_size):
    """A tensor with so many rows, spread evenly over those that it has."""
    given = tensor.shape[0]
    if given == batch_size:
        return tensor
    if batch_size <= 1:
        return tensor[:batch_size]
    step = (given - 1) / (batch_size - 1) if batch_size < given else given / batch_size
    shift = 0.0 if batch_size < given else 0.5
    places = [min(int((row + shift) * step) if shift else round(row * step), given - 1) for row in range(batch_size)]
    return tensor[places]


def reshape_mask(input_mask, output_shape):
    """A mask like a latent of a shape: bilinear, repeated over channels and batch."""
    sides = len(output_shape) - 2
    mode = {1: "linear", 2: "bilinear", 3: "trilinear"}[sides]
    mask = input_mask.float()
    if sides == 2:
        mask = mask.reshape(-1, 1, *mask.shape[-2:])
    elif sides == 3 and mask.ndim < 5:
        mask = mask.reshape(1, 1, -1, *mask.shape[-2:])
    mask = torch.nn.functional.interpolate(mask, size=tuple(output_shape[2:]), mode=mode)
    if mask.shape[1] < output_shape[1]:
        mask = mask.repeat(1, output_shape[1], *(1,) * sides)[:, : output_shape[1]]
    return repeated(mask, output_shape[0])


# Resizing.


def bislerp(samples, width, height):
    """Spherical interpolation."""
    return _bislerp(samples, width, height)


def lanczos(samples, width, height):
    """Windowed sinc in 8 bits."""
    return _lanczos(samples, width, height)


def common_upscale(samples, width, height, upscale_method, crop):
    """Samples [b c h w], or [b c t h w], at another size."""
    if samples.ndim == 5:
        frames = samples.movedim(2, 1).flatten(0, 1)
        sized = resize(frames, width, height, upscale_method, crop)
        return sized.unflatten(0, (samples.shape[0], samples.shape[2])).movedim(1, 2)
    return resize(samples, width, height, upscale_method, crop)


# Tiles.


def get_tiled_scale_steps(width, height, tile_x, tile_y, overlap):
    """How many tiles a picture has."""
    rows = 1 if height <= tile_y else math.ceil((height - overlap) / (tile_y - overlap))
    columns = 1 if width <= tile_x else math.ceil((width - overlap) / (tile_x - overlap))
    return rows * columns


def _each(value, index):
    return value[index] if isinstance(value, list | tuple) else value


def _scaled(factor, index, length):
    factor = _each(factor, index)
    return factor(length) if callable(factor) else factor * length


@torch.inference_mode()
def tiled_scale_multidim(
    samples,
    function,
    tile=(64, 64),
    overlap=8,
    upscale_amount=4,
    out_channels=3,
    output_device="cpu",
    downscale=False,
    index_formulas=None,
    pbar=None,
):
    """Applies a function to tiles along every axis behind the channels, and joins the results with linear fades."""
    sides = len(tile)
    formulas = upscale_amount if index_formulas is None else index_formulas

    def size_of(axis, length):
        return round(length / _each(upscale_amount, axis) if downscale else _scaled(upscale_amount, axis, length))

    def place_of(axis, start):
        return round(start / _each(formulas, axis) if downscale else _scaled(formulas, axis, start))

    shape = [size_of(axis, samples.shape[axis + 2]) for axis in range(sides)]
    output = torch.empty([samples.shape[0], out_channels, *shape], device=output_device)
    starts = [_starts(samples.shape[axis + 2], tile[axis], _each(overlap, axis)) for axis in range(sides)]
    for row in range(len(samples)):
        total = torch.zeros([1, out_channels, *shape], device=output_device)
        cover = torch.zeros([1, 1, *shape], device=output_device)
        for corner in product(*starts):
            part = samples[row : row + 1]
            for axis, start in enumerate(corner):
                part = part.narrow(axis + 2, start, min(tile[axis], samples.shape[axis + 2] - start))
            result = function(part).to(output_device)
            fade = torch.ones_like(result[:, :1])
            window = [slice(None), slice(None)]
            for axis, start in enumerate(corner):
                place, length = place_of(axis, start), result.shape[axis + 2]
                window.append(slice(place, place + length))
                fade = fade * _ramp(length, size_of(axis, _each(overlap, axis)), axis, sides).to(fade)
            total[tuple(window)] += result * fade
            cover[tuple(window)] += fade
            if pbar is not None:
                pbar.update(1)
        output[row : row + 1] = total / cover
    return output


def _starts(length, tile, overlap):
    """Where tiles begin along an axis; the last one ends where the axis does."""
    if length <= tile:
        return [0]
    return [min(start, length - tile) for start in range(0, length - overlap, tile - overlap)]


def _ramp(length, feather, axis, sides):
    """Weights along an axis that rise over the feather from both ends."""
    ramp = torch.ones(length)
    feather = min(feather, length)
    for place in range(feather):
        ramp[place] = min(float(ramp[place]), (place + 1) / feather)
        ramp[length - 1 - place] = min(float(ramp[length - 1 - place]), (place + 1) / feather)
    return ramp.reshape([1, 1, *(length if other == axis else 1 for other in range(sides))])


def tiled_scale(
    samples,
    function,
    tile_x=64,
    tile_y=64,
    overlap=8,
    upscale_amount=4,
    out_channels=3,
    output_device="cpu",
    pbar=None,
):
    """The same for pictures [b c h w]."""
    return tiled_scale_multidim(
        samples,
        function,
        (tile_y, tile_x),
        overlap=overlap,
        upscale_amount=upscale_amount,
        out_channels=out_channels,
        output_device=output_device,
        pbar=pbar,
    )


# Progress.


def set_progress_bar_enabled(enabled):
    """Whether bars on the terminal are wanted; there are none here."""
    global PROGRESS_BAR_ENABLED
    PROGRESS_BAR_ENABLED = enabled


def set_progress_bar_global_hook(function):
    """Takes a function (value, total, preview) that hears of all progress in place of the step."""
    global PROGRESS_BAR_HOOK
    PROGRESS_BAR_HOOK = function


class ProgressBar:
    """The progress of the step that makes it."""

    def __init__(self, total, node_id=None):
        self.total, self.current, self.node_id = total, 0, node_id
        self.hook = PROGRESS_BAR_HOOK

    def update_absolute(self, value, total=None, preview=None):
        """Tells how far it is; ``preview`` is (format, picture, longest side)."""
        self.total = self.total if total is None else total
        self.current = min(value, self.total)
        if self.hook is None:
            telling.report(self.current, self.total, preview)
        else:
            self.hook(self.current, self.total, preview)

    def update(self, value):
        """Goes on by so much."""
        self.update_absolute(self.current + value)


# Text.


def string_to_seed(data):
    """A 32-bit number that a text determines."""
    from zlib import crc32

    return crc32(data if isinstance(data, bytes) else str(data).encode())


def json_metadata(metadata):
    """Metadata whose values are texts."""
    if not isinstance(metadata, Mapping):
        return None
    return {key: value if isinstance(value, str) else json.dumps(value) for key, value in metadata.items()}


__getattr__ = absent(__name__)
