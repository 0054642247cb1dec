"""What stands around a walk: conditionings, masks and models made ready."""

from __future__ import annotations

import torch

from comfy_host.conditions import as_dicts, repeated
from comfy_host.missing import absent
from limner.sampling.conditioning import resized_mask


def convert_cond(cond):
    """Conditioning [[text, options], ...] as a list of dicts."""
    return as_dicts(cond)


def prepare_mask(noise_mask, shape, device):
    """A mask like a latent of a shape [b c h w]; soft, bilinear."""
    if len(shape) != 4:
        from comfy.utils import reshape_mask

        return reshape_mask(noise_mask, shape).to(device)
    soft = resized_mask(noise_mask.float(), shape[-2:])[:, None]
    places = torch.arange(shape[0]) % len(soft)
    return soft[places].expand(tuple(shape)).to(device)


def get_models_from_cond(cond, model_type):
    """The values of a key in every entry, each once."""
    found = []
    for entry in cond:
        value = entry.get(model_type)
        found += [item for item in (value if isinstance(value, list) else [value]) if item is not None]
    return list({id(item): item for item in found}.values())


def get_additional_models(conds, dtype):
    """Controls' models of conditionings, and the memory that they take while they work."""
    controls = [control for cond in conds.values() for control in get_models_from_cond(cond or (), "control")]
    models = [model for control in controls for model in control.get_models()]
    memory = sum(control.inference_memory_requirements(dtype) for control in controls)
    return models, memory


def cleanup_additional_models(models):
    """Tells models that they are not needed any more."""
    for model in models:
        if hasattr(model, "cleanup"):
            model.cleanup()


def prepare_sampling(model, noise_shape, conds, model_options=None):
    """(model, conditionings, models): the model with everything that was set on its patcher."""
    from comfy_host.extension import WrapperExecutor, WrappersMP, get_all_wrappers

    wrappers = get_all_wrappers(WrappersMP.PREPARE_SAMPLING, model_options or {}, is_model_options=True)
    executor = WrapperExecutor.new_executor(_prepare_sampling, wrappers)
    return executor.execute(model, noise_shape, conds, model_options=model_options)


def _prepare_sampling(model, noise_shape, conds, model_options=None):
    return model.prepared(), conds, []


def cleanup_models(conds, models):
    """After a walk."""
    cleanup_additional_models(models)
    controls = [control for cond in conds.values() for control in get_models_from_cond(cond or (), "control")]
    cleanup_additional_models(controls)


def estimate_memory(model, noise_shape, conds):
    """Rough figures in bytes: (wanted, least)."""
    needed = model.memory_required([noise_shape[0] * 2, *noise_shape[1:]])
    return needed, model.memory_required(list(noise_shape))


def prepare_model_patcher(model, conds, model_options):
    """Nothing: wrappers and callbacks of a model join its options when it samples."""


def get_additional_models_from_model_options(model_options=None):
    """None: options bring no models."""
    return []


def repeat_to_batch(tensor, samples):
    """A tensor with so many rows."""
    return repeated(tensor, samples)


__getattr__ = absent(__name__)
