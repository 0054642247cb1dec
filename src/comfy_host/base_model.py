"""The object that node packs find as ``model.model``: a denoising network with what its output means."""

from __future__ import annotations

import copy
from dataclasses import replace
from enum import Enum
from typing import Any

import torch
from torch import Tensor

from comfy_host import extension
from comfy_host.latent_formats import latent_format_of
from comfy_host.native_options import pass_options
from comfy_host.readings import model_sampling_of, parametrization_of
from comfy_host.weights import UNET, Place, unet_places, weights_of
from limner.graph.errors import ModelFileError
from limner.models import unet_walk
from limner.models.model import DiffusionModel
from limner.sampling.parametrization import Parametrization, VelocityParametrization

WORKING = 4.0
"""Bytes of working memory per latent element and weight column, a rough figure for those who ask before they load."""


class ModelType(Enum):
    """What a network predicts."""

    EPS = 1
    V_PREDICTION = 2
    V_PREDICTION_EDM = 3
    STABLE_CASCADE = 4
    EDM = 5
    FLOW = 6
    V_PREDICTION_CONTINUOUS = 7
    FLUX = 8
    IMG_TO_IMG = 9
    FLOW_COSMOS = 10


class ModelConfig:
    """What packs read of ``model_config``."""

    def __init__(self, native: DiffusionModel) -> None:
        facts = native.network.blueprint.facts
        self.unet_config: dict[str, Any] = {
            "in_channels": facts.get("in_channels", 4),
            "out_channels": facts.get("out_channels", 4),
            "model_channels": facts["channels"][0],  # type: ignore[index]
            "channel_mult": [width // facts["channels"][0] for width in facts["channels"]],  # type: ignore
            "num_res_blocks": [facts.get("layers", 2)] * len(facts["channels"]),  # type: ignore[arg-type]
            "context_dim": facts.get("context"),
            "adm_in_channels": facts.get("vector"),
            "image_model": None,
            "dtype": native.network.dtype,
        }
        self.unet_extra_config: dict[str, Any] = {}
        self.sampling_settings: dict[str, Any] = {}
        self.latent_format = latent_format_of(native)
        self.manual_cast_dtype = None
        self.custom_operations = None
        self.optimizations: dict[str, Any] = {"fp8": False}
        self.memory_usage_factor = WORKING
        self.supported_inference_dtypes = [torch.float16, torch.bfloat16, torch.float32]


class DiffusionNetwork:
    """The network itself, under the names of the original layout where packs look for them."""

    def __init__(self, native: DiffusionModel) -> None:
        self.native = native

    def __call__(
        self,
        x: Tensor,
        timesteps: Tensor,
        context: Tensor | None = None,
        y: Tensor | None = None,
        control: Any = None,
        transformer_options: Any = None,
        **kwargs: Any,
    ) -> Tensor:
        """One pass, inside the wrappers that options hold. Shapes: x [n c h w], timesteps [n], context [n t d]."""
        options = transformer_options or {}
        wrappers = extension.get_all_wrappers(extension.WrappersMP.DIFFUSION_MODEL, options)
        executor = extension.WrapperExecutor.new_class_executor(self.forward, self, wrappers)
        return executor.execute(x, timesteps, context, y, control, options, **kwargs)

    def forward(
        self,
        x: Tensor,
        timesteps: Tensor,
        context: Tensor | None = None,
        y: Tensor | None = None,
        control: Any = None,
        transformer_options: Any = None,
        **_: Any,
    ) -> Tensor:
        """One pass."""
        network = self.native.network
        with torch.no_grad(), network.lease("denoising") as module:
            shown, told = (value.to(device=network.device, dtype=network.dtype) for value in (x, _text(context)))
            options = pass_options(module, transformer_options or {})
            return unet_walk.forward(module, shown, timesteps.to(network.device), told, y, control, options)

    @property
    def dtype(self) -> torch.dtype:
        """What it computes in."""
        return self.native.network.dtype

    @property
    def input_blocks(self) -> list[list[Any]]:
        """Layers of each input block."""
        with self.native.network.lease("inspection") as module:
            later = [[part for part in block if part is not None] for block in unet_walk.input_blocks(module)]
            return [[module.conv_in], *later]

    @property
    def middle_block(self) -> list[Any]:
        """Layers in the middle."""
        with self.native.network.lease("inspection") as module:
            first, *rest = module.mid_block.resnets
            return [first, *(part for pair in zip(module.mid_block.attentions, rest, strict=True) for part in pair)]

    @property
    def output_blocks(self) -> list[list[Any]]:
        """Layers of each output block."""
        with self.native.network.lease("inspection") as module:
            blocks: list[list[Any]] = []
            for level in module.up_blocks:
                attentions = getattr(level, "attentions", None) or [None] * len(level.resnets)
                blocks += [[part for part in pair if part] for pair in zip(level.resnets, attentions, strict=True)]
                blocks[-1] += list(level.upsamplers or ())
            return blocks

    def state_dict(self) -> dict[str, Tensor]:
        """Weights by their original names."""
        network = self.native.network
        found = weights_of([network], unet_places(network))
        return {name.removeprefix(UNET): tensor for name, tensor in found.items()}

    def __getattr__(self, name: str) -> Any:
        """Anything else is the diffusers network's."""
        if name.startswith("__") or name == "native":
            raise AttributeError(name)
        with self.native.network.lease("inspection") as module:
            return getattr(module, name)


def _text(context: Tensor | None) -> Tensor:
    if context is None:
        raise ModelFileError("This network needs text: its context came as None.")
    return context


class BaseModel:
    """A network, its noise levels and its latents.

    Attributes:
        native: Ours.
    """

    def __init__(self, native: Any, *_: Any, **__: Any) -> None:
        if not isinstance(native, DiffusionModel):
            raise ModelFileError(
                f"comfy.model_base.{type(self).__name__} cannot build a network from a {type(native).__name__}: "
                "networks that a pack brings itself are not supported; load a checkpoint of a known family."
            )
        self.native = native
        self.model_config = ModelConfig(native)
        self.model_type = (
            ModelType.V_PREDICTION if isinstance(native.parametrization, VelocityParametrization) else ModelType.EPS
        )
        self.latent_format = self.model_config.latent_format
        self.model_sampling = model_sampling_of(native.parametrization)
        self.diffusion_model: Any = DiffusionNetwork(native)
        self.device = native.device
        self.manual_cast_dtype = None
        self.adm_channels = int(str(native.network.blueprint.facts.get("vector", 0)))
        self.concat_keys: tuple[str, ...] = ()
        self.memory_usage_factor = WORKING
        self.current_patcher: Any = None
        self.options: dict[str, Any] = {}

    @property
    def parametrization(self) -> Parametrization:
        """What its output means, as our guidance asks for it."""
        return parametrization_of(self.model_sampling)

    def with_native(self, native: DiffusionModel) -> BaseModel:
        """The same model over another network; what packs set on it stays."""
        other = copy.copy(self)
        other.native = native
        if type(self.diffusion_model) is DiffusionNetwork:
            other.diffusion_model = DiffusionNetwork(native)
        return other

    def denoiser(self) -> DiffusionModel:
        """Ours, for an evaluation, with the noise levels that this model has now."""
        return replace(self.native, parametrization=self.parametrization, options={})

    def networks(self) -> list[Any]:
        """The networks whose weights packs may patch."""
        return [self.native.network]

    def places(self) -> dict[str, Place]:
        """Where they have which weight."""
        return unet_places(self.native.network)

    def patched(self, networks: list[Any]) -> DiffusionModel:
        """Ours over other networks."""
        return replace(self.native, network=networks[0])

    def apply_model(
        self,
        x: Tensor,
        t: Tensor,
        c_concat: Tensor | None = None,
        c_crossattn: Tensor | None = None,
        control: Any = None,
        transformer_options: Any = None,
        **kwargs: Any,
    ) -> Tensor:
        """The clean latent that the network predicts. Shapes: x [n c h w] unscaled, t [n] sigmas; like x, float32."""
        options = transformer_options or {}
        wrappers = extension.get_all_wrappers(extension.WrappersMP.APPLY_MODEL, options)
        executor = extension.WrapperExecutor.new_class_executor(self._apply_model, self, wrappers)
        return executor.execute(x, t, c_concat, c_crossattn, control, options, **kwargs)

    def _apply_model(
        self,
        x: Tensor,
        t: Tensor,
        c_concat: Tensor | None = None,
        c_crossattn: Tensor | None = None,
        control: Any = None,
        transformer_options: Any = None,
        **kwargs: Any,
    ) -> Tensor:
        levels = self.model_sampling
        shown = levels.calculate_input(t, x)
        if c_concat is not None:
            shown = torch.cat([shown, c_concat.to(shown)], dim=1)
        output = self.diffusion_model(
            shown,
            levels.timestep(t).float(),
            context=c_crossattn,
            control=control,
            transformer_options=transformer_options,
            **kwargs,
        )
        return levels.calculate_denoised(t, output.float(), x)

    def process_latent_in(self, latent: Tensor) -> Tensor:
        """A stored latent at the network's scale."""
        return self.latent_format.process_in(latent)

    def process_latent_out(self, latent: Tensor) -> Tensor:
        """A latent as it is stored."""
        return self.latent_format.process_out(latent)

    def scale_latent_inpaint(self, sigma: Tensor, noise: Tensor, latent_image: Tensor, **_: Any) -> Tensor:
        """What hides the kept part of a latent at a noise level."""
        level = torch.as_tensor(sigma).reshape(-1, *(1,) * (noise.ndim - 1))
        return self.model_sampling.noise_scaling(level, noise, latent_image)

    def get_dtype(self) -> torch.dtype:
        """What it computes in."""
        return self.native.network.dtype

    get_dtype_inference = get_dtype

    def is_adm(self) -> bool:
        """Whether it is told a vector beside the text."""
        return self.adm_channels > 0

    def extra_conds(self, **_: Any) -> dict[str, Any]:
        """What a pack's subclass adds to a conditioning; ours needs nothing."""
        return {}

    def memory_required(self, input_shape: Any, cond_shapes: Any = None) -> float:
        """A rough figure in bytes for an input of a shape."""
        elements = 1
        for side in input_shape:
            elements *= side
        return elements * WORKING * self.native.network.dtype.itemsize * 64

    def state_dict(self) -> dict[str, Tensor]:
        """Weights by name."""
        return weights_of(self.networks(), self.places())

    def to(self, *_: Any, **__: Any) -> BaseModel:
        """Itself: the residency ledger places networks."""
        return self

    eval = to


class SDXL(BaseModel):
    """A model that is told sizes and crops."""


class SDXLRefiner(BaseModel):
    """A model that is told sizes and an aesthetic score."""


KINDS = {"sdxl": SDXL, "sdxl_refiner": SDXLRefiner}
"""Classes that packs ask for, by family; all others are plain."""


def base_model_of(native: DiffusionModel) -> BaseModel:
    """The object for one of our models."""
    return KINDS.get(native.family.name, BaseModel)(native)
