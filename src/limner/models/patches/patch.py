"""What a patch is, and how a model gets one.

A patch is a frozen record among a model's options: equal patches are one in the eyes of the denoising loop, so walks
under equal patches share forward passes, and a patched pass never reaches anybody else's samples. There are two kinds,
by what they know of the network: patches of UNets add functions to the walk through it, patches of blocks wrap modules
of any network while it runs.
"""

import threading
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from itertools import chain
from typing import Any, Protocol, runtime_checkable

from torch import Tensor, nn

from limner.sampling.variants import VARIATIONS, WHOLE, Moment, Span

PATCHES = "network_patches"
"""Option of a model: a tuple of patches."""

BLOCKS_OF_PACKS = "transformer_options"
"""Option of a model: what node packs patch a UNet with, as ``unet_walk`` has it."""


@dataclass
class Hooks:
    """What a pass through a UNet does differently, in the words of ``unet_walk``. Made anew for each pass.

    Attributes:
        patches: Functions by kind, in the order in which they run.
        replacements: Functions that take the place of an attention, by its name and the block.
        extras: What else the pass is told, by name.
    """

    patches: dict[str, list[Callable[..., Any]]] = field(default_factory=dict)
    replacements: dict[str, dict[tuple[Any, ...], Callable[..., Tensor]]] = field(default_factory=dict)
    extras: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, options: Mapping[str, Any]) -> "Hooks":
        """With what node packs have set."""
        patches = {name: list(found) for name, found in options.get("patches", {}).items()}
        replacements = {name: dict(found) for name, found in options.get("patches_replace", {}).items()}
        extras = {name: value for name, value in options.items() if name not in ("patches", "patches_replace")}
        return cls(patches, replacements, extras)

    def add(self, kind: str, function: Callable[..., Any]) -> None:
        """One more function of a kind."""
        self.patches.setdefault(kind, []).append(function)

    def replace(self, attention: str, block: tuple[Any, ...], function: Callable[..., Tensor]) -> None:
        """Who computes an attention of a block."""
        self.replacements.setdefault(attention, {})[block] = function

    def with_patches(self, network: Any, options: Mapping[str, Any]) -> "Hooks":
        """These, with what the patches of a UNet among a model's options add."""
        for patch in patches_of(options):
            if isinstance(patch, UnetPatch):
                patch.into(self, network)
        return self

    def options(self) -> dict[str, Any]:
        """As the walk reads it."""
        return {**self.extras, "patches": self.patches, "patches_replace": self.replacements}


@runtime_checkable
class UnetPatch(Protocol):
    """A change of a UNet."""

    def into(self, hooks: Hooks, network: Any) -> None:
        """Adds its functions to a pass."""
        ...


@runtime_checkable
class PassPatch(Protocol):
    """A change of a whole pass of a UNet: of what it is given, of what it says."""

    def around(self, run: Callable[[Any, Tensor | None], Tensor], call: Any, vector: Tensor | None) -> Tensor:
        """What the network says.

        Args:
            run: A pass, given a ``Pass`` and the network's conditioning vector [n v].
            call: The pass that was asked for.
            vector: Its conditioning vector.
        """
        ...


@runtime_checkable
class BlockPatch(Protocol):
    """A change of modules of a network."""

    def replacements(self, network: nn.Module) -> Sequence[tuple[nn.Module, Callable[..., Any]]]:
        """Modules, and what is called in their place: a function of the module's own forward and its arguments."""
        ...


def patches_of(options: Mapping[str, Any]) -> tuple[Any, ...]:
    """The patches in a model's options."""
    return tuple(options.get(PATCHES, ()))


def patch_key(options: Mapping[str, Any]) -> Hashable | None:
    """Equal for options that patch a network equally; None for those that do not patch it.

    Functions of node packs are like nothing but themselves.
    """
    patches = patches_of(options)
    packs = id(options[BLOCKS_OF_PACKS]) if _of_packs(options) else None
    return (patches, packs) if patches or packs is not None else None


def _of_packs(options: Mapping[str, Any]) -> bool:
    packs = options.get(BLOCKS_OF_PACKS) or {}
    return any(packs.get(kind) for kind in ("patches", "patches_replace"))


def is_patched(options: Mapping[str, Any]) -> bool:
    """Whether a UNet under these options runs otherwise than by its own forward."""
    return _of_packs(options) or any(isinstance(patch, UnetPatch) for patch in patches_of(options))


def with_patch(model: Any, patch: Hashable) -> Any:
    """A model with one more patch. Options of the model that it was made from stay as they are."""
    return model.with_options(**{PATCHES: (*patches_of(model.options), patch)})


@dataclass(frozen=True)
class Sometimes:
    """A variation of a model: a patch that holds for a part of a walk, or for one of the predictions.

    Attributes:
        patch: The patch.
        span: When.
        branch: For which of the guider's predictions; None: for all.
    """

    patch: Hashable
    span: Span = WHOLE
    branch: int | None = None

    def __call__(self, denoiser: Any, moment: Moment) -> Any:
        """The patched model where the patch holds, or else the given one."""
        meant = self.branch in (None, moment.branch) and self.span.holds(moment.sigma, denoiser)
        return with_patch(denoiser, self.patch) if meant else denoiser


def with_variation(model: Any, variation: Any) -> Any:
    """A model with one more variation."""
    return model.with_options(**{VARIATIONS: (*model.options.get(VARIATIONS, ()), variation)})


@contextmanager
def stepped_into(network: nn.Module, options: Mapping[str, Any]) -> Iterator[None]:
    """A network whose modules are wrapped by the block patches among options, in this thread, while the block runs."""
    found = [patch for patch in patches_of(options) if isinstance(patch, BlockPatch)]
    with ExitStack() as stack:
        for module, function in chain.from_iterable(patch.replacements(network) for patch in found):
            stack.enter_context(wrapped(module, function))
        yield


@contextmanager
def wrapped(module: nn.Module, function: Callable[..., Any]) -> Iterator[None]:
    """A module whose forward is another function, for calls of this thread.

    The network may be in use by other threads at the same time: they get its own forward.
    """
    own, owner = module.forward, threading.get_ident()

    def forward(*args: Any, **kwargs: Any) -> Any:
        return function(own, *args, **kwargs) if threading.get_ident() == owner else own(*args, **kwargs)

    before = module.__dict__.get("forward")
    module.forward = forward  # type: ignore[method-assign]
    try:
        yield
    finally:
        if before is None:
            del module.forward
        else:
            module.forward = before  # type: ignore[method-assign]
