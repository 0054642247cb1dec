"""What ``/txt2img`` and ``/img2img`` answer: the pictures, what was asked for, and what became of it."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from limner.dialects.a1111.answer import Told, program


def drawing_reply(tolds: Sequence[Told], pictures: Sequence[str], grids: Sequence[str] = ()) -> dict[str, Any]:
    """The body.

    Args:
        tolds: What each drawing tells; the first one's request is repeated.
        pictures: Base64 of each; those that show several come first.
        grids: Texts of the latter.
    """
    info = json.dumps(_info(tolds, grids), ensure_ascii=False)
    return {"images": list(pictures), "parameters": _echo(tolds[0]), "info": info}


def _echo(told: Told) -> dict[str, Any]:
    fields = dict(told.asked.fields)
    if told.asked.from_picture and not told.asked["include_init_images"]:
        fields |= {"init_images": None, "mask": None}
    return fields


def _info(tolds: Sequence[Told], grids: Sequence[str]) -> dict[str, Any]:
    asked, planned, first = tolds[0].asked, tolds[0].planned, tolds[0].planned.drawing.first
    width, height = asked.size
    return {
        "prompt": planned.prompt,
        "all_prompts": [told.planned.prompt for told in tolds for _ in range(told.asked.count)],
        "negative_prompt": planned.negative,
        "all_negative_prompts": [told.planned.negative for told in tolds for _ in range(told.asked.count)],
        "seed": asked.seeds[0],
        "all_seeds": [seed for told in tolds for seed in told.asked.seeds],
        "subseed": asked.subseeds[0],
        "all_subseeds": [seed for told in tolds for seed in told.asked.subseeds],
        "subseed_strength": asked["subseed_strength"],
        "width": width,
        "height": height,
        "sampler_name": first.walk.sampler_label,
        "cfg_scale": asked["cfg_scale"],
        "steps": asked["steps"],
        "batch_size": asked["batch_size"],
        "restore_faces": bool(asked["restore_faces"]),
        "face_restoration_model": None,
        "sd_model_name": planned.checkpoint.model_name,
        "sd_model_hash": planned.checkpoint.hash,
        "sd_vae_name": first.network.vae or None,
        "sd_vae_hash": planned.hashes.vae,
        "seed_resize_from_w": asked["seed_resize_from_w"],
        "seed_resize_from_h": asked["seed_resize_from_h"],
        "denoising_strength": asked.denoise if asked.from_picture or asked.hires else None,
        "extra_generation_params": _extra(tolds[0].extra),
        "index_of_first_image": len(grids),
        "infotexts": [*grids, *(text for told in tolds for text in told.texts)],
        "styles": asked["styles"] or [],
        "job_timestamp": datetime.now().astimezone().strftime("%Y%m%d%H%M%S"),
        "clip_skip": first.network.clip_skip,
        "is_using_inpainting_conditioning": bool(planned.drawing.canvas and planned.drawing.canvas.mask),
        "version": program(),
    }


def _extra(settings: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in settings.items() if value is not None}
