"""A model with what packs set on it."""

from __future__ import annotations

from comfy.patcher_extension import CallbacksMP, PatcherInjection, WrappersMP
from comfy_host.extension import copy_nested_dicts, merge_nested_dicts
from comfy_host.missing import absent
from comfy_host.patcher import ModelPatcher


def string_to_seed(data):
    """A 32-bit number that a text or bytes determine."""
    from zlib import crc32

    return crc32(data if isinstance(data, bytes) else str(data).encode())


def create_model_options_clone(orig_model_options):
    """Options in which dicts and lists are new."""
    return copy_nested_dicts(orig_model_options)


def set_model_options_patch_replace(model_options, patch, name, block_name, number, transformer_index=None):
    """Options in which an attention is replaced in one block."""
    told = dict(model_options.get("transformer_options", {}))
    replaced = dict(told.get("patches_replace", {}))
    block = (block_name, number) if transformer_index is None else (block_name, number, transformer_index)
    replaced[name] = {**replaced.get(name, {}), block: patch}
    told["patches_replace"] = replaced
    model_options["transformer_options"] = told
    return model_options


def set_model_options_post_cfg_function(model_options, post_cfg_function, disable_cfg1_optimization=False):
    """Options in which guidance is changed afterwards."""
    model_options["sampler_post_cfg_function"] = [
        *model_options.get("sampler_post_cfg_function", ()),
        post_cfg_function,
    ]
    if disable_cfg1_optimization:
        model_options["disable_cfg1_optimization"] = True
    return model_options


def set_model_options_pre_cfg_function(model_options, pre_cfg_function, disable_cfg1_optimization=False):
    """Options in which guidance is changed beforehand."""
    model_options["sampler_pre_cfg_function"] = [
        *model_options.get("sampler_pre_cfg_function", ()),
        pre_cfg_function,
    ]
    if disable_cfg1_optimization:
        model_options["disable_cfg1_optimization"] = True
    return model_options


__getattr__ = absent(__name__)
