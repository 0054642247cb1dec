"""A pass over a picture: a network with its adapters, the texts it follows, and the walk it takes, as nodes."""

from dataclasses import dataclass, field
from typing import Any

from limner.dialects.a1111.names import Walk
from limner.dialects.a1111.sampler_keys import CHURNED, NOISY
from limner.dialects.a1111.steps import Steps
from limner.graph.graph import Link, Node

Nodes = dict[str, Node]


@dataclass(frozen=True)
class Weighed:
    """A file of an adapter with its weights."""

    folder: str
    file: str
    weight: float
    text_weight: float


@dataclass(frozen=True, kw_only=True)
class Network:
    """A network and what is attached to it.

    Attributes:
        checkpoint: Its file.
        vae: File of another autoencoder; empty: the checkpoint's own.
        clip_skip: The layer of the text encoder that is read, counted from the last, which is 1.
        adapters: In the order of the prompt.
        tiling: Pictures go on at their edges.
        merged: Share of their elements that are treated as one with their likest neighbour, to be faster.
    """

    checkpoint: str
    vae: str = ""
    clip_skip: int = 1
    adapters: tuple[Weighed, ...] = ()
    tiling: bool = False
    merged: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Pass:
    """One pass.

    Attributes:
        network: With it.
        positive: Text to follow.
        negative: Text to keep away from.
        guidance: How strictly.
        distilled: Guidance that the network itself was taught; None: as it is.
        eta: Share of the noise that some samplers take away and add anew in each step,
        s_noise: and what it is multiplied by.
        churn: Noise that some others take on before their steps, in all; it is multiplied by the same,
        bounds: at levels between these; 0: no bound.
        earlier: Steps of passes before it; where prompts change at whole numbers of steps, these count.
        walk: Sampler and schedule.
        steps: Of the schedule, and the first that is taken.
    """

    network: Network
    positive: str
    negative: str
    guidance: float
    walk: Walk
    steps: Steps
    distilled: float | None = None
    eta: float = 1.0
    s_noise: float = 1.0
    churn: float = 0.0
    bounds: tuple[float, float] = (0.0, 0.0)
    earlier: int = 0


@dataclass
class Stage:
    """The nodes of a pass, made one after the other. All their names begin alike.

    Attributes:
        name: What their names begin with.
        plan: The pass.
        nodes: What was made.
    """

    name: str
    plan: Pass
    nodes: Nodes = field(default_factory=dict)
    model: Link = field(init=False)
    clip: Link = field(init=False)
    vae: Link = field(init=False)
    positive: Link = field(init=False)
    negative: Link = field(init=False)

    def __post_init__(self) -> None:
        self._load()
        self._adapt()
        self._merge()
        self._tile()
        levels = self.sigmas(self.plan.steps.first, name="levels")
        self.positive = self._text("positive", self.plan.positive, levels)
        self.negative = self._text("negative", self.plan.negative, levels)
        if self.plan.distilled is not None:
            told = {"conditioning": self.positive, "guidance": self.plan.distilled}
            self.positive = self.add("distilled", "FluxGuidance", **told)

    def add(self, name: str, kind: str, /, **inputs: Any) -> Link:
        """A further node. Returns: its first output."""
        whole = f"{self.name} {name}"
        self.nodes[whole] = Node(type=kind, inputs=inputs)
        return Link(whole, 0)

    def guider(self, name: str, positive: Link, negative: Link) -> Link:
        """A guider with this pass's network and guidance."""
        told = {"model": self.model, "positive": positive, "negative": negative, "cfg": self.plan.guidance}
        return self.add(name, "CFGGuider", **told)

    def sampler(self) -> Link:
        """The sampler; with noise of its own if other noise is asked for than it has anyway."""
        name, eta, s_noise = self.plan.walk.sampler, self.plan.eta, self.plan.s_noise
        if self.plan.churn > 0 and name in CHURNED:
            low, high = self.plan.bounds
            told = {"s_churn": self.plan.churn, "s_tmin": low, "s_tmax": high, "s_noise": s_noise}
            return self.add("sampler", "SamplerChurned", sampler_name=name, **told)
        if (eta, s_noise) == (1.0, 1.0) or name not in NOISY:
            return self.add("sampler", "KSamplerSelect", sampler_name=name)
        kind, fixed = NOISY[name]
        return self.add("sampler", kind, eta=eta, s_noise=s_noise, **fixed)

    def sigmas(self, first: int, last: int | None = None, name: str = "sigmas") -> Link:
        """The noise levels from one step to another."""
        walk, steps = self.plan.walk, self.plan.steps.schedule
        return self.add(
            name,
            "SamplerSigmas",
            model=self.model,
            sampler_name=walk.sampler,
            scheduler=walk.schedule,
            steps=steps,
            start_at_step=first,
            end_at_step=steps if last is None else last,
        )

    def _load(self) -> None:
        network = self.plan.network
        self.model = self.add("model", "CheckpointLoaderSimple", ckpt_name=network.checkpoint)
        self.clip, self.vae = Link(self.model.source, 1), Link(self.model.source, 2)
        if network.vae:
            self.vae = self.add("vae", "VAELoader", vae_name=network.vae)
        if network.clip_skip > 1:
            self.clip = self.add("layer", "CLIPSetLastLayer", clip=self.clip, stop_at_clip_layer=-network.clip_skip)

    def _adapt(self) -> None:
        for number, adapter in enumerate(self.plan.network.adapters, 1):
            name = f"adapter {number}"
            if adapter.folder == "hypernetworks":
                told: dict[str, Any] = {"hypernetwork_name": adapter.file, "strength": adapter.weight}
                self.model = self.add(name, "HypernetworkLoader", model=self.model, **told)
                continue
            told = {"lora_name": adapter.file, "strength_model": adapter.weight, "strength_clip": adapter.text_weight}
            self.model = self.add(name, "LoraLoader", model=self.model, clip=self.clip, **told)
            self.clip = Link(self.model.source, 1)

    def _merge(self) -> None:
        if self.plan.network.merged > 0:
            self.model = self.add("merging", "TomePatchModel", model=self.model, ratio=self.plan.network.merged)

    def _tile(self) -> None:
        if self.plan.network.tiling:
            self.model = self.add("tiling", "SeamlessTiling", model=self.model, x=True, y=True)
            self.vae = self.add("tiling vae", "SeamlessTilingVAE", vae=self.vae, x=True, y=True)

    def _text(self, name: str, text: str, levels: Link) -> Link:
        """A text that may change on the way; joining several with AND is for the positive one."""
        return self.add(
            name,
            "TextEncodeWithSchedule",
            model=self.model,
            clip=self.clip,
            text=text,
            steps=max(1, self.plan.steps.taken),
            scheduler=self.plan.walk.schedule,
            denoise=1.0,
            sigmas=levels,
            composed=name == "positive",
            earlier_steps=self.plan.earlier,
        )
