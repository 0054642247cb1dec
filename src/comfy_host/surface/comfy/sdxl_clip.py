"""Text encoders of Stable Diffusion XL."""

from comfy.sd1_clip import SD1ClipModel, SD1Tokenizer, SDClipModel, SDTokenizer
from comfy_host.missing import absent


class SDXLClipModel:
    """Both encoders; here so that packs can ask what one is."""


class SDXLRefinerClipModel:
    """The refiner's; here so that packs can ask what one is."""


class SDXLTokenizer:
    """A tokenizer; here so that packs can ask what one is."""


class SDXLClipG(SDClipModel):
    """The larger encoder; here so that packs can ask what one is."""


__getattr__ = absent(__name__)
