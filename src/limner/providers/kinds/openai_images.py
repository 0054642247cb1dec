"""Services with OpenAI's Images API, and those that call its fields otherwise (SiliconFlow, gpustack, Stepfun ...).

Source: OpenAI's API reference, Images; each service's own reference for the names of its fields.
"""

from collections.abc import Mapping
from typing import Any

import aiohttp
import msgspec

from limner.graph.elsewhere import PictureOrder
from limner.graph.errors import SettingsError
from limner.providers.calling import Caller
from limner.providers.provider import Drawn, Kind
from limner.providers.settings import ProviderSettings
from limner.providers.wire import data_uri, holed, usage_of


class Fields(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a service calls things; an empty name is something that it does not take.

    Attributes:
        path: Where pictures are asked for.
        edits: Where pictures are painted over, as a form; empty: at ``path``, as JSON.
        size: The picture's size as ``WxH``.
        sizes: The sizes that it draws; empty: any.
        negative: What not to draw.
        seed: Of the noise.
        steps: Of the walk.
        guidance: How strictly the prompt is followed.
        sampler: Name of a sampler.
        schedule: Likewise.
        strength: How much of a picture is painted over.
        image: Where JSON has the picture that is painted over, as a data URI.
        mask: Where JSON has what is painted anew.
        extra: Sent with every request.
    """

    path: str = "/images/generations"
    edits: str = "/images/edits"
    size: str = "size"
    sizes: tuple[str, ...] = ()
    negative: str = ""
    seed: str = ""
    steps: str = ""
    guidance: str = ""
    sampler: str = ""
    schedule: str = ""
    strength: str = ""
    image: str = ""
    mask: str = ""
    extra: dict[str, Any] = {}


def fields_of(said: Mapping[str, Any]) -> Fields:
    """The field map that settings say.

    Raises:
        SettingsError: if it makes no sense.
    """
    try:
        found = msgspec.convert(said, Fields)
    except msgspec.ValidationError as error:
        raise SettingsError(f"'fields': {error}") from error
    for size in found.sizes:
        _sides(size)
    return found


class OpenAIImages:
    """See ``Provider``."""

    def __init__(self, caller: Caller, settings: ProviderSettings) -> None:
        self._caller, self._fields = caller, fields_of(settings.fields)

    async def models(self) -> list[str]:
        """See ``Provider``."""
        said = await self._caller.json("GET", "/models")
        entries = said.get("data") if isinstance(said, dict) else None
        if not isinstance(entries, list):
            raise self._caller.misunderstood("no list of models")
        return [entry["id"] for entry in entries if isinstance(entry, dict) and isinstance(entry.get("id"), str)]

    async def draw(self, model: str, order: PictureOrder) -> Drawn:
        """See ``Provider``."""
        asked = self._asked(model, order)
        if order.image and self._fields.edits:
            answer = await self._caller.json("POST", self._fields.edits, data=_form(asked, order))
        else:
            answer = await self._caller.json("POST", self._fields.path, json=asked | self._pictures(order))
        return await self._drawn(answer)

    def _asked(self, model: str, order: PictureOrder) -> dict[str, Any]:
        fields = self._fields
        size = nearest_size((order.width, order.height), fields.sizes)
        asked: dict[str, Any] = {"model": model, "prompt": order.prompt, "n": 1, fields.size: size, **fields.extra}
        given = {
            fields.negative: order.negative,
            fields.steps: order.steps,
            fields.guidance: order.guidance,
            fields.sampler: order.sampler,
            fields.schedule: order.schedule,
        }
        asked |= {name: value for name, value in given.items() if name and value}
        if fields.seed:
            asked[fields.seed] = order.seed & 0x7FFFFFFF  # Many services keep seeds in 32 signed bits.
        if fields.strength and order.image:
            asked[fields.strength] = order.strength
        asked.pop("", None)
        return asked

    def _pictures(self, order: PictureOrder) -> dict[str, str]:
        """Pictures in JSON, where the service takes them so."""
        given = {self._fields.image: order.image, self._fields.mask: holed(order.mask)}
        return {name: data_uri(content) for name, content in given.items() if name and content}

    async def _drawn(self, answer: Any) -> Drawn:
        """The first picture of an answer."""
        said = answer if isinstance(answer, dict) else {}
        entries = said.get("data") or said.get("images")
        first = entries[0] if isinstance(entries, list) and entries else None
        if isinstance(first, str):
            first = {"url": first}
        named = (first.get("b64_json") or first.get("url")) if isinstance(first, dict) else None
        if not isinstance(named, str) or not named:
            raise self._caller.misunderstood("no picture")
        tokens, cost = usage_of(said)
        return Drawn(picture=await self._caller.picture(named), tokens=tokens, cost=cost)


def nearest_size(wanted: tuple[int, int], sizes: tuple[str, ...]) -> str:
    """The size of a list whose shape is nearest, then whose area is; without a list, what is wanted."""
    width, height = wanted
    if not sizes:
        return f"{width}x{height}"

    def distance(size: str) -> tuple[float, int]:
        across, down = _sides(size)
        # The larger ratio over the smaller one: 1 for the same shape, alike for upright and lying.
        shape = max(across * height, down * width) / min(across * height, down * width)
        return round(shape, 3), abs(across * down - width * height)

    return min(sizes, key=distance)


def _sides(size: str) -> tuple[int, int]:
    across, _, down = size.partition("x")
    if not across.isdigit() or not down.isdigit() or not int(across) or not int(down):
        raise SettingsError(f"'sizes': {size!r} is no size; expected '1024x1024'")
    return int(across), int(down)


def _form(asked: Mapping[str, Any], order: PictureOrder) -> aiohttp.FormData:
    form = aiohttp.FormData()
    for name, value in asked.items():
        form.add_field(name, str(value))
    form.add_field("image", order.image, filename="image.png", content_type="image/png")
    if order.mask:
        form.add_field("mask", holed(order.mask), filename="mask.png", content_type="image/png")
    return form


KIND = Kind("openai_images", OpenAIImages, check=fields_of)
