"""Types for annotations of nodes."""

from __future__ import annotations

from abc import ABC
from enum import StrEnum as _Texts
from typing import Any, Literal, TypedDict

InputTypeDict = dict
InputTypeOptions = dict
HiddenInputTypeDict = dict
FileLocator = dict


class StrEnum(_Texts):
    """Texts by name."""


class IO(StrEnum):
    """Names of socket types; equal to the plain texts."""

    STRING = "STRING"
    IMAGE = "IMAGE"
    MASK = "MASK"
    LATENT = "LATENT"
    BOOLEAN = "BOOLEAN"
    INT = "INT"
    FLOAT = "FLOAT"
    COMBO = "COMBO"
    CONDITIONING = "CONDITIONING"
    SAMPLER = "SAMPLER"
    SIGMAS = "SIGMAS"
    GUIDER = "GUIDER"
    NOISE = "NOISE"
    CLIP = "CLIP"
    CONTROL_NET = "CONTROL_NET"
    VAE = "VAE"
    MODEL = "MODEL"
    LORA_MODEL = "LORA_MODEL"
    LOSS_MAP = "LOSS_MAP"
    CLIP_VISION = "CLIP_VISION"
    CLIP_VISION_OUTPUT = "CLIP_VISION_OUTPUT"
    STYLE_MODEL = "STYLE_MODEL"
    GLIGEN = "GLIGEN"
    UPSCALE_MODEL = "UPSCALE_MODEL"
    AUDIO = "AUDIO"
    WEBCAM = "WEBCAM"
    POINT = "POINT"
    FACE_ANALYSIS = "FACE_ANALYSIS"
    BBOX = "BBOX"
    SEGS = "SEGS"
    VIDEO = "VIDEO"
    PRIMITIVE = "STRING,FLOAT,INT,BOOLEAN"
    ANY = "*"
    NUMBER = "FLOAT,INT"

    def __ne__(self, value: object) -> bool:
        if self.value == "*" or value == "*":
            return False
        if not isinstance(value, str):
            return True
        return not set(value.split(",")).issubset(self.value.split(","))

    __hash__ = str.__hash__


class ComfyNodeABC(ABC):
    """A node; packs subclass it for their editors' sake."""

    DESCRIPTION: str
    CATEGORY: str
    EXPERIMENTAL: bool
    DEPRECATED: bool
    FUNCTION: str
    RETURN_TYPES: Any
    OUTPUT_NODE: bool

    @classmethod
    def INPUT_TYPES(cls) -> dict:
        """No inputs."""
        return {"required": {}}


class CheckLazyMixin:
    """Asks for every input that is not there yet."""

    def check_lazy_status(self, **kwargs: Any) -> list[str]:
        """Names of what is missing."""
        return [name for name, value in kwargs.items() if value is None]
