"""Hooks: adapters that come with a text, at strengths that change during a walk."""

import logging
from collections.abc import Callable
from typing import Annotated, Any

from limner.graph.declare import Choice, Flags, Number, Socket, node
from limner.models.hooks import AdapterWeights, Hook, HookGroup, Keyframe, OtherWeights, combined
from limner.models.text.hooks import TextHooks, with_text_hooks
from limner.nodes.conditioning import Percent, with_options
from limner.nodes.conditioning_marks import PAIR, SINGLE, OptionalHooks, with_hooks
from limner.nodes.loaders import AdapterName, Library, file_stamp
from limner.nodes.sockets import CLIP, CONDITIONING
from limner.nodes.text import present
from limner.sampling.conditioning import DEFAULT

logger = logging.getLogger(__name__)

CREATE, SCHEDULING, COMBINE = (f"advanced/hooks/{kind}" for kind in ("create", "scheduling", "combine"))

Frames = tuple[Keyframe, ...]
HOOK_GROUP = Annotated[Any, Socket("HOOKS")]
HOOK_FRAMES = Annotated[Any, Socket("HOOK_KEYFRAMES")]
OptionalFrames = Annotated[Any, Socket("HOOK_KEYFRAMES"), Flags(optional=True)]
Amount = Annotated[float, Number(min=-20.0, max=20.0, step=0.01)]
Factor = Annotated[float, Number(min=0.0, max=10.0, step=0.001)]
Floats = Annotated[Any, Socket("FLOATS"), Number(min=-1, step=0.001), Flags(force_input=True)]
CheckpointName = Annotated[str, Choice(source="checkpoints")]

EASES: dict[str, Callable[[float], float]] = {
    "linear": lambda share: share,
    "ease_in": lambda share: share**2,
    "ease_out": lambda share: 1 - (1 - share) ** 2,
    "ease_in_out": lambda share: share**2 * (3 - 2 * share),
}


def _adapter_hook(library: Any, name: str, model: float, text: float, before: HookGroup | None) -> HookGroup:
    hook = Hook(AdapterWeights(library.adapter(name)), model, text)
    return combined(before, HookGroup((hook,) if model or text else ())) or HookGroup()


@node(
    name="CreateHookLora",
    title="Create Hook LoRA",
    category=CREATE,
    outputs=("HOOKS",),
    fingerprint=file_stamp("loras", "lora_name"),
)
def create_hook_lora(
    *,
    lora_name: AdapterName,
    strength_model: Amount = 1.0,
    strength_clip: Amount = 1.0,
    prev_hooks: OptionalHooks = None,
    library: Library,
) -> HOOK_GROUP:
    """A LoRA for single texts: it acts where its hook is put on conditioning or on a text encoder."""
    return _adapter_hook(library, lora_name, strength_model, strength_clip, prev_hooks)


@node(
    name="CreateHookLoraModelOnly",
    title="Create Hook LoRA (MO)",
    category=CREATE,
    outputs=("HOOKS",),
    fingerprint=file_stamp("loras", "lora_name"),
)
def create_hook_lora_model_only(
    *, lora_name: AdapterName, strength_model: Amount = 1.0, prev_hooks: OptionalHooks = None, library: Library
) -> HOOK_GROUP:
    """A LoRA for the predictions of single texts; text encoders are left alone."""
    return _adapter_hook(library, lora_name, strength_model, 0.0, prev_hooks)


def _checkpoint_hook(library: Any, name: str, model: float, text: float, before: HookGroup | None) -> HookGroup:
    checkpoint = library.checkpoint(name)
    branches = () if checkpoint.clip is None else checkpoint.clip.branches
    weights = OtherWeights(checkpoint.model.network, {branch.name: branch.network for branch in branches})
    hook = Hook(weights, model, text)
    return combined(before, HookGroup((hook,) if model or text else ())) or HookGroup()


