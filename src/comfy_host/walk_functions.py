"""Our walks as the sampler functions that node packs know, and the small parts such functions are made of."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from inspect import signature
from typing import Any

import torch
from torch import Tensor

from comfy_host.readings import parametrization_of
from limner.graph.errors import NumericsError
from limner.sampling.ancestral import ancestral_split
from limner.sampling.brownian import BrownianTree
from limner.sampling.noise import CPU, BrownianIncrements, Noise
from limner.sampling.parametrization import EpsParametrization, Parametrization
from limner.sampling.sampler import Sampler

MOST_SEED = 2**63 - 1
NEUTRAL: Mapping[str, tuple[Any, ...]] = {
    "s_churn": (0.0, None),
    "s_tmin": (0.0, None),
    "s_tmax": (float("inf"), 999.0, None),
    "s_noise": (1.0, None),
    "eta": (0.0, 1.0, None),
    "r": (0.5, None),
    "solver_type": ("midpoint", None),
}
"""Values of common options that change nothing where a sampler does without them."""


def sampler_function(native: Sampler) -> Callable[..., Tensor]:
    """One of our samplers as a function of a model; ``native`` of the function is the sampler."""

    def sample(
        model: Callable[..., Tensor],
        x: Tensor,
        sigmas: Tensor,
        extra_args: Mapping[str, Any] | None = None,
        callback: Callable[[dict[str, Any]], None] | None = None,
        disable: Any = None,
        noise_sampler: Callable[[Any, Any], Tensor] | None = None,
        **options: Any,
    ) -> Tensor:
        arguments = dict(extra_args or {})
        levels = [float(sigma) for sigma in sigmas]
        asked: list[float] = [levels[0]]
        noise = _noise(native, model, x, levels, arguments.get("seed"), noise_sampler, asked)
        if native.needs_negative:
            arguments["model_options"], noise = _overheard(arguments.get("model_options") or {}, noise)
        walk = native.with_options(**understood(native, options)).walk(x, levels, noise)
        step = 0
        try:
            request = next(walk)
            while True:
                asked[0] = request.sigma
                sigma = request.x.new_full((request.x.shape[0],), request.sigma)
                x0 = model(request.x, sigma, **arguments)
                if callback is not None and not request.inner:
                    told = {"x": request.x, "i": step, "sigma": sigma[0], "sigma_hat": sigma[0], "denoised": x0}
                    callback(told)
                step += not request.inner
                request = walk.send(x0)
        except StopIteration as end:
            return end.value
        finally:
            walk.close()

    sample.__name__ = sample.__qualname__ = f"sample_{native.name}"
    sample.__doc__ = native.doc
    sample.native = native  # type: ignore[attr-defined]
    return sample


def understood(native: Sampler, options: Mapping[str, Any]) -> dict[str, Any]:
    """The options that a walk has. Those that it lacks may be given where they ask for nothing.

    Raises:
        NumericsError: if one that it lacks asks for something.
    """
    has = signature(native.function).parameters
    asking = [name for name, value in options.items() if name not in has and value not in NEUTRAL.get(name, ())]
    if asking:
        raise NumericsError(f"The sampler {native.name} has no option {', '.join(asking)}; it has {', '.join(has)}.")
    return {name: value for name, value in options.items() if name in has}


def _noise(
    native: Sampler,
    model: Any,
    x: Tensor,
    levels: Sequence[float],
    seed: int | None,
    given: Callable[[Any, Any], Tensor] | None,
    asked: Sequence[float],
) -> Noise:
    parametrization = model_parametrization(model)
    if given is not None:

        def draw() -> Tensor:
            following = [level for level in levels if level < asked[0]]
            return given(torch.tensor(asked[0]), torch.tensor(following[0] if following else 0.0))

        return Noise(draw, lambda low, high: given(torch.tensor(low), torch.tensor(high)), parametrization)
    chosen = int(torch.randint(0, MOST_SEED, ()).item()) if seed is None else seed
    return Noise.seeded(chosen, x, levels, parametrization, x.device if native.tree_on_device else None)


def _overheard(options: Mapping[str, Any], noise: Noise) -> tuple[dict[str, Any], Noise]:
    """Options under which the negative prediction is evaluated and kept, and noise that knows it."""
    held: list[Tensor] = []

    def keep(told: Mapping[str, Any]) -> Tensor:
        held[:] = [told["uncond_denoised"]]
        return told["denoised"]

    functions = [*options.get("sampler_post_cfg_function", ()), keep]
    added = {"sampler_post_cfg_function": functions, "disable_cfg1_optimization": True}
    return {**options, **added}, replace(noise, negative=lambda x0: held[0] if held else x0)


def model_parametrization(model: Any) -> Parametrization:
    """The noise levels of the model that a sampler function was given; Stable Diffusion's where it does not say."""
    for _ in range(4):
        found = getattr(model, "model_sampling", None)
        if found is not None:
            return parametrization_of(found)
        model = getattr(model, "inner_model", None)
    return EpsParametrization()


