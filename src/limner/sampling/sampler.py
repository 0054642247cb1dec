"""What a sampler is: a generator function with a mark that says how it behaves and what it is called."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from torch import Tensor

from limner.sampling.noise import Noise
from limner.sampling.walk import Sigmas, Walk

WalkFunction = Callable[..., Walk]
"""Called as (x, sigmas, noise, **options)."""


@dataclass(frozen=True)
class Sampler:
    """A named sampler, with options filled in.

    Attributes:
        name: Its name.
        function: The generator function.
        order: Order of convergence on smooth data, first and last step included; of a stochastic one, without its
            noise (``eta`` 0). 0: it does not follow the differential equation.
        rank: Its place in lists for people; ties are broken by name.
        stochastic: Whether it adds noise on the way.
        aliases: Its names in other dialects.
        discard_penultimate: Whether schedules compute one sigma more and drop the next to last.
        noise_seed_offset: Added to the seed for the noise that hides the kept part of an inpainting.
        tree_on_device: Whether its Brownian path is drawn on the walk's device instead of the CPU.
        needs_negative: Whether it asks ``noise.negative``: then every prediction is evaluated, at scale 1 too.
        options: Passed to the function, such as ``eta``.
        procedure: Samples in place of ``denoise``, see ``sampling.denoise.Procedure``; None for every sampler that is
            a walk.
        doc: What it is, for people.
        source: The module that defines it.
    """

    name: str
    function: WalkFunction
    order: int
    rank: int = 10000
    stochastic: bool = False
    aliases: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    discard_penultimate: bool = False
    noise_seed_offset: int = 0
    tree_on_device: bool = False
    needs_negative: bool = False
    options: Mapping[str, Any] = field(default_factory=dict)
    procedure: Callable[..., Any] | None = None
    doc: str = ""
    source: str = ""

    def walk(self, x: Tensor, sigmas: Sigmas, noise: Noise) -> Walk:
        """Begins a walk from x at the first of the sigmas."""
        return self.function(x, sigmas, noise, **self.options)

    def with_options(self, **options: Any) -> "Sampler":
        """The same sampler with other options, such as ``eta=0.5``."""
        return replace(self, options={**self.options, **options})


def sampler(
    name: str,
    *,
    order: int,
    rank: int = 10000,
    stochastic: bool = False,
    aliases: Mapping[str, tuple[str, ...]] | None = None,
    discard_penultimate: bool = False,
    noise_seed_offset: int = 0,
    tree_on_device: bool = False,
    needs_negative: bool = False,
    options: Mapping[str, Any] | None = None,
) -> Callable[[WalkFunction], Sampler]:
    """Marks a generator function as a sampler; the arguments are Sampler's attributes."""

    def mark(function: WalkFunction) -> Sampler:
        return Sampler(
            name=name,
            function=function,
            order=order,
            rank=rank,
            stochastic=stochastic,
            aliases=aliases or {},
            discard_penultimate=discard_penultimate,
            noise_seed_offset=noise_seed_offset,
            tree_on_device=tree_on_device,
            needs_negative=needs_negative,
            options=options or {},
            doc=(function.__doc__ or "").strip(),
            source=function.__module__,
        )

    return mark


def variant(original: Sampler, name: str, **changes: Any) -> Sampler:
    """A sampler under another name that differs in a few attributes."""
    return replace(original, name=name, **{"aliases": {}, **changes})