@node(
    name="CreateHookModelAsLora",
    title="Create Hook Model as LoRA",
    category=CREATE,
    outputs=("HOOKS",),
    fingerprint=file_stamp("checkpoints", "ckpt_name"),
)
def create_hook_model_as_lora(
    *,
    ckpt_name: CheckpointName,
    strength_model: Amount = 1.0,
    strength_clip: Amount = 1.0,
    prev_hooks: OptionalHooks = None,
    library: Library,
) -> HOOK_GROUP:
    """Another checkpoint of the family for single texts: strength 1 gives its weights, less something in between."""
    return _checkpoint_hook(library, ckpt_name, strength_model, strength_clip, prev_hooks)


@node(
    name="CreateHookModelAsLoraModelOnly",
    title="Create Hook Model as LoRA (MO)",
    category=CREATE,
    outputs=("HOOKS",),
    fingerprint=file_stamp("checkpoints", "ckpt_name"),
)
def create_hook_model_as_lora_model_only(
    *, ckpt_name: CheckpointName, strength_model: Amount = 1.0, prev_hooks: OptionalHooks = None, library: Library
) -> HOOK_GROUP:
    """Another checkpoint's network for the predictions of single texts; text encoders are left alone."""
    return _checkpoint_hook(library, ckpt_name, strength_model, 0.0, prev_hooks)


def _joined(before: Frames | None, frames: list[Keyframe], *, shown: bool = False) -> Frames:
    """Keyframes with more, in the order of their moments."""
    if shown:
        for frame in frames:
            logger.info("From %.3f of the walk on: strength times %.4f", frame.start, frame.strength)
    return tuple(sorted([*(before or ()), *frames], key=lambda frame: frame.start))


def _spread(strengths: list[float], start: float, end: float) -> list[Keyframe]:
    """Keyframes at equal distances, the last one at the end."""
    distance = (end - start) / max(1, len(strengths) - 1)
    return [Keyframe(strength, start + distance * place) for place, strength in enumerate(strengths)]


@node(name="CreateHookKeyframe", title="Create Hook Keyframe", category=SCHEDULING, outputs=("HOOK_KF",))
def create_hook_keyframe(
    *, strength_mult: Amount = 1.0, start_percent: Percent = 0.0, prev_hook_kf: OptionalFrames = None
) -> HOOK_FRAMES:
    """From a moment of the walk on, what the strength of hooks is multiplied by."""
    return _joined(prev_hook_kf, [Keyframe(strength_mult, start_percent)])


@node(
    name="CreateHookKeyframesInterpolated",
    title="Create Hook Keyframes Interp.",
    category=SCHEDULING,
    outputs=("HOOK_KF",),
)
def create_hook_keyframes_interpolated(
    *,
    strength_start: Factor = 1.0,
    strength_end: Factor = 1.0,
    interpolation: Annotated[str, Choice(*EASES)],
    start_percent: Percent = 0.0,
    end_percent: Percent = 1.0,
    keyframes_count: Annotated[int, Number(min=2, max=100, step=1)] = 5,
    print_keyframes: bool = False,
    prev_hook_kf: OptionalFrames = None,
) -> HOOK_FRAMES:
    """Factors that go from one strength to another, evenly or with a slow start or end."""
    shares = (EASES[interpolation](place / (keyframes_count - 1)) for place in range(keyframes_count))
    strengths = [strength_start + (strength_end - strength_start) * share for share in shares]
    return _joined(prev_hook_kf, _spread(strengths, start_percent, end_percent), shown=print_keyframes)


@node(
    name="CreateHookKeyframesFromFloats",
    title="Create Hook Keyframes From Floats",
    category=SCHEDULING,
    outputs=("HOOK_KF",),
)
def create_hook_keyframes_from_floats(
    *,
    floats_strength: Floats = -1,
    start_percent: Percent = 0.0,
    end_percent: Percent = 1.0,
    print_keyframes: bool = False,
    prev_hook_kf: OptionalFrames = None,
) -> HOOK_FRAMES:
    """Factors from a list of numbers, spread evenly over a part of the walk."""
    many = isinstance(floats_strength, list | tuple)
    strengths = [float(number) for number in (floats_strength if many else [floats_strength])]
    return _joined(prev_hook_kf, _spread(strengths, start_percent, end_percent), shown=print_keyframes)


