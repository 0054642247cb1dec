"""Walks of a pass, one a picture, as nodes."""

from dataclasses import dataclass

from limner.dialects.a1111.passes import Pass, Stage
from limner.dialects.a1111.steps import switch_step
from limner.graph.graph import Link, Node

WALK = "walk"
"""Nodes that denoise are called this and the number of the picture."""

MULTIPLE = 8
"""Pixels that an element of most latents covers in each direction."""


def whole(side: int) -> int:
    """The length that is drawn for a side."""
    return -(-side // MULTIPLE) * MULTIPLE


@dataclass(frozen=True)
class Start:
    """What a walk begins with, and the texts that it follows."""

    latent: Link
    positive: Link
    negative: Link


@dataclass
class Walker:
    """Makes the walks of a pass, with a refiner for the last steps if there is one.

    Attributes:
        name: What its nodes' names hold.
        plan: The pass.
        refiner: Another network for the last steps; None: none.
        switch: Share of the steps before it.
        nodes: Where nodes are put.
        stage: The nodes that all walks share.
    """

    name: str
    plan: Pass
    refiner: Pass | None
    switch: float | None
    nodes: dict[str, Node]

    def __post_init__(self) -> None:
        self.stage = Stage(self.name, self.plan, self.nodes)
        steps = self.plan.steps
        self._at = switch_step(steps, self.switch) if self.refiner is not None else None
        self._sampler, self._sigmas = self.stage.sampler(), self.stage.sigmas(steps.first, self._at)
        self._guiders: dict[tuple[Link, Link], Link] = {}
        self._last = None
        if self.refiner is not None and self._at is not None:
            self._last = Stage(f"{self.name} refiner", self.refiner, self.nodes)
            self._rest = self._last.sigmas(self._at)

    def walked(self, number: int | str, start: Start, noise: Link) -> Link:
        """The walk of a picture. Args: number: Of it, or its name."""
        if self.plan.steps.taken <= 0:
            return start.latent
        texts = (start.positive, start.negative)
        if texts not in self._guiders:
            self._guiders[texts] = self.stage.guider(f"guider {len(self._guiders) + 1}", *texts)
        name = f"{WALK} {number} {self.name}"
        latent = self._walk(name, noise, self._guiders[texts], self._sigmas, start.latent)
        if self._last is None:
            return latent
        guider = self._last.guider("guider", self._last.positive, self._last.negative)
        none = self._last.add("noise", "DisableNoise")
        return self._walk(f"{name} refiner", none, guider, self._rest, latent)

    def _walk(self, name: str, noise: Link, guider: Link, sigmas: Link, latent: Link) -> Link:
        told = {"noise": noise, "guider": guider, "sampler": self._sampler, "sigmas": sigmas, "latent_image": latent}
        self.nodes[name] = Node(type="SamplerCustomAdvanced", inputs=told)
        return Link(name, 0)
