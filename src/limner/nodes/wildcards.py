"""Prompts with choices in them, drawn by a seed or all at once."""

from itertools import islice
from typing import Annotated

from limner.graph.declare import Choice, Number, Service, Text, node
from limner.graph.errors import StepError
from limner.graph.prompt_choices import drawn, every
from limner.nodes.growing import OWN
from limner.nodes.widgets import LARGEST_SEED, Seed
from limner.storage.folders import Folders
from limner.storage.wildcard_files import WildcardFiles, stamp_of

RANDOM, ALL = "random", "all"
MOST_PROMPTS = 10_000


def _stamp(*, text: str | None, folders: Folders, **_: object) -> str:
    """Changes when a wildcard file does; a text that is linked may hold wildcards."""
    return stamp_of(folders) if text is None or "__" in text else ""


@node(
    name="Wildcards",
    title="Wildcards and Choices",
    category="utils/prompt",
    outputs=("prompts", "count"),
    list_outputs=(True, False),
    fingerprint=_stamp,
    module=OWN,
)
def wildcards(
    *,
    text: Annotated[str, Text(multiline=True)] = "a {red|2::green|blue} {cat|dog}",
    mode: Annotated[str, Choice(RANDOM, ALL)] = RANDOM,
    seed: Seed = 0,
    count: Annotated[int, Number(min=0, max=MOST_PROMPTS)] = 0,
    folders: Annotated[Folders, Service()],
) -> tuple[str, int]:
    """Prompts from one with choices: ``random`` draws as many as ``count`` says, ``all`` goes through what there is.

    ``{a|b}`` is one of them, ``{3::a|b}`` three times as often a, ``{2$$a|b|c}`` two different ones,
    ``{1-2$$ and $$a|b|c}`` one or two with "and" between them; ``__animals/cats__`` is a line of the file
    ``animals/cats.txt`` in the folder ``wildcards``, or of a list in a YAML file there. All of these may stand inside
    each other, and in the files. The second prompt is drawn with the seed after the first one's. Count 0 is one drawn
    prompt, or all there are.
    """
    options = WildcardFiles(folders).options
    if mode == ALL:
        prompts = list(islice(every(text, options), count or MOST_PROMPTS + 1))
        if len(prompts) > MOST_PROMPTS:
            raise StepError(f"There are more than {MOST_PROMPTS} prompts: choose fewer options, or set 'count'.")
    else:
        seeds = ((seed + number) % (LARGEST_SEED + 1) for number in range(count or 1))
        prompts = [drawn(text, one, options) for one in seeds]
    return prompts, len(prompts)  # type: ignore[return-value]