@node(name="SetHookKeyframes", title="Set Hook Keyframes", category=SCHEDULING, outputs=("HOOKS",))
def set_hook_keyframes(*, hooks: HOOK_GROUP, hook_kf: OptionalFrames = None) -> HOOK_GROUP:
    """Hooks under keyframes, in place of those that they had."""
    return hooks if hook_kf is None or hooks is None else hooks.with_keyframes(hook_kf)


@node(name="CombineHooks2", title="Combine Hooks [2]", category=COMBINE, outputs=("HOOKS",))
def combine_hooks_2(
    *,
    hooks_A: OptionalHooks = None,  # noqa: N803 - names of saved workflows
    hooks_B: OptionalHooks = None,  # noqa: N803
) -> HOOK_GROUP:
    """Hooks that act together."""
    return combined(hooks_A, hooks_B)


@node(name="CombineHooks4", title="Combine Hooks [4]", category=COMBINE, outputs=("HOOKS",))
def combine_hooks_4(
    *,
    hooks_A: OptionalHooks = None,  # noqa: N803
    hooks_B: OptionalHooks = None,  # noqa: N803
    hooks_C: OptionalHooks = None,  # noqa: N803
    hooks_D: OptionalHooks = None,  # noqa: N803
) -> HOOK_GROUP:
    """Hooks that act together, from up to four groups."""
    return combined(hooks_A, hooks_B, hooks_C, hooks_D)


@node(name="CombineHooks8", title="Combine Hooks [8]", category=COMBINE, outputs=("HOOKS",))
def combine_hooks_8(
    *,
    hooks_A: OptionalHooks = None,  # noqa: N803
    hooks_B: OptionalHooks = None,  # noqa: N803
    hooks_C: OptionalHooks = None,  # noqa: N803
    hooks_D: OptionalHooks = None,  # noqa: N803
    hooks_E: OptionalHooks = None,  # noqa: N803
    hooks_F: OptionalHooks = None,  # noqa: N803
    hooks_G: OptionalHooks = None,  # noqa: N803
    hooks_H: OptionalHooks = None,  # noqa: N803
) -> HOOK_GROUP:
    """Hooks that act together, from up to eight groups."""
    return combined(hooks_A, hooks_B, hooks_C, hooks_D, hooks_E, hooks_F, hooks_G, hooks_H)


@node(name="SetClipHooks", title="Set CLIP Hooks", category="advanced/hooks/clip")
def set_clip_hooks(
    *, clip: CLIP, apply_to_conds: bool = True, schedule_clip: bool = False, hooks: OptionalHooks = None
) -> CLIP:
    """A text encoder under hooks; what it encodes may carry them on to the network, and may follow their keyframes."""
    if hooks is None:
        return clip
    return with_text_hooks(present(clip), TextHooks(hooks, apply_to_conds, schedule_clip))


@node(name="ConditioningSetDefaultCombine", title="Cond Set Default Combine", category=SINGLE)
def conditioning_set_default_combine(
    *,
    cond: CONDITIONING,
    cond_DEFAULT: CONDITIONING,  # noqa: N803
    hooks: OptionalHooks = None,
) -> CONDITIONING:
    """A text, and another one that counts where the first does not reach."""
    return cond + with_options(with_hooks(cond_DEFAULT, hooks), **{DEFAULT: True})


@node(
    name="PairConditioningSetDefaultCombine",
    title="Cond Pair Set Default Combine",
    category=PAIR,
    outputs=("positive", "negative"),
)
def pair_conditioning_set_default_combine(
    *,
    positive: CONDITIONING,
    negative: CONDITIONING,
    positive_DEFAULT: CONDITIONING,  # noqa: N803
    negative_DEFAULT: CONDITIONING,  # noqa: N803
    hooks: OptionalHooks = None,
) -> tuple[CONDITIONING, CONDITIONING]:
    """A pair of texts, and another pair that counts where the first does not reach."""
    default = {DEFAULT: True}
    return (
        positive + with_options(with_hooks(positive_DEFAULT, hooks), **default),
        negative + with_options(with_hooks(negative_DEFAULT, hooks), **default),
    )