def append_zero(x: Tensor) -> Tensor:
    """Sigmas with a 0 at their end."""
    return torch.cat([x, x.new_zeros([1])])


def append_dims(x: Tensor, target_dims: int) -> Tensor:
    """A tensor with axes of length 1 added at its end.

    Raises:
        ValueError: if it has more axes already.
    """
    missing = target_dims - x.ndim
    if missing < 0:
        raise ValueError(f"The tensor has {x.ndim} axes, more than the {target_dims} that are wanted.")
    return x[(...,) + (None,) * missing]


def to_d(x: Tensor, sigma: Tensor, denoised: Tensor) -> Tensor:
    """The slope dx/dsigma. Source: Karras et al. 2022, equation 3."""
    return (x - denoised) / append_dims(torch.as_tensor(sigma, device=x.device), x.ndim)


def get_ancestral_step(sigma_from: Any, sigma_to: Any, eta: float = 1.0) -> tuple[Any, Any]:
    """(down, up) of an ancestral step."""
    if not eta:
        return sigma_to, 0.0
    down, up = ancestral_split(float(sigma_from), float(sigma_to), eta)
    if isinstance(sigma_to, Tensor):
        return sigma_to.new_tensor(down), sigma_to.new_tensor(up)
    return down, up


def default_noise_sampler(x: Tensor, seed: int | None = None) -> Callable[[Any, Any], Tensor]:
    """Draws unit Gaussian noise like x, from a generator of its own where a seed is given."""
    if seed is None:
        return lambda sigma, sigma_next: torch.randn_like(x)
    generator = torch.Generator(x.device).manual_seed(seed)
    return lambda sigma, sigma_next: torch.randn(
        x.shape, dtype=x.dtype, layout=x.layout, device=x.device, generator=generator
    )


class BrownianTreeNoiseSampler:
    """Unit increments of one Brownian path between sigmas.

    Args:
        x: Gives shape, type and device.
        sigma_min: Lower end of the path.
        sigma_max: Upper end.
        seed: Fixes the path; drawn at random where it is None.
        transform: Maps sigmas to the path's time.
        cpu: Whether the path is drawn on the CPU.
    """

    def __init__(
        self,
        x: Tensor,
        sigma_min: Any,
        sigma_max: Any,
        seed: int | None = None,
        transform: Callable[[Any], Any] = lambda value: value,
        cpu: bool = False,
    ) -> None:
        self.transform = transform
        ends = [float(transform(torch.as_tensor(value))) for value in (sigma_min, sigma_max)]
        chosen = int(torch.randint(0, MOST_SEED, ()).item()) if seed is None else seed
        self.tree = BrownianIncrements(x, ends, chosen, CPU if cpu else x.device)
        self.tree.positive = ends  # transformed times may be 0 or below

    def __call__(self, sigma: Any, sigma_next: Any) -> Tensor:
        """The increment between two sigmas, of unit variance."""
        begin, end = (float(self.transform(torch.as_tensor(value))) for value in (sigma, sigma_next))
        return self.tree(begin, end)


class BatchedBrownianTree:
    """Brownian paths of a batch: one for all, or one a sample.

    Args:
        x: [b ...]; gives shape, type and device.
        t0: One end of the path.
        t1: The other.
        seed: One for all, or one a sample.
    """

    def __init__(self, x: Tensor, t0: Any, t1: Any, seed: Any = None, cpu: bool = False, **_: Any) -> None:
        seeds = seed if isinstance(seed, Sequence) else [seed]
        low, high = sorted((float(t0), float(t1)))
        self.sign, self.batched = (1.0 if float(t0) < float(t1) else -1.0), len(seeds) > 1
        shape = x.shape[1:] if self.batched else x.shape
        device = CPU if cpu else x.device
        self.device = x.device
        drawn = [int(torch.randint(0, MOST_SEED, ()).item()) if one is None else int(one) for one in seeds]
        self.trees = [BrownianTree(shape, x.dtype, device, low, high, entropy=one) for one in drawn]

    def __call__(self, t0: Any, t1: Any) -> Tensor:
        """What the paths gain between two times."""
        low, high = sorted((float(t0), float(t1)))
        sign = self.sign * (1.0 if float(t0) < float(t1) else -1.0)
        gains = [tree.increment(low, high).to(self.device) for tree in self.trees]
        return (torch.stack(gains) if self.batched else gains[0]) * sign
