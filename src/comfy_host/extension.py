"""Callbacks and wrappers that node packs put around parts of sampling, by type and key."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Registered = dict[str, dict[str | None, list[Callable[..., Any]]]]


class CallbacksMP:
    """When callbacks of a model are called."""

    ON_CLONE = "on_clone"
    ON_LOAD = "on_load_after"
    ON_DETACH = "on_detach_after"
    ON_CLEANUP = "on_cleanup"
    ON_PRE_RUN = "on_pre_run"
    ON_PREPARE_STATE = "on_prepare_state"
    ON_APPLY_HOOKS = "on_apply_hooks"
    ON_REGISTER_ALL_HOOK_PATCHES = "on_register_all_hook_patches"
    ON_INJECT_MODEL = "on_inject_model"
    ON_EJECT_MODEL = "on_eject_model"

    @classmethod
    def init_callbacks(cls) -> dict[str, dict]:
        """A place for each kind."""
        return {value: {} for name, value in vars(cls).items() if name.startswith("ON_")}


class WrappersMP:
    """What wrappers stand around."""

    OUTER_SAMPLE = "outer_sample"
    PREPARE_SAMPLING = "prepare_sampling"
    SAMPLER_SAMPLE = "sampler_sample"
    PREDICT_NOISE = "predict_noise"
    CALC_COND_BATCH = "calc_cond_batch"
    APPLY_MODEL = "apply_model"
    DIFFUSION_MODEL = "diffusion_model"

    @classmethod
    def init_wrappers(cls) -> dict[str, dict]:
        """A place for each kind."""
        return {value: {} for name, value in vars(cls).items() if name.isupper()}


def register(where: Registered, kind: str, key: str | None, function: Callable[..., Any]) -> None:
    """Adds a callback or wrapper."""
    where.setdefault(kind, {}).setdefault(key, []).append(function)


def every(where: Registered, kind: str) -> list[Callable[..., Any]]:
    """All of a kind, in the order of their keys."""
    return [function for functions in where.get(kind, {}).values() for function in functions]


def _held(transformer_options: dict[str, Any], name: str, is_model_options: bool) -> Registered:
    options = transformer_options.setdefault("transformer_options", {}) if is_model_options else transformer_options
    return options.setdefault(name, {})


def _shown(options: dict[str, Any], name: str, is_model_options: bool) -> Registered:
    return (options.get("transformer_options", {}) if is_model_options else options).get(name, {})


def add_wrapper_with_key(
    wrapper_type: str,
    key: str | None,
    wrapper: Callable[..., Any],
    transformer_options: dict,
    is_model_options: bool = False,
) -> None:
    """Puts a wrapper into options."""
    register(_held(transformer_options, "wrappers", is_model_options), wrapper_type, key, wrapper)


def add_wrapper(
    wrapper_type: str, wrapper: Callable[..., Any], transformer_options: dict, is_model_options: bool = False
) -> None:
    """Puts a wrapper into options, without a key."""
    add_wrapper_with_key(wrapper_type, None, wrapper, transformer_options, is_model_options)


def get_wrappers_with_key(
    wrapper_type: str, key: str | None, transformer_options: dict, is_model_options: bool = False
) -> list:
    """The wrappers of a key in options."""
    return _shown(transformer_options, "wrappers", is_model_options).get(wrapper_type, {}).get(key, [])


def get_all_wrappers(wrapper_type: str, transformer_options: dict, is_model_options: bool = False) -> list:
    """All wrappers of a kind in options."""
    return every(_shown(transformer_options, "wrappers", is_model_options), wrapper_type)


def add_callback_with_key(
    call_type: str,
    key: str | None,
    callback: Callable[..., Any],
    transformer_options: dict,
    is_model_options: bool = False,
) -> None:
    """Puts a callback into options."""
    register(_held(transformer_options, "callbacks", is_model_options), call_type, key, callback)


def add_callback(
    call_type: str, callback: Callable[..., Any], transformer_options: dict, is_model_options: bool = False
) -> None:
    """Puts a callback into options, without a key."""
    add_callback_with_key(call_type, None, callback, transformer_options, is_model_options)


def get_callbacks_with_key(
    call_type: str, key: str | None, transformer_options: dict, is_model_options: bool = False
) -> list:
    """The callbacks of a key in options."""
    return _shown(transformer_options, "callbacks", is_model_options).get(call_type, {}).get(key, [])


def get_all_callbacks(call_type: str, transformer_options: dict, is_model_options: bool = False) -> list:
    """All callbacks of a kind in options."""
    return every(_shown(transformer_options, "callbacks", is_model_options), call_type)


class WrapperExecutor:
    """A function inside wrappers: each is called with the executor of what it wraps, and the arguments."""

    def __init__(
        self, original: Callable[..., Any], class_obj: Any, wrappers: list[Callable[..., Any]], idx: int = 0
    ) -> None:
        self.original, self.class_obj, self.wrappers, self.idx = original, class_obj, list(wrappers), idx
        self.is_last = idx == len(self.wrappers)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """What is next inside: called by a wrapper."""
        return WrapperExecutor(self.original, self.class_obj, self.wrappers, self.idx + 1).execute(*args, **kwargs)

    def execute(self, *args: Any, **kwargs: Any) -> Any:
        """Runs the outermost wrapper, or the function itself where there is none left."""
        if self.is_last:
            return self.original(*args, **kwargs)
        return self.wrappers[self.idx](self, *args, **kwargs)

    @classmethod
    def new_executor(cls, original: Callable[..., Any], wrappers: list, idx: int = 0) -> WrapperExecutor:
        """For a function."""
        return cls(original, None, wrappers, idx)

    @classmethod
    def new_class_executor(
        cls, original: Callable[..., Any], class_obj: Any, wrappers: list, idx: int = 0
    ) -> WrapperExecutor:
        """For a method of an object, which wrappers find as ``class_obj``."""
        return cls(original, class_obj, wrappers, idx)


@dataclass
class PatcherInjection:
    """Changes a model before it runs, and takes the change back."""

    inject: Callable[[Any], None]
    eject: Callable[[Any], None]


def copy_nested_dicts(given: Any) -> Any:
    """A copy in which dicts and lists are new at every depth, and everything else is the same."""
    if isinstance(given, dict):
        return {key: copy_nested_dicts(value) for key, value in given.items()}
    return list(given) if isinstance(given, list) else given


def merge_nested_dicts(dict1: dict, dict2: dict, copy_dict1: bool = True) -> dict:
    """The first with the second added: dicts are merged, lists joined, other values replaced."""
    merged = copy_nested_dicts(dict1) if copy_dict1 else dict1
    for key, value in dict2.items():
        present = merged.get(key)
        if isinstance(value, dict) and isinstance(present, dict):
            merge_nested_dicts(present, value, copy_dict1=False)
        elif isinstance(value, list) and isinstance(present, list):
            present.extend(value)
        else:
            merged[key] = copy_nested_dicts(value)
    return merged
