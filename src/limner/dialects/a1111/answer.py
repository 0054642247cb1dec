"""The text that is written into each picture that ``/txt2img`` and ``/img2img`` draw."""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

from limner.dialects.a1111.hashes import listed
from limner.dialects.a1111.infotext import infotext
from limner.dialects.a1111.passes import Pass
from limner.dialects.a1111.plan import Planned
from limner.dialects.a1111.request import Asked

FILLINGS = ("fill", "original", "latent noise", "latent nothing")
VERSION = "Version"


@dataclass(frozen=True, kw_only=True)
class Told:
    """What answers and pictures tell of a request.

    Attributes:
        asked: It.
        planned: What is drawn.
        extra: Further settings by name, in order.
    """

    asked: Asked
    planned: Planned
    extra: Mapping[str, Any]

    @property
    def texts(self) -> tuple[str, ...]:
        """One a picture."""
        return tuple(self._text(number) for number in range(self.asked.count))

    def sheet_text(self, settings: Mapping[str, Any]) -> str:
        """That of a sheet which shows more than the first picture. Args: settings: Of the script that made it."""
        told = self._settings(0)
        version = told.pop(VERSION)
        return infotext(self.planned.prompt, self.planned.negative, {**told, **settings, VERSION: version})

    def _text(self, number: int) -> str:
        return infotext(self.planned.prompt, self.planned.negative, self._settings(number))

    def _settings(self, number: int) -> dict[str, Any]:
        asked, planned, first = self.asked, self.planned, self.planned.drawing.first
        width, height = asked.size
        varied = asked["subseed_strength"] > 0
        resized = planned.drawing.seeds.resized
        return {
            "Steps": asked["steps"],
            "Sampler": first.walk.sampler_label,
            "Schedule type": first.walk.schedule_label,
            "CFG scale": _short(asked["cfg_scale"]),
            "Distilled CFG Scale": None if first.distilled is None else _short(first.distilled),
            "Seed": asked.seeds[number],
            "Size": f"{width}x{height}",
            "Model hash": planned.checkpoint.hash,
            "Model": planned.checkpoint.model_name,
            "VAE hash": planned.hashes.vae,
            "VAE": first.network.vae or None,
            "Variation seed": asked.subseeds[number] if varied else None,
            "Variation seed strength": _short(asked["subseed_strength"]) if varied else None,
            "Seed resize from": f"{resized[0]}x{resized[1]}" if all(resized) else None,
            "Denoising strength": _short(asked.denoise) if asked.from_picture or asked.hires else None,
            "Clip skip": first.network.clip_skip if first.network.clip_skip > 1 else None,
            "ENSD": planned.drawing.seeds.delta or None,
            "Token merging ratio": _short(first.network.merged) if first.network.merged else None,
            "Tiling": True if first.network.tiling else None,
            **self.extra,
            VERSION: program(),
        }


def extra_settings(asked: Asked, planned: Planned) -> dict[str, Any]:
    """Settings that only some requests have."""
    told: dict[str, Any] = {}
    if planned.drawing.second is not None:
        told |= _hires(asked, planned, planned.drawing.second.plan)
    if asked.from_picture and (asked["mask"] or asked["latent_mask"]):
        told |= _painted(asked)
    if planned.refiner is not None and asked["refiner_switch_at"] is not None:
        told |= {"Refiner": planned.refiner.title, "Refiner switch at": _short(asked["refiner_switch_at"])}
    told |= {"Lora hashes": listed(planned.hashes.loras), "TI hashes": listed(planned.hashes.words)}
    return told


def _hires(asked: Asked, planned: Planned, second: Pass) -> dict[str, Any]:
    wide, high = asked["hr_resize_x"], asked["hr_resize_y"]
    sized = {"Hires resize": f"{wide}x{high}"} if wide or high else {"Hires upscale": _short(asked["hr_scale"])}
    return sized | {
        "Hires steps": asked["hr_second_pass_steps"] or None,
        "Hires upscaler": planned.upscaler,
        "Hires prompt": asked["hr_prompt"] or None,
        "Hires negative prompt": asked["hr_negative_prompt"] or None,
        "Hires CFG Scale": None if asked["hr_cfg"] is None else _short(second.guidance),
        "Hires sampler": second.walk.sampler_label if asked.other("hr_sampler_name") else None,
        "Hires schedule type": second.walk.schedule_label if asked.other("hr_scheduler") else None,
        "Hires checkpoint": asked.other("hr_checkpoint_name"),
    }


def _painted(asked: Asked) -> dict[str, Any]:
    blur = asked["mask_blur"]
    return {
        "Mask blur": asked["mask_blur_x"] if blur is None else blur,
        "Masked content": FILLINGS[asked["inpainting_fill"]],
        "Mask mode": "Inpaint not masked" if asked["inpainting_mask_invert"] else None,
        "Inpaint area": "Only masked" if asked["inpaint_full_res"] else None,
        "Masked area padding": asked["inpaint_full_res_padding"] if asked["inpaint_full_res"] else None,
    }


def program() -> str:
    """What drew a picture, as pictures say it."""
    return f"limner {version('limner')}"


def _short(value: float) -> str:
    return f"{value:g}"
