"""A1111's web UI, and whatever speaks its API (Forge, SD.Next, Limner).

Source: the API's own description at ``/docs`` of any such server.
"""

from typing import Any

from limner.graph.elsewhere import PictureOrder
from limner.providers.calling import Caller
from limner.providers.provider import Drawn, Kind
from limner.providers.settings import ProviderSettings
from limner.providers.wire import data_uri

ROOT = "/sdapi/v1"


class A1111:
    """See ``Provider``."""

    def __init__(self, caller: Caller, settings: ProviderSettings) -> None:
        self._caller, self._extra = caller, settings.fields

    async def models(self) -> list[str]:
        """See ``Provider``."""
        said = await self._caller.json("GET", f"{ROOT}/sd-models")
        if not isinstance(said, list):
            raise self._caller.misunderstood("no list of models")
        names = (entry.get("title") for entry in said if isinstance(entry, dict))
        # Titles end with a short hash, which changes when a file is replaced; names alone are understood too.
        return [name.rpartition(" [")[0] or name for name in names if isinstance(name, str)]

    async def draw(self, model: str, order: PictureOrder) -> Drawn:
        """See ``Provider``."""
        asked = _asked(order) | self._extra
        asked["override_settings"] = {"sd_model_checkpoint": model, **self._extra.get("override_settings", {})}
        way = "img2img" if order.image else "txt2img"
        answer = await self._caller.json("POST", f"{ROOT}/{way}", json=asked)
        pictures = answer.get("images") if isinstance(answer, dict) else None
        if not isinstance(pictures, list) or not pictures or not isinstance(pictures[0], str):
            raise self._caller.misunderstood("no picture")
        return Drawn(picture=await self._caller.picture(pictures[0]))


def _asked(order: PictureOrder) -> dict[str, Any]:
    """A picture in A1111's words."""
    asked: dict[str, Any] = {
        "prompt": order.prompt,
        "negative_prompt": order.negative,
        "width": order.width,
        "height": order.height,
        "seed": order.seed,
        "override_settings_restore_afterwards": True,
        "send_images": True,
        "save_images": False,
    }
    given = {"steps": order.steps, "cfg_scale": order.guidance, "sampler_name": order.sampler}
    asked |= {name: value for name, value in given.items() if value}
    if order.schedule:
        asked["scheduler"] = order.schedule
    if order.image:
        asked |= {"init_images": [data_uri(order.image)], "denoising_strength": order.strength, "resize_mode": 1}
    if order.mask:
        asked |= {"mask": data_uri(order.mask), "inpainting_fill": 1, "inpaint_full_res": False}
    return asked


KIND = Kind("a1111", A1111)
