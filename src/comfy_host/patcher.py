"""``ModelPatcher``: a model with what node packs set on it. Ours are immutable; this is what can be changed.

Everything that is set stays data until the model is used: patches of weights become adapters of our network, objects
replace parts of a copy of ``model``, options and wrappers are what sampling reads. Weights are never written.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any
from uuid import uuid4

import torch
from torch import Tensor

from comfy_host.base_model import BaseModel, base_model_of
from comfy_host.extension import CallbacksMP, PatcherInjection, WrappersMP, copy_nested_dicts, every, register
from comfy_host.latent_formats import layout_of
from comfy_host.model_patches import AttentionPatches
from comfy_host.readings import model_sampling_of, parametrization_of
from comfy_host.weights import Patch, calculate_weight, patched, weights_of
from limner.graph.errors import NumericsError
from limner.models.model import DiffusionModel
from limner.sampling.denoise import PROCEDURE

QUIET = ("transformer_options", PROCEDURE)
"""Options that alone change nothing."""


class ModelPatcher(AttentionPatches):
    """A network with options, patches and wrappers.

    Attributes:
        model: What they are set on; shared by clones.
        patches: Patches of weights by name.
    """

    is_clip = False

    def __init__(
        self, model: Any, load_device: Any = None, offload_device: Any = None, size: int = 0, *_: Any, **__: Any
    ) -> None:
        self.model = model
        device = getattr(model, "device", torch.device("cpu"))
        self.load_device = device if load_device is None else load_device
        self.offload_device = torch.device("cpu") if offload_device is None else offload_device
        self.size = size
        self.model_options: dict[str, Any] = {"transformer_options": {}}
        self.patches: dict[str, list[Patch]] = {}
        self.patches_uuid = uuid4()
        self.object_patches: dict[str, Any] = {}
        self.object_patches_backup: dict[str, Any] = {}
        self.backup: dict[str, Any] = {}
        self.weight_wrapper_patches: dict[str, Any] = {}
        self.attachments: dict[str, Any] = {}
        self.additional_models: dict[str, list[Any]] = {}
        self.callbacks: dict[str, dict] = CallbacksMP.init_callbacks()
        self.wrappers: dict[str, dict] = WrappersMP.init_wrappers()
        self.injections: dict[str, list[PatcherInjection]] = {}
        self.hook_patches: dict[Any, Any] = {}
        self.forced_hooks: Any = None
        self.current_hooks: Any = None
        self.hook_mode: Any = None
        self.parent: ModelPatcher | None = None
        self.weight_inplace_update = False
        self.is_injected = self.skip_injection = False

    # Between ours and this one.

    @classmethod
    def of(cls, native: DiffusionModel) -> ModelPatcher:
        """For one of our models; what a pack had set on it before is there again."""
        options = {name: value for name, value in native.options.items() if name != PROCEDURE}
        before = getattr(native.options.get(PROCEDURE), "patcher", None)
        plain = replace(native, options={})
        if before is None:
            made = cls(base_model_of(plain))
        else:
            made = before.clone()
            if plain.network.key != before.native_network().key:
                made.model, made.patches = before.model.with_native(plain), {}
            if plain.parametrization != parametrization_of(made.get_model_object("model_sampling")):
                # One of our nodes has read the output another way since.
                made.object_patches.pop("model_sampling", None)
                made.model = made.model.with_native(made.model.native)
                made.model.model_sampling = model_sampling_of(plain.parametrization)
        made.model_options = {"transformer_options": {}, **copy_nested_dicts(options)}
        return made

    def to_native(self) -> DiffusionModel:
        """Ours, with everything that was set."""
        from comfy_host.takeover import Takeover, sampling_replaced

        prepared = self.prepared()
        native = replace(prepared.native, parametrization=parametrization_of(prepared.model_sampling))
        if "latent_format" in self.object_patches:
            made = layout_of(prepared.latent_format)
            native = replace(native, look=lambda: made)
        options = copy_nested_dicts(self.model_options)
        if not options.get("transformer_options"):
            options.pop("transformer_options", None)
        if self._takes_over() or sampling_replaced():
            options[PROCEDURE] = Takeover(self.clone())
        return replace(native, options=options)

    def _takes_over(self) -> bool:
        """Whether sampling with it has to run what packs set."""
        options = self.model_options
        hooked = any(value for name, value in options.items() if name not in QUIET)
        surrounded = any(place for kinds in (self.wrappers, self.callbacks) for place in kinds.values())
        others = self.object_patches.keys() - {"model_sampling", "latent_format"}
        return bool(hooked or options.get("transformer_options") or surrounded or others or self.injections)

    def native_network(self) -> Any:
        """Our network with the patches."""
        return self._networks()[0]

    def _networks(self) -> list[Any]:
        return patched(self.model.networks(), self.model.places(), self.patches, self.patches_uuid)

    def prepared(self) -> BaseModel:
        """The model as sampling uses it: patched weights, replaced objects."""
        model = self.model.with_native(self.model.patched(self._networks()))
        for name, value in self.object_patches.items():
            setattr(model, name, value)
        model.current_patcher = self
        return model

    # What every pack does.

    def clone(self) -> ModelPatcher:
        """Another one for the same model, that can be changed without changing this."""
        other = type(self).__new__(type(self))
        other.__dict__.update(self.__dict__)
        for name in ("patches", "object_patches", "model_options", "attachments", "callbacks", "wrappers"):
            setattr(other, name, copy_nested_dicts(getattr(self, name)))
        for name in ("additional_models", "injections", "weight_wrapper_patches"):
            setattr(other, name, copy_nested_dicts(getattr(self, name)))
        for key, value in other.attachments.items():
            if hasattr(value, "on_model_patcher_clone"):
                other.attachments[key] = value.on_model_patcher_clone()
        other.parent = self
        for callback in self.get_all_callbacks(CallbacksMP.ON_CLONE):
            callback(self, other)
        return other

    def is_clone(self, other: Any) -> bool:
        """Whether both stand for one model."""
        return getattr(other, "model", None) is self.model

    def clone_has_same_weights(self, clone: Any) -> bool:
        """Whether both have the same patches on one model."""
        return self.is_clone(clone) and self.patches_uuid == clone.patches_uuid

    def model_size(self) -> int:
        """Bytes of the weights."""
        networks = self.model.networks()
        return self.size or sum(network.elements * network.dtype.itemsize for network in networks)

    def memory_required(self, input_shape: Any) -> float:
        """A rough figure in bytes for an input of a shape."""
        return self.model.memory_required(input_shape)

    def model_dtype(self) -> torch.dtype:
        """What it computes in."""
        return self.model.networks()[0].dtype

    def get_dtype(self) -> torch.dtype:
        """What it computes in."""
        return self.model_dtype()

    # Weights.

    def add_patches(
        self, patches: dict[Any, Any], strength_patch: float = 1.0, strength_model: float = 1.0
    ) -> list[Any]:
        """Adds patches of weights. Returns the names that the model has."""
        places = self.model.places()
        taken = []
        for name, value in patches.items():
            key = name if isinstance(name, str) else name[0]
            offset, function = (None, None) if isinstance(name, str) else (*name, None, None)[1:3]
            if key in places:
                self.patches.setdefault(key, []).append((strength_patch, value, strength_model, offset, function))
                taken.append(name)
        self.patches_uuid = uuid4()
        return taken

    def get_key_patches(self, filter_prefix: str | None = None) -> dict[str, list[Any]]:
        """Weights with their patches, in the form in which they can be patches of another model."""

        def plain(weight: Tensor, **_: Any) -> Tensor:
            return weight

        return {
            name: [(weight, plain), *self.patches.get(name, ())]
            for name, weight in self._weights(self.model.networks()).items()
            if filter_prefix is None or name.startswith(filter_prefix)
        }

    def model_state_dict(self, filter_prefix: str | None = None) -> dict[str, Tensor]:
        """Weights by name, without patches."""
        found = self._weights(self.model.networks())
        return {name: value for name, value in found.items() if filter_prefix is None or name.startswith(filter_prefix)}

    def state_dict_for_saving(self, *_: Any) -> dict[str, Tensor]:
        """Weights by name, with patches."""
        return self._weights(self._networks())

    def _weights(self, networks: list[Any]) -> dict[str, Tensor]:
        return weights_of(networks, self.model.places())

    def calculate_weight(self, patches: Any, weight: Tensor, key: str, *_: Any, **__: Any) -> Tensor:
        """A weight after patches."""
        return calculate_weight(patches, weight, key)

    def patch_weight_to_device(self, key: str, device_to: Any = None, **_: Any) -> Tensor:
        """One weight after its patches."""
        weight = self.model_state_dict(key)[key]
        return calculate_weight(self.patches.get(key, ()), weight.float(), key).to(weight)

    def get_key_weight(self, key: str) -> Tensor:
        """One weight without patches."""
        return self.model_state_dict(key)[key]

    def add_weight_wrapper(self, name: str, function: Any) -> None:
        """Not supported."""
        raise _unsupported("add_weight_wrapper")

    # Parts of the model.

    def add_object_patch(self, name: str, obj: Any) -> None:
        """Puts something in the place of a part of the model while it is used.

        Raises:
            NumericsError: for parts inside the network.
        """
        if "." in name:
            raise _unsupported(f"add_object_patch for {name!r}")
        self.object_patches[name] = obj

    def get_model_object(self, name: str) -> Any:
        """A part of the model, as it is with what was put in its place."""
        if name in self.object_patches:
            return self.object_patches[name]
        found: Any = self.model
        for part in name.split("."):
            found = found[int(part)] if part.isdigit() else getattr(found, part)
        return found

    # Loading: the residency ledger does that, so these only answer.

    def current_loaded_device(self) -> Any:
        """Where it computes."""
        return self.load_device

    def loaded_size(self) -> int:
        """Bytes that are loaded; all, as far as packs need to know."""
        return self.model_size()

    def patch_model(self, *_: Any, **__: Any) -> Any:
        """The model."""
        return self.model

    def unpatch_model(self, *_: Any, **__: Any) -> None:
        """Nothing: weights are never written."""

    load = partially_load = partially_unload = detach = unpatch_model
    model_patches_to = patch_hooks = unpatch_hooks = clean_hooks = unpatch_model
    inject_model = eject_model = apply_hooks = register_all_hook_patches = unpatch_model
    prepare_hook_patches_current_keyframe = patch_cached_hook_weights = restore_hook_patches = unpatch_model
    lowvram_load = patch_hook_weight_to_device = unpatch_model
    lowvram_patch_counter = model_mmap_residency = lambda self, *_: 0

    def set_hook_mode(self, hook_mode: Any) -> None:
        """Keeps the wish."""
        self.hook_mode = hook_mode

    def add_hook_patches(self, *_: Any, **__: Any) -> Any:
        """Not supported."""
        raise _unsupported("add_hook_patches")

    def use_ejected(self, *_: Any) -> Any:
        """A block in which injections are out."""
        from contextlib import nullcontext

        return nullcontext()

    def pre_run(self) -> None:
        """Before a walk."""
        for callback in self.get_all_callbacks(CallbacksMP.ON_PRE_RUN):
            callback(self)

    def prepare_state(self, timestep: Any, *_: Any) -> None:
        """Before an evaluation."""
        for callback in self.get_all_callbacks(CallbacksMP.ON_PREPARE_STATE):
            callback(self, timestep)

    def cleanup(self) -> None:
        """After a walk."""
        for callback in self.get_all_callbacks(CallbacksMP.ON_CLEANUP):
            callback(self)

    # Wrappers, callbacks, attachments.

    def add_callback_with_key(self, call_type: str, key: str | None, callback: Callable[..., Any]) -> None:
        """Adds a callback."""
        register(self.callbacks, call_type, key, callback)

    def add_callback(self, call_type: str, callback: Callable[..., Any]) -> None:
        """Adds a callback without a key."""
        register(self.callbacks, call_type, None, callback)

    def remove_callbacks_with_key(self, call_type: str, key: str) -> None:
        """Forgets the callbacks of a key."""
        self.callbacks.get(call_type, {}).pop(key, None)

    def get_callbacks(self, call_type: str, key: str | None = None) -> list[Any]:
        """The callbacks of a key."""
        return self.callbacks.get(call_type, {}).get(key, [])

    def get_all_callbacks(self, call_type: str) -> list[Any]:
        """All callbacks of a kind."""
        return every(self.callbacks, call_type)

    def add_wrapper_with_key(self, wrapper_type: str, key: str | None, wrapper: Callable[..., Any]) -> None:
        """Adds a wrapper."""
        register(self.wrappers, wrapper_type, key, wrapper)

    def add_wrapper(self, wrapper_type: str, wrapper: Callable[..., Any]) -> None:
        """Adds a wrapper without a key."""
        register(self.wrappers, wrapper_type, None, wrapper)

    def remove_wrappers_with_key(self, wrapper_type: str, key: str) -> None:
        """Forgets the wrappers of a key."""
        self.wrappers.get(wrapper_type, {}).pop(key, None)

    def get_wrappers(self, wrapper_type: str, key: str | None = None) -> list[Any]:
        """The wrappers of a key."""
        return self.wrappers.get(wrapper_type, {}).get(key, [])

    def get_all_wrappers(self, wrapper_type: str) -> list[Any]:
        """All wrappers of a kind."""
        return every(self.wrappers, wrapper_type)

    def set_attachments(self, key: str, attachment: Any) -> None:
        """Keeps an object with the model."""
        self.attachments[key] = attachment

    def get_attachment(self, key: str) -> Any:
        """The object of a key."""
        return self.attachments.get(key)

    def remove_attachments(self, key: str) -> None:
        """Forgets the object of a key."""
        self.attachments.pop(key, None)

    def set_additional_models(self, key: str, models: list[Any]) -> None:
        """Keeps other models with this one."""
        self.additional_models[key] = models

    def get_additional_models_with_key(self, key: str) -> list[Any]:
        """Other models of a key."""
        return self.additional_models.get(key, [])

    def get_additional_models(self) -> list[Any]:
        """All other models."""
        return [model for models in self.additional_models.values() for model in models]

    def set_injections(self, key: str, injections: list[PatcherInjection]) -> None:
        """Keeps what changes the model before it runs."""
        self.injections[key] = injections

    def get_injections(self, key: str) -> list[PatcherInjection] | None:
        """The changes of a key."""
        return self.injections.get(key)

    def remove_injections(self, key: str) -> None:
        """Forgets the changes of a key."""
        self.injections.pop(key, None)

    def get_nested_additional_models(self) -> list[Any]:
        """Other models, and theirs."""
        found = self.get_additional_models()
        return found + [inner for model in found for inner in model.get_nested_additional_models()]


def _unsupported(what: str) -> NumericsError:
    return NumericsError(
        f"ModelPatcher.{what} is not supported: networks keep diffusers' modules. Wrappers (add_wrapper_with_key) and "
        "patches of attention and blocks are."
    )
