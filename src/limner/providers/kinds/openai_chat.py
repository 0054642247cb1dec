"""Services that draw inside chat completions: OpenRouter and those like it.

Source: OpenRouter's documentation, "Image Generation".
"""

import math
from collections.abc import Mapping
from typing import Any

from limner.graph.elsewhere import PictureOrder
from limner.providers.calling import Caller
from limner.providers.provider import Drawn, Kind
from limner.providers.settings import ProviderSettings
from limner.providers.wire import data_uri, usage_of

RATIOS = ("1:1", "2:3", "3:2", "3:4", "4:3", "4:5", "5:4", "9:16", "16:9", "21:9")
"""Shapes that can be asked for."""


class OpenAIChat:
    """See ``Provider``."""

    def __init__(self, caller: Caller, settings: ProviderSettings) -> None:
        self._caller, self._extra = caller, settings.fields

    async def models(self) -> list[str]:
        """See ``Provider``. Those that give pictures, as far as the service says."""
        said = await self._caller.json("GET", "/models?output_modalities=image")
        entries = said.get("data") if isinstance(said, dict) else None
        if not isinstance(entries, list):
            raise self._caller.misunderstood("no list of models")
        return [entry["id"] for entry in entries if isinstance(entry, dict) and _draws(entry)]

    async def draw(self, model: str, order: PictureOrder) -> Drawn:
        """See ``Provider``. What is not to be drawn is said in words, as a chat has no field for it."""
        text = f"{order.prompt}\nAvoid: {order.negative}" if order.negative else order.prompt
        content: list[dict[str, Any]] = [{"type": "text", "text": text}]
        for picture in (order.image, order.mask):
            if picture:
                content.append({"type": "image_url", "image_url": {"url": data_uri(picture)}})
        asked = {
            "model": model,
            "messages": [{"role": "user", "content": content}],
            "modalities": ["image", "text"],
            "image_config": {"aspect_ratio": nearest_ratio(order.width, order.height)},
            "usage": {"include": True},
            **self._extra,
        }
        answer = await self._caller.json("POST", "/chat/completions", json=asked)
        named = _picture(answer)
        if named is None:
            raise self._caller.misunderstood("words and no picture")
        tokens, cost = usage_of(answer)
        return Drawn(picture=await self._caller.picture(named), tokens=tokens, cost=cost)


def nearest_ratio(width: int, height: int) -> str:
    """The shape that is nearest to a size."""

    def distance(ratio: str) -> float:
        across, _, down = ratio.partition(":")
        return abs(math.log(width / height) - math.log(int(across) / int(down)))

    return min(RATIOS, key=distance)


def _draws(entry: Mapping[str, Any]) -> bool:
    architecture = entry.get("architecture")
    said = architecture.get("output_modalities") if isinstance(architecture, dict) else None
    return isinstance(entry.get("id"), str) and (not isinstance(said, list) or "image" in said)


def _picture(answer: Any) -> str | None:
    """The first picture in an answer, as the service names it."""
    try:
        named = answer["choices"][0]["message"]["images"][0]["image_url"]["url"]
    except (LookupError, TypeError):
        return None
    return named if isinstance(named, str) else None


KIND = Kind("openai_chat", OpenAIChat)
