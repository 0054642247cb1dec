"""Denoising networks with their noise levels."""

from comfy_host.base_model import SDXL, BaseModel, ModelType, SDXLRefiner
from comfy_host.missing import absent
from comfy_host.readings import model_sampling_of


class SD21UNCLIP(BaseModel):
    """Not loaded by Limner; here so that packs can ask what a model is."""


class SD3(BaseModel):
    """Not loaded by Limner; here so that packs can ask what a model is."""


class Flux(BaseModel):
    """Not loaded by Limner; here so that packs can ask what a model is."""


class SVD_img2vid(BaseModel):
    """Not loaded by Limner; here so that packs can ask what a model is."""


class HunyuanVideo(BaseModel):
    """Not loaded by Limner; here so that packs can ask what a model is."""


class WAN21(BaseModel):
    """Not loaded by Limner; here so that packs can ask what a model is."""


class LTXV(BaseModel):
    """Not loaded by Limner; here so that packs can ask what a model is."""


class Lumina2(BaseModel):
    """Not loaded by Limner; here so that packs can ask what a model is."""


class HiDream(BaseModel):
    """Not loaded by Limner; here so that packs can ask what a model is."""


class PixArt(BaseModel):
    """Not loaded by Limner; here so that packs can ask what a model is."""


class AuraFlow(BaseModel):
    """Not loaded by Limner; here so that packs can ask what a model is."""


class StableCascade_C(BaseModel):
    """Not loaded by Limner; here so that packs can ask what a model is."""


class StableCascade_B(BaseModel):
    """Not loaded by Limner; here so that packs can ask what a model is."""


class SDXL_instructpix2pix(SDXL):
    """Not loaded by Limner; here so that packs can ask what a model is."""


def model_sampling(model_config, model_type):
    """A new object of noise levels of a type."""
    from comfy import model_sampling as kinds

    meanings = {
        ModelType.EPS: (kinds.ModelSamplingDiscrete, kinds.EPS),
        ModelType.V_PREDICTION: (kinds.ModelSamplingDiscrete, kinds.V_PREDICTION),
        ModelType.V_PREDICTION_EDM: (kinds.ModelSamplingContinuousEDM, kinds.V_PREDICTION),
        ModelType.EDM: (kinds.ModelSamplingContinuousEDM, kinds.EDM),
        ModelType.V_PREDICTION_CONTINUOUS: (kinds.ModelSamplingContinuousV, kinds.V_PREDICTION),
        ModelType.FLOW: (kinds.ModelSamplingDiscreteFlow, kinds.CONST),
        ModelType.FLUX: (kinds.ModelSamplingFlux, kinds.CONST),
    }
    if model_type not in meanings:
        raise NotImplementedError(f"comfy.model_base.model_sampling: {model_type} is not supported.")
    return type("ModelSampling", meanings[model_type], {})(model_config)


__getattr__ = absent(__name__)
