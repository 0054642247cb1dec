"""What a prompt with choices comes to: one drawn by a seed, or all there are, one after the other."""

import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import combinations

from limner.graph.errors import StepError
from limner.graph.prompt_grammar import LONGEST, ChoiceOf, Option, Part, Wildcard, parse

Options = Callable[[str], Sequence[Option]]
"""Gives what a wildcard stands for, by its name."""

DEEPEST = 30
"""Wildcards in the lines of wildcards."""
MOST_LOOKED_AT = 10_000_000
"""Options that are looked at for one prompt: about a second. A few short wildcards can stand for more than all time."""
CHOICE = 100
"""What a choice costs beside its options, in options."""


def drawn(text: str, seed: int, options: Options) -> str:
    """The prompt that a seed gives. The same seed gives the same one on every machine.

    Raises:
        StepError: if a wildcard does not exist or stands for itself, or the prompt cannot be read.
    """
    with _shallow():
        return _bounded(_Draw(random.Random(seed), options).text(parse(text), ()))


def every(text: str, options: Options) -> Iterator[str]:
    """Every prompt there is, in the order of the options, the last choice changing first. Weights do not matter.

    Several of a choice come in the order of its options only. Nothing is made before it is asked for.

    Raises:
        StepError: see ``drawn``.
    """
    with _shallow():
        for prompt in _All(options).texts(parse(text), ()):
            yield _bounded(prompt)


@contextmanager
def _shallow() -> Iterator[None]:
    """Wildcards whose lines hold braces whose options hold wildcards: each is bounded, all together are not."""
    try:
        yield
    except RecursionError as error:
        raise StepError("The prompt has too many choices inside each other, or in a row: use fewer.") from error


def _bounded(prompt: str) -> str:
    if len(prompt) > LONGEST:
        raise _too_long(len(prompt))
    return prompt


def _too_long(letters: int) -> StepError:
    return StepError(f"The choices make a prompt of {letters} letters; at most {LONGEST} are made.")


class _Alternatives:
    """Looks up wildcards and watches how deep they are."""

    def __init__(self, options: Options) -> None:
        self._options = options

    def of(self, name: str, above: tuple[str, ...]) -> Sequence[Option]:
        """What a wildcard stands for. ``above``: the wildcards in whose lines it stands."""
        if len(above) >= DEEPEST:
            raise StepError(f"The wildcard __{name}__ leads back to itself: {' > '.join((*above[-5:], name))}.")
        return self._options(name)

    def choice(self, choice: ChoiceOf, above: tuple[str, ...]) -> tuple[Sequence[Option], tuple[str, ...]]:
        """The options of a choice; of one that only holds a wildcard, the lines of that."""
        only = choice.options[0].parts if len(choice.options) == 1 else ()
        if len(only) == 1 and isinstance(only[0], Wildcard):
            return self.of(only[0].name, above), (*above, only[0].name)
        return choice.options, above


class _Draw:
    """Draws from choices."""

    def __init__(self, source: random.Random, options: Options) -> None:
        self._source, self._alternatives = source, _Alternatives(options)
        self._looked_at, self._letters = 0, 0

    def text(self, parts: Sequence[Part], above: tuple[str, ...]) -> str:
        """One text for a prompt."""
        return "".join(self._part(part, above) for part in parts)

    def _part(self, part: Part, above: tuple[str, ...]) -> str:
        if isinstance(part, str):
            self._note(letters=len(part))
            return part
        if isinstance(part, Wildcard):
            part, above = ChoiceOf(tuple(self._alternatives.of(part.name, above))), (*above, part.name)
        options, above = self._alternatives.choice(part, above)
        most = len(options) if part.most is None else min(part.most, len(options))
        least = min(part.least, most)
        count = least + int(self._source.random() * (most - least + 1))
        self._note(looked_at=CHOICE + len(options) * (1 + count))
        chosen = [self.text(option.parts, above) for option in self._several(list(options), count)]
        if len(chosen) < 2:
            return "".join(chosen)
        separator = self.text(part.separator, above)
        self._note(letters=len(separator) * (len(chosen) - 2))
        return separator.join(chosen)

    def _note(self, *, looked_at: int = 0, letters: int = 0) -> None:
        """Counts what was done so far.

        Raises:
            StepError: if that is too much.
        """
        self._looked_at, self._letters = self._looked_at + looked_at, self._letters + letters
        if self._letters > LONGEST:
            raise _too_long(self._letters)
        if self._looked_at > MOST_LOOKED_AT:
            raise StepError("The prompt chooses too often, or among too many: use fewer or shorter lists.")

    def _several(self, options: list[Option], count: int) -> Iterator[Option]:
        """Different options by their weights, in the order in which they are drawn."""
        total = sum(option.weight for option in options)
        for _ in range(count):
            at = self._source.random() * total
            # Where all weights left are 0 any option will do: the last.
            place = len(options) - 1
            for place, option in enumerate(options):  # noqa: B007 - the place is what is looked for
                at -= option.weight
                if at < 0:
                    break
            total -= options[place].weight
            yield options.pop(place)


class _All:
    """Goes through choices."""

    def __init__(self, options: Options) -> None:
        self._alternatives = _Alternatives(options)

    def texts(self, parts: Sequence[Part], above: tuple[str, ...]) -> Iterator[str]:
        """Every text for a prompt."""
        if not parts:
            yield ""
            return
        for head in self._part(parts[0], above):
            for rest in self.texts(parts[1:], above):
                yield head + rest

    def _part(self, part: Part, above: tuple[str, ...]) -> Iterator[str]:
        if isinstance(part, str):
            yield part
            return
        if isinstance(part, Wildcard):
            part, above = ChoiceOf(tuple(self._alternatives.of(part.name, above))), (*above, part.name)
        options, above = self._alternatives.choice(part, above)
        most = len(options) if part.most is None else min(part.most, len(options))
        for count in range(min(part.least, most), most + 1):
            for several in combinations(options, count):
                yield from self._joined(several, part, above)

    def _joined(self, options: Sequence[Option], choice: ChoiceOf, above: tuple[str, ...]) -> Iterator[str]:
        """Every text for several options together."""
        parts: list[Part] = []
        for place, option in enumerate(options):
            parts += (*choice.separator, *option.parts) if place else option.parts
        yield from self.texts(parts, above)
