"""Several prompts of one picture: what each adds to the negative prediction, with a weight of its own.

Source: Liu et al. 2022, "Compositional visual generation with composable diffusion models", equation 11.
"""

from collections.abc import Sequence

from torch import Tensor

from limner.sampling.conditioning import Conditioning, Entry

PART = "part"
"""Option of an entry: the number of the prompt that it belongs to, and that prompt's weight."""


def parts_of(conditioning: Conditioning) -> list[tuple[float, Conditioning]]:
    """The prompts of a conditioning with their weights; entries that name none are one prompt. At least one."""
    found: dict[int | None, tuple[float, list[Sequence[object]]]] = {}
    for entry in conditioning:
        number, weight = entry[1].get(PART, (None, 1.0))
        found.setdefault(number, (float(weight), []))[1].append(entry)
    return list(found.values()) or [(1.0, conditioning)]


def is_further(number: int, entries: Sequence[Entry]) -> bool:
    """Whether one of a guider's conditionings, by its number, is a further positive prompt: behind the first two."""
    return number > 1 and bool(entries) and all(PART in entry.options for entry in entries)


def is_sum(weights: Sequence[float]) -> bool:
    """Whether there is more than one prediction of weight 1."""
    return list(weights) != [1.0]


def composed(negative: Tensor, predictions: Sequence[Tensor], weights: Sequence[float]) -> Tensor:
    """The negative prediction plus each other one's distance to it, times its weight. Shapes: all alike."""
    total = negative
    for prediction, weight in zip(predictions, weights, strict=True):
        total = total + (prediction - negative) * weight
    return total
