"""Hooks of conditionings. Limner has none yet: names are here, and using one says so."""

from __future__ import annotations

import enum

from comfy_host.missing import absent
from limner.graph.errors import NumericsError


class EnumHookMode(enum.Enum):
    """What hooks save: memory or time."""

    MinVram = "minvram"
    MaxSpeed = "maxspeed"


class EnumHookType(enum.Enum):
    """What a hook changes."""

    Weight = "weight"
    ObjectPatch = "object_patch"
    AdditionalModels = "add_models"
    TransformerOptions = "transformer_options"
    Injections = "add_injections"


class EnumWeightTarget(enum.Enum):
    """Whose weights."""

    Model = "model"
    Clip = "clip"


class EnumHookScope(enum.Enum):
    """Where a hook counts."""

    AllConditioning = "all_conditioning"
    HookedOnly = "hooked_only"


class Hook:
    """A hook; cannot be made."""

    def __init__(self, *_, **__):
        raise NumericsError(f"comfy.hooks.{type(self).__name__}: hooks of conditionings are not supported yet.")


class WeightHook(Hook):
    """Changes weights."""


class ObjectPatchHook(Hook):
    """Changes parts of a model."""


class AdditionalModelsHook(Hook):
    """Brings models."""


class TransformerOptionsHook(Hook):
    """Changes options."""


class InjectionsHook(Hook):
    """Brings injections."""


class HookKeyframe:
    """A strength from a share of the walk on."""

    def __init__(self, strength, start_percent=0.0, guarantee_steps=1):
        self.strength, self.start_percent, self.guarantee_steps = strength, start_percent, guarantee_steps


class HookKeyframeGroup:
    """Strengths along a walk."""

    def __init__(self):
        self.keyframes = []

    def add(self, keyframe):
        """Adds one, in the order of the walk."""
        self.keyframes = sorted([*self.keyframes, keyframe], key=lambda one: one.start_percent)

    def clone(self):
        """Another group of the same."""
        other = HookKeyframeGroup()
        other.keyframes = list(self.keyframes)
        return other


class HookGroup:
    """Hooks that belong together; always empty."""

    def __init__(self):
        self.hooks = []

    def __len__(self):
        return len(self.hooks)

    def clone(self):
        """Another empty group."""
        return HookGroup()

    @staticmethod
    def combine_all_hooks(hooks_list, require_count=0):
        """Nothing where there is nothing."""
        present = [hooks for hooks in hooks_list if hooks is not None]
        return present[0] if present else None


def set_hooks_for_conditioning(cond, hooks, append_hooks=True, cache=None):
    """The conditioning; hooks must be empty."""
    if hooks is not None and len(hooks):
        raise NumericsError("Hooks of conditionings are not supported yet.")
    return cond


__getattr__ = absent(__name__)
