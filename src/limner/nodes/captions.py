"""Descriptions of pictures, by a network that looks at them."""

from typing import Annotated, Any

from limner.graph.declare import Choice, Flags, Number, Service, Socket, node
from limner.graph.errors import LimnerError, ModelFileError
from limner.graph.progress import Progress
from limner.models.vision.captioner import Captioner
from limner.nodes.fonts import FolderService
from limner.nodes.growing import OWN
from limner.nodes.sockets import IMAGE
from limner.storage.folders import Folders

PROMPTS = "utils/prompt"
KIND = "captioners"

ADVICE = (
    "Describing pictures needs the folder of a network that does, for instance all files of "
    "Salesforce/blip-image-captioning-base (config.json, tokenizer, weights), as a folder of its own in the model "
    "folder 'captioners'."
)

CAPTIONER = Annotated[Any, Socket("CAPTIONER")]


def _stamp(*, captioner: str | None, folders: Folders) -> str:
    """Changes when the weights are replaced."""
    try:
        path = folders.find(KIND, captioner or "")
        return f"{path}:{path.stat().st_size}:{path.stat().st_mtime_ns}"
    except (LimnerError, OSError):
        return "missing"


@node(
    name="LoadCaptioner",
    title="Load Captioner",
    category="loaders",
    outputs=("captioner",),
    fingerprint=_stamp,
    module=OWN,
)
def load_captioner(*, captioner: Annotated[str, Choice(source=KIND)], folders: FolderService) -> CAPTIONER:
    """A network that describes pictures (BLIP, GIT), from a folder in ``captioners``; choose its file of weights."""
    try:
        path = folders.find(KIND, captioner)
    except LimnerError as error:
        raise ModelFileError(f"{error} {ADVICE}") from error
    return Captioner(path.parent)


@node(
    name="DescribeImage",
    title="Describe Image",
    category=PROMPTS,
    outputs=("prompt",),
    list_outputs=(True,),
    module=OWN,
)
def describe_image(
    *,
    image: IMAGE,
    captioner: CAPTIONER,
    beginning: Annotated[str, Flags(optional=True)] = "",
    longest: Annotated[int, Number(min=1, max=512)] = 40,
    progress: Annotated[Progress, Service()],
) -> str:
    """What pictures show, in words, to be used as prompts: a text for each picture of a batch.

    The text may be told how to begin ("a photograph of"). ``longest`` counts tokens, of which a word has one or two.
    Prompt of a Picture reads the prompt that a file was made with, where it has one.
    """
    told: list[str] = []
    for number, frame in enumerate(image):
        progress.report(number, len(image))
        told.append(captioner.describe(frame[..., :3].expand(*frame.shape[:2], 3), beginning, longest))
    return told  # type: ignore[return-value]
