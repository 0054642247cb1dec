"""How an app is to be run and its files answered: fields of requests beside the inputs, in the body or in the query."""

import re
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal, get_args, get_type_hints

import msgspec

from limner.graph.errors import GraphError
from limner.graph.problem import Problem

LONGEST_WAIT = 600.0
SIZE = re.compile(r"\s*(\d{1,5})\s*[xX*]\s*(\d{1,5})\s*")
LARGEST_SIDE = 8192

Position = Literal[
    "top-left", "top", "top-right", "left", "center", "right", "bottom-left", "bottom", "bottom-right", "tile"
]
Text = Annotated[str, msgspec.Meta(max_length=500)]
Address = Annotated[str, msgspec.Meta(max_length=2000)]


class Finish(msgspec.Struct, frozen=True, kw_only=True):
    """What becomes of pictures before they are answered.

    Attributes:
        format: The form of the files; ``original``: as they were saved.
        quality: 1..100, for JPEG and WebP.
        resize: ``WIDTHxHEIGHT``; empty: as they are.
        fit: How they come into that size: ``contain`` (whole, never larger than it), ``cover`` (cut at the edges to
            fill it), ``pad`` (whole, with the background around it), ``stretch``.
        background: Colour for what is transparent in JPEG, and for what ``pad`` adds.
        watermark: A text drawn over them.
        watermark_image: Name of an input picture drawn over them.
        watermark_position: Where.
        watermark_opacity: 0..1.
        watermark_scale: Its width as a part of the picture's.
        page_number: A text with ``{n}`` and ``{total}`` drawn into the corner of each, for slides.
    """

    format: Literal["original", "png", "jpeg", "jpg", "webp"] = "original"
    quality: Annotated[int, msgspec.Meta(ge=1, le=100)] = 90
    resize: str = ""
    fit: Literal["contain", "cover", "pad", "stretch"] = "contain"
    background: Annotated[str, msgspec.Meta(max_length=40)] = "white"
    watermark: Text = ""
    watermark_image: Text = ""
    watermark_position: Position = "bottom-right"
    watermark_opacity: Annotated[float, msgspec.Meta(ge=0, le=1)] = 0.6
    watermark_scale: Annotated[float, msgspec.Meta(ge=0.01, le=1)] = 0.25
    page_number: Text = ""

    @property
    def size(self) -> tuple[int, int] | None:
        """The wanted size."""
        match = SIZE.fullmatch(self.resize)
        return (int(match[1]), int(match[2])) if match else None

    def marked(self, name: str) -> "Finish":
        """The same with another picture as its watermark."""
        return msgspec.structs.replace(self, watermark_image=name)

    @property
    def is_nothing(self) -> bool:
        """Whether files are answered as they are."""
        return self.format == "original" and not (
            self.resize or self.watermark or self.watermark_image or self.page_number
        )

    @property
    def form(self) -> str:
        """Pillow's name of the form, in lower case; files in other forms become PNG when they are changed."""
        return {"jpg": "jpeg"}.get(self.format, self.format)


class RunOptions(msgspec.Struct, frozen=True, kw_only=True):
    """How a request wants to be answered.

    Attributes:
        mode: ``sync`` waits for the pictures, ``async`` answers at once.
        wait: Seconds that a ``sync`` answer may take; then it says where to ask again.
        keep_alive: Blanks are sent while it waits, so that nothing on the way takes the answer for dead.
        output: Files as ``url``, as ``base64`` beside it, or as the one ``file`` that is the whole answer.
        webhook: Address that is told when the run is over; or ``url`` and ``secret``.
        store: Name of the object store that files go to; or ``url`` and keys, where the server allows it.
        version: Which version of the app; 0: the last one.
        image_ids: Ids of picture nodes in the order of ``images``.
        previews: Pictures on the way are sent to those who listen to the run's events.
    """

    mode: Literal["sync", "async"] = "sync"
    wait: Annotated[float, msgspec.Meta(ge=0, le=LONGEST_WAIT)] = 50.0
    keep_alive: bool = False
    output: Literal["url", "base64", "file"] = "url"
    webhook: Address | dict[str, Any] = ""
    store: Address | dict[str, Any] = ""
    version: Annotated[int, msgspec.Meta(ge=0)] = 0
    image_ids: Annotated[str, msgspec.Meta(max_length=2000)] = ""
    previews: bool = False


RUN_FIELDS = RunOptions.__struct_fields__
FINISH_FIELDS = Finish.__struct_fields__


def read_options(fields: Mapping[str, Any]) -> tuple[RunOptions, Finish]:
    """The options among the fields of a request; null means that one was not given.

    Raises:
        GraphError: if one cannot be taken; names it.
    """
    run = _converted(fields, RunOptions, RUN_FIELDS)
    finish = _converted(fields, Finish, FINISH_FIELDS)
    if finish.resize:
        size = finish.size
        if size is None or not all(0 < side <= LARGEST_SIDE for side in size):
            raise _refusal("resize", f"send WIDTHxHEIGHT, for instance 1024x768, of at most {LARGEST_SIDE} each")
    return run, finish


def _converted(fields: Mapping[str, Any], kind: type[Any], names: Sequence[str]) -> Any:
    given = {name: value for name in names if (value := fields.get(name)) not in (None, "")}
    try:
        return msgspec.convert(given, kind, strict=False)
    except msgspec.ValidationError as error:
        told, _, place = str(error).replace("`", "").partition(" - at $.")
        choices = get_args(get_type_hints(kind).get(place))  # Of a Literal; of other types they are types.
        if choices and all(isinstance(choice, str) for choice in choices):
            told = f"Send one of {', '.join(choices)}"
        raise _refusal(place or "options", f"{told[:1].lower()}{told[1:]}") from error


def _refusal(name: str, advice: str) -> GraphError:
    problem = Problem(
        code="invalid_option", message=f"Option {name!r} cannot be taken", details=advice, extra={"input_name": name}
    )
    return GraphError(f"{problem.message}: {advice}", [problem])
