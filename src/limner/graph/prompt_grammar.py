r"""Prompts with choices in them, as a tree.

    prompt    = { text | choice | wildcard }
    choice    = "{" [ count "$$" [ separator "$$" ] ] option { "|" option } "}"
    count     = n | n "-" m | n "-" | "-" m
    option    = [ weight "::" ] prompt
    wildcard  = "__" name "__"

``\{ \} \| \$ \_ \\`` stand for the characters themselves; another backslash stays, because prompt weights need it. A
separator is a prompt as well. A brace without an end stays as it is.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from limner.graph.errors import StepError

LONGEST = 100_000
"""Letters of a prompt."""
DEEPEST = 50
"""Braces inside braces."""

_PLAIN = re.compile(r"[^\\{}|$_]+")
_ESCAPE = re.compile(r"\\([{}|$_\\])")
_NAME = re.compile(r"__([\w*?/\\. -]{1,200}?)__")
_COUNT = re.compile(r"\s*+(\d{1,4})?\s*+(-)?\s*+(\d{1,4})?\s*+\$\$")
_WEIGHT = re.compile(r"\s*+(\d{1,9}(?:\.\d{0,9})?|\.\d{1,9})\s*::")


@dataclass(frozen=True)
class Wildcard:
    """Stands for one of the lines of a file."""

    name: str


@dataclass(frozen=True)
class Option:
    """One of the alternatives of a choice."""

    parts: "tuple[Part, ...]"
    weight: float = 1.0


@dataclass(frozen=True)
class ChoiceOf:
    """Stands for some of its options, ``least`` to ``most`` different ones; without ``most`` up to all of them."""

    options: tuple[Option, ...]
    least: int = 1
    most: int | None = 1
    separator: "tuple[Part, ...]" = (", ",)


Part = str | Wildcard | ChoiceOf
"""A piece of a prompt."""


def parse(text: str) -> tuple[Part, ...]:
    """The pieces of a prompt.

    Raises:
        StepError: if it is too long, or has too many braces inside each other.
    """
    if len(text) > LONGEST:
        raise StepError(f"The prompt has {len(text)} letters; prompts with choices have {LONGEST} at most.")
    parts, _ = _Reader(text).prompt(0, (), 0)
    return parts


def parse_option(text: str) -> Option:
    """A line of a wildcard file: a prompt, perhaps with a weight."""
    weight = _WEIGHT.match(text)
    return Option(parse(text[weight.end() :] if weight else text), float(weight[1]) if weight else 1.0)


@dataclass
class _Reader:
    """Reads one text from left to right."""

    text: str
    ends: dict[int, int] = field(default_factory=dict)
    """Where each brace ends that does end."""

    def __post_init__(self) -> None:
        opened: list[int] = []
        for found in re.finditer(r"\\[{}|$_\\]|[{}]", self.text):
            if found[0] == "{":
                opened.append(found.start())
            elif found[0] == "}" and opened:
                self.ends[opened.pop()] = found.start()

    def prompt(self, place: int, stops: tuple[str, ...], depth: int) -> tuple[tuple[Part, ...], int]:
        """The pieces up to one of the signs that end them, and where that stands."""
        parts: list[Part] = []
        plain: list[str] = []
        while place < len(self.text) and not self.text.startswith(stops, place):
            part, place = self._piece(place, depth)
            if isinstance(part, str):
                plain.append(part)
                continue
            parts += ["".join(plain), part] if plain else [part]
            plain.clear()
        return (*parts, *(["".join(plain)] if plain else [])), place

    def _piece(self, place: int, depth: int) -> tuple[Part, int]:
        plain = _PLAIN.match(self.text, place)
        if plain:
            return plain[0], plain.end()
        escaped = _ESCAPE.match(self.text, place)
        if escaped:
            return escaped[1], escaped.end()
        if place in self.ends:
            return self._choice(place + 1, depth + 1), self.ends[place] + 1
        name = _NAME.match(self.text, place)
        if name and name[1].strip():
            return Wildcard(name[1].strip().replace("\\", "/")), name.end()
        return self.text[place], place + 1

    def _choice(self, place: int, depth: int) -> ChoiceOf:
        if depth > DEEPEST:
            raise StepError(f"The prompt has more than {DEEPEST} braces inside each other.")
        count = _COUNT.match(self.text, place)
        if count is None or not (count[1] or count[3]):
            return ChoiceOf(tuple(self._options(place, depth)))
        least = int(count[1] or 0)
        most = int(count[3]) if count[3] else None if count[2] else least
        place = count.end()
        separator, end = self.prompt(place, ("$$", "|", "}"), depth)
        if self.text.startswith("$$", end):
            return ChoiceOf(tuple(self._options(end + 2, depth)), least, most, separator)
        return ChoiceOf(tuple(self._options(place, depth)), least, most)

    def _options(self, place: int, depth: int) -> Iterator[Option]:
        while True:
            weight = _WEIGHT.match(self.text, place)
            parts, place = self.prompt(weight.end() if weight else place, ("|", "}"), depth)
            yield Option(parts, float(weight[1]) if weight else 1.0)
            if not self.text.startswith("|", place):
                return
            place += 1
