"""Lists: made from values, lines and numbers, counted, and looked into.

A list travels as the items of one output; a node that does not take lists is called once for each of them.
"""

from collections.abc import Iterator
from typing import Annotated, Any

import torch

from limner.graph.declare import Number, Text, node
from limner.graph.errors import StepError
from limner.nodes.growing import OWN, given, repeated
from limner.nodes.sockets import ANYTHING

LISTS = "utils/list"
LARGEST = 2**31 - 1
LONGEST = 100_000
"""Numbers of one counted list."""

NAMES = tuple(f"value{number}" for number in range(20))

Whole = Annotated[int, Number(min=-LARGEST, max=LARGEST)]


def only(values: Any) -> Any:
    """The value of an input that is no list, as a node that takes lists gets it."""
    return values[0] if isinstance(values, list) and values else values


def each(values: Any, *, split_batches: bool = True) -> list[Any]:
    """The single items of what came: a value that is a list counts as its items, a batch as its samples."""
    return list(_each(values, split_batches)) if isinstance(values, list) else list(_each([values], split_batches))


def _each(values: list[Any], split_batches: bool) -> Iterator[Any]:
    for value in values:
        if isinstance(value, list | tuple) and not _is_conditioning(value):
            yield from value
        elif split_batches and isinstance(value, torch.Tensor) and value.ndim >= 3:
            yield from value.split(1)
        elif split_batches and isinstance(value, dict) and isinstance(value.get("samples"), torch.Tensor):
            yield from _latents(value)
        else:
            yield value


def _is_conditioning(value: Any) -> bool:
    """Whether a list is one value: the entries of a conditioning."""
    first = value[0] if value else None
    return isinstance(first, list | tuple) and len(first) == 2 and isinstance(first[1], dict)


def _latents(batch: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The samples of a batch of latents, each with its own mask and number of noise."""
    samples, mask, numbers = batch["samples"], batch.get("noise_mask"), batch.get("batch_index")
    for row in range(samples.shape[0]):
        single = {**batch, "samples": samples[row : row + 1], "batch_index": [numbers[row] if numbers else row]}
        if isinstance(mask, torch.Tensor):
            place = row % mask.shape[0]
            single["noise_mask"] = mask[place : place + 1]
        yield single


@node(
    name="MakeList",
    title="Make List",
    category=LISTS,
    outputs=("list",),
    list_outputs=(True,),
    takes_lists=True,
    takes_any=True,
    module=OWN,
    inputs=repeated("values", "*", "value", NAMES, 1),
)
def make_list(**values: list[Any]) -> ANYTHING:
    """One list of several values, in the order of the inputs; lists are joined."""
    return [item for items in given(values, "values").values() for item in items]  # type: ignore[return-value]


@node(
    name="CountingList",
    title="Count",
    category=LISTS,
    outputs=("numbers", "numbers as floats"),
    list_outputs=(True, True),
    module=OWN,
)
def counting_list(*, start: Whole = 0, stop: Whole = 10, step: Whole = 1) -> tuple[int, float]:
    """The whole numbers from one up to another, which is not among them, as a list; a negative step counts down."""
    if step == 0:
        raise StepError("Counting needs a step other than 0: 1 counts up, -1 counts down.")
    numbers = range(start, stop, step)
    if len(numbers) > LONGEST:
        raise StepError(f"Counting from {start} to {stop} gives {len(numbers)} numbers; at most {LONGEST} are made.")
    return list(numbers), [float(number) for number in numbers]  # type: ignore[return-value]


@node(
    name="TextLines",
    title="Lines of Text",
    category=LISTS,
    outputs=("lines", "count"),
    list_outputs=(True, False),
    module=OWN,
)
def text_lines(*, text: Annotated[str, Text(multiline=True)], skip_empty: bool = True) -> tuple[str, int]:
    """The lines of a text as a list: one prompt, name or caption a line."""
    lines = [line.strip() for line in text.splitlines()]
    kept = [line for line in lines if line or not skip_empty]
    return kept, len(kept)  # type: ignore[return-value]


@node(name="ListItem", title="Item of a List", category=LISTS, outputs=("item",), takes_lists=True, module=OWN)
def list_item(*, items: ANYTHING, index: Whole = 0) -> ANYTHING:
    """One item of a list, or one picture of a batch: 0 is the first, -1 the last."""
    found, place = each(items), only(index)
    if not -len(found) <= place < len(found):
        raise StepError(f"Item {place} is asked for; the list has {len(found)}, numbered from 0 to {len(found) - 1}.")
    return found[place]


@node(name="ListLength", title="Length of a List", category=LISTS, outputs=("count",), takes_lists=True, module=OWN)
def list_length(*, items: ANYTHING) -> int:
    """How many items a list has; the pictures of batches are counted one by one."""
    return len(each(items))
