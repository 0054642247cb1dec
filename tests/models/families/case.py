"""A family at the size of a test: what its case says, and what is done with it.

A case is a tiny network of the real class with random weights, the files that people have of it, and an oracle: the
pipeline of diffusers that the family was published with, run with that network.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

import tests.models.families
import torch
from safetensors.torch import save_file
from tests.golden.running import definitions
from torch import Tensor, nn

from limner.graph.discovery import discover
from limner.graph.progress import SilentProgress
from limner.models.library import ModelLibrary
from limner.models.model import DiffusionModel
from limner.sampling.guidance import Guidance
from limner.sampling.guiders.cfg import CfgGuider
from limner.sampling.loop import DenoisingLoop
from limner.sampling.registry import SamplingRegistry
from limner.storage.folders import Folders

State = Mapping[str, Tensor]
Conditioning = list[Any]

SEED = 5
STEPS = 4


@dataclass(frozen=True)
class Loading:
    """A file, and the node that loads it.

    Attributes:
        state: Its tensors.
        folder: The kind of model whose folder it lies in.
        node: ``UNETLoader`` or ``CheckpointLoaderSimple``.
        inputs: The node's further inputs.
    """

    state: State
    folder: str = "diffusion_models"
    node: str = "UNETLoader"
    inputs: Mapping[str, Any] = field(default_factory=lambda: {"weight_dtype": "default"})


@dataclass(frozen=True)
class Trial:
    """What an oracle is asked with.

    Attributes:
        network: The network of diffusers.
        model: Ours, loaded from one of the files.
        positive: Conditioning, and
        negative: what is steered away from.
        noise: [1 c ...] at the network's scale.
    """

    network: nn.Module
    model: DiffusionModel
    positive: Conditioning
    negative: Conditioning
    noise: Tensor

    def walk(self, sigmas: Sequence[float] | Tensor, scale: float, noise: Tensor | None = None) -> Tensor:
        """Euler's walk from the noise, guided by both texts; at the network's scale."""
        x = self.noise if noise is None else noise
        guidance = Guidance(self.model, CfgGuider(self.positive, self.negative, scale), x)
        for sigma, following in pairwise(float(sigma) for sigma in sigmas):
            x0 = self.predicted(guidance, x, sigma)
            x = x + (x - x0) / sigma * (following - sigma)
        return x

    def predicted(self, guidance: Guidance, x: Tensor, sigma: float) -> Tensor:
        """The guided prediction of the clean latent."""
        question = guidance.question(x, sigma)
        for call in question.calls:
            level = torch.full((call.samples,), call.sigma)
            meaning = self.model.parametrization
            output = call.denoiser.predict(meaning.scale_input(call.x, level), meaning.timestep(level), call.inputs)
            call.x0 = meaning.x0(call.x, output, level)
        return guidance.guider.combine(x, sigma, question.predictions(), self.model)


@dataclass(frozen=True)
class Case:
    """A family at the size of a test.

    Attributes:
        name: What the table calls it: ``flux dev``.
        family: The family that has to recognise it.
        network: Makes the tiny network; its weights are drawn again.
        layouts: By name, how a file of the network looks.
        texts: Makes the conditioning, from a generator.
        latent: Channels and sides of a latent.
        oracle: Largest difference between our walk and that of diffusers' pipeline.
        autoencoder: Makes the tiny autoencoder; None: nothing is decoded.
    """

    name: str
    family: str
    network: Callable[[], nn.Module]
    layouts: Mapping[str, Callable[[State], Loading]]
    texts: Callable[[torch.Generator], Conditioning]
    latent: tuple[int, ...]
    oracle: Callable[[Trial], float]
    autoencoder: Callable[[], nn.Module] | None = None


def load_cases() -> Mapping[str, Case]:
    """All cases by name."""
    return discover(tests.models.families, Case, lambda case: case.name)


def randomised(network: nn.Module, seed: int = SEED) -> nn.Module:
    """A network with weights that make every part of it count."""
    generator = torch.Generator().manual_seed(seed)
    for name, weight in network.state_dict().items():
        values = torch.randn(weight.shape, generator=generator)
        if weight.ndim < 2 and name.endswith("weight"):
            weight.copy_(1 + 0.1 * values)  # a norm's
        elif name.endswith("running_var"):
            weight.copy_(0.5 + values.abs())
        elif weight.is_floating_point():
            weight.copy_(values * (0.7 / max(1, values[0].numel()) ** 0.5 if weight.ndim > 1 else 0.1))
    return network.eval().requires_grad_(requires_grad=False)


class Bench:
    """A folder with the files of a case, and the nodes that use them."""

    def __init__(self, case: Case, root: Path) -> None:
        self.case, self.root = case, root
        self.network = randomised(case.network())
        self.library = ModelLibrary(Folders.under(root, model_roots=(root / "models",)))
        self.nodes = definitions()

    def write(self, folder: str, name: str, state: State) -> str:
        """Writes a file of a kind; gives its name."""
        path = self.root / "models" / folder / f"{name}.safetensors".replace(" ", "_")
        path.parent.mkdir(parents=True, exist_ok=True)
        save_file({key: tensor.detach().contiguous().clone() for key, tensor in state.items()}, path)
        return path.name

    def call(self, node: str, **inputs: Any) -> Any:
        """What a node gives."""
        return self.nodes[node].function(**inputs)

    def load(self, layout: str) -> DiffusionModel:
        """The network from a file in a layout, by its loader node."""
        loading = self.case.layouts[layout](self.network.state_dict())
        name = self.write(loading.folder, f"{self.case.name} {layout}", loading.state)
        if loading.node == "CheckpointLoaderSimple":
            return self.call(loading.node, ckpt_name=name, library=self.library)[0]
        return self.call(loading.node, unet_name=name, library=self.library, **loading.inputs)

    def texts(self, seed: int) -> Conditioning:
        """Conditioning at random."""
        return self.case.texts(torch.Generator().manual_seed(seed))

    def sample(self, model: DiffusionModel) -> Tensor:
        """A latent, by KSampler."""
        loop = DenoisingLoop()
        try:
            latent = self.call(
                "KSampler",
                model=model,
                seed=SEED,
                steps=STEPS,
                cfg=2.0,
                sampler_name="euler",
                scheduler="simple",
                positive=self.texts(1),
                negative=self.texts(2),
                latent_image={"samples": torch.zeros(1, *self.case.latent)},
                denoise=1.0,
                registry=SamplingRegistry.discovered(),
                loop=loop,
                progress=SilentProgress(),
            )
        finally:
            loop.close()
        return latent["samples"]

    def decode(self, latent: Tensor) -> Tensor | None:
        """Pictures, by VAELoader and VAEDecode; None where the case has no autoencoder."""
        if self.case.autoencoder is None:
            return None
        state = randomised(self.case.autoencoder()).state_dict()
        vae = self.call("VAELoader", vae_name=self.write("vae", "tiny", state), library=self.library)
        return self.call("VAEDecode", samples={"samples": latent}, vae=vae)

    def error(self, model: DiffusionModel) -> float:
        """The largest difference between our walk and the oracle's."""
        noise = torch.randn(1, *self.case.latent, generator=torch.Generator().manual_seed(SEED))
        with torch.no_grad():
            return self.case.oracle(Trial(self.network, model, self.texts(1), self.texts(2), noise))
