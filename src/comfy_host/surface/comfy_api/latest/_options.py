"""The closed sets of words that declarations of inputs use."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from comfy_api.internal import prune_dict


class FolderType(StrEnum):
    """The folders that clients know."""

    input = "input"
    output = "output"
    temp = "temp"


class UploadType(StrEnum):
    """What a choice of files offers to upload; the value is the option that clients look for."""

    image = "image_upload"
    audio = "audio_upload"
    video = "video_upload"
    model = "file_upload"


class NumberDisplay(StrEnum):
    """How a number is shown."""

    number = "number"
    slider = "slider"
    knob = "knob"
    color = "color"
    gradient_slider = "gradient_slider"


class ControlAfterGenerate(StrEnum):
    """What a client does with a value after it has queued a prompt."""

    fixed = "fixed"
    increment = "increment"
    decrement = "decrement"
    randomize = "randomize"


class Hidden(StrEnum):
    """Values that the engine provides."""

    unique_id = "UNIQUE_ID"
    prompt = "PROMPT"
    extra_pnginfo = "EXTRA_PNGINFO"
    dynprompt = "DYNPROMPT"
    auth_token_comfy_org = "AUTH_TOKEN_COMFY_ORG"
    api_key_comfy_org = "API_KEY_COMFY_ORG"
    comfy_usage_source = "COMFY_USAGE_SOURCE"


class HiddenHolder:
    """The hidden values of one call, by the names of ``Hidden``; None for those that were not asked for."""

    unique_id: str | None
    prompt: Any
    extra_pnginfo: Any
    dynprompt: Any
    auth_token_comfy_org: str | None
    api_key_comfy_org: str | None
    comfy_usage_source: str | None

    def __init__(self, **values: Any) -> None:
        for entry in Hidden:
            setattr(self, entry.name, values.get(entry.name))

    def __getattr__(self, name: str) -> None:
        """None for any other name: a kind that this version does not know has no value."""
        if name.startswith("__"):
            raise AttributeError(name)

    @classmethod
    def from_dict(cls, values: dict[Any, Any] | None) -> HiddenHolder:
        """From values by kind (``Hidden.prompt``, ``"PROMPT"``)."""
        found = values or {}
        return cls(**{entry.name: found.get(entry, found.get(entry.value)) for entry in Hidden})


@dataclass
class RemoteOptions:
    """A list of choices that clients fetch themselves.

    Attributes:
        route: Where from.
        refresh_button: Whether people can fetch it again.
        control_after_refresh: Which value is chosen then.
        timeout: Milliseconds.
        max_retries: Before giving up.
        refresh: Milliseconds until a list is old.
    """

    route: str
    refresh_button: bool
    control_after_refresh: str = "first"
    timeout: int | None = None
    max_retries: int | None = None
    refresh: int | None = None
    response_key: str | None = None
    query_params: dict[str, Any] | None = None

    def as_dict(self) -> dict[str, Any]:
        """What clients get."""
        return prune_dict(dict(self.__dict__))
