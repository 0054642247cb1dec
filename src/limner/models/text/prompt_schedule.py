r"""Prompts in the syntax of A1111's web UI: weights, texts that change on the way, several prompts at once.

    prompt      = part { "AND" part }
    part        = text [ ":" weight ]
    text        = { words | edit | alternation | emphasis | "BREAK" }
    edit        = "[" [ [ text ] ":" ] [ text ] ":" when "]"
    alternation = "[" text "|" text { "|" text } "]"
    emphasis    = "(" text [ ":" weight ] ")" | "[" text "]"

``when`` with a point is a share of the steps, and without one a step: the first text counts up to it, the second behind
it. An alternation's texts take turns, step by step. ``(text)`` multiplies the weight around it by 1.1, ``(text:1.3)``
by 1.3, ``[text]`` divides it by 1.1; a bracket that is never closed counts to the end. ``BREAK`` begins a new stretch
of the text encoder. A backslash makes the next of ``()[]:|\`` a mere character.

First the changes are read, then the weights of what is there at a step: so a text may change within emphasis.
"""

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from limner.models.text.prompt import EMPHASIS, Segment

Passage = tuple[Segment, ...]
"""Text between two BREAKs, cut where its weight changes."""


@dataclass(frozen=True)
class Stage:
    """A text that counts for some steps.

    Attributes:
        last: The last step at which it counts, from 1.
        text: With the marks of its weights.
    """

    last: int
    text: str

    @property
    def passages(self) -> tuple[Passage, ...]:
        """The text with its weights read; one passage at least."""
        return passages(self.text)


@dataclass(frozen=True)
class Part:
    """One of the prompts that AND joins.

    Attributes:
        weight: How far the picture goes its way. Range: any, also below 0.
        stages: Its texts in the order of the steps; the last one ends with the last step.
    """

    weight: float
    stages: tuple[Stage, ...]


_AND = re.compile(r"\bAND\b")
_NUMBER = re.compile(r"\s*([-+]?(?:\d{1,9}(?:\.\d{0,9})?|\.\d{1,9}))\s*")


def scheduled(prompt: str, steps: int, before: int = 0, *, composed: bool = True) -> tuple[Part, ...]:
    """A prompt's parts, and what each says at which steps.

    Args:
        prompt: In the syntax above.
        steps: Of the walk. Range: at least 1.
        before: Steps of an earlier walk that this one goes on from, as in a second pass at a larger size: whole numbers
            count from that walk's first step, and shares from 1 to 2 are of this one.
        composed: Whether AND joins prompts; else it is a word.
    """
    found = [_weighed(text) for text in _AND.split(prompt)] if composed else [(prompt.strip(), 1.0)]
    return tuple(Part(weight, _stages(text, steps, before)) for text, weight in found)


def _weighed(text: str) -> tuple[str, float]:
    """A part without its weight, and the weight."""
    before, colon, number = text.rpartition(":")
    match = _NUMBER.fullmatch(number) if colon else None
    return (before.strip(), float(match[1])) if match else (text.strip(), 1.0)


def _stages(text: str, steps: int, before: int) -> tuple[Stage, ...]:
    pieces = _Reader().read(text)
    if all(isinstance(piece, str) for piece in pieces):
        return (Stage(steps, text),)
    stages: list[Stage] = []
    for number in range(1, steps + 1):
        said = _said(pieces, _Step(number, steps, before))
        if stages and stages[-1].text == said:
            stages.pop()
        stages.append(Stage(number, said))
    return tuple(stages)


@dataclass(frozen=True)
class _Step:
    """A step of a walk, its number from 1."""

    number: int
    steps: int
    before: int

    def is_behind(self, when: str) -> bool:
        """Whether the step comes after what ``when`` says."""
        if "." in when:
            share = float(when) - (1.0 if self.before else 0.0)
            return self.number > int(share * self.steps)
        return self.number > int(when) - self.before


@dataclass(frozen=True)
class _Edit:
    """One text up to a step, another one behind it."""

    earlier: "_Pieces"
    later: "_Pieces"
    when: str

    def at(self, step: _Step) -> "_Pieces":
        return self.later if step.is_behind(self.when) else self.earlier


@dataclass(frozen=True)
class _Alternation:
    """Texts that take turns."""

    texts: "tuple[_Pieces, ...]"

    def at(self, step: _Step) -> "_Pieces":
        return self.texts[(step.number - 1) % len(self.texts)]


_Pieces = Sequence["str | _Edit | _Alternation"]


def _said(pieces: _Pieces, step: _Step) -> str:
    """What pieces say at a step."""
    return "".join(piece if isinstance(piece, str) else _said(piece.at(step), step) for piece in pieces)


DEEPEST = 100
"""Brackets inside brackets; further ones are mere text."""

LARGEST = 1e6
"""Weight that no nesting exceeds."""

_CLOSES = {"]": "[", ")": "("}
_TOKEN = re.compile(r"\\.|[()\[\]:|]|[^\\()\[\]:|]+|\\", re.DOTALL)


@dataclass
class _Bracket:
    """One that is open: what stands in it so far, cut at its own colons and bars."""

    opened: str = ""
    fields: list[list["str | _Edit | _Alternation"]] = field(default_factory=lambda: [[]])
    marks: list[str] = field(default_factory=list)

    def add(self, piece: "str | _Edit | _Alternation") -> None:
        self.fields[-1].append(piece)

    def separate(self, mark: str) -> None:
        self.marks.append(mark)
        self.fields.append([])

    def plain(self, closed: str = "") -> _Pieces:
        """Everything in it as text."""
        pieces = [self.opened, *self.fields[0]]
        for mark, following in zip(self.marks, self.fields[1:], strict=True):
            pieces += [mark, *following]
        return [*pieces, closed]

    def closed(self, by: str) -> _Pieces:
        """What it means, once it is closed."""
        if self.opened == "[" and self.marks and set(self.marks) == {"|"}:
            return [_Alternation(tuple(self.fields))]
        if self.opened == "[" and self.marks in ([":"], [":", ":"]):
            when = _when(self.fields[-1])
            if when is not None:
                earlier, later = ([], self.fields[0]) if len(self.marks) == 1 else self.fields[:2]
                return [_Edit(earlier, later, when)]
        return self.plain(by)


def _when(pieces: _Pieces) -> str | None:
    """The number that a field is; None if it is none."""
    match = _NUMBER.fullmatch("".join(pieces)) if all(isinstance(piece, str) for piece in pieces) else None  # type: ignore[arg-type]
    return None if match is None else match[1]


class _Reader:
    """Finds what changes in a text. For one text."""

    def __init__(self) -> None:
        self.open = [_Bracket()]

    def read(self, text: str) -> _Pieces:
        for token in _TOKEN.findall(text):
            if token in ("(", "[") and len(self.open) < DEEPEST:
                self.open.append(_Bracket(token))
            elif token in _CLOSES:
                self._close(token)
            elif token in (":", "|"):
                self.open[-1].separate(token)
            else:
                self.open[-1].add(token)
        while len(self.open) > 1:
            self._dissolve()
        return self.open[0].plain()

    def _close(self, token: str) -> None:
        """Closes the innermost bracket of a kind; those inside it that are open, are text."""
        kind = _CLOSES[token]
        if not any(bracket.opened == kind for bracket in self.open):
            self.open[-1].add(token)
            return
        while self.open[-1].opened != kind:
            self._dissolve()
        for piece in self.open.pop().closed(token):
            self.open[-1].add(piece)

    def _dissolve(self) -> None:
        """The innermost bracket as text; its colons and bars are those of the one around it."""
        inner = self.open.pop()
        outer = self.open[-1]
        for piece in [inner.opened, *inner.fields[0]]:
            outer.add(piece)
        for mark, pieces in zip(inner.marks, inner.fields[1:], strict=True):
            outer.separate(mark)
            outer.fields[-1] += pieces


_MARK = re.compile(
    r"\\(?P<escaped>[()\[\]:|\\])"
    r"|:\s*(?P<weight>[-+]?(?:\d{1,9}(?:\.\d{0,9})?|\.\d{1,9}))\s*\)"
    r"|(?P<bracket>[()\[\]])"
    r"|\b(?P<BREAK>BREAK)\b"
)


def passages(text: str) -> tuple[Passage, ...]:
    """A text with its weights read, cut at each BREAK; one passage at least, which may be empty."""
    return _Weigher().read(text)


class _Weigher:
    """Reads weights. For one text.

    Attributes:
        words: Texts with their weights; None stands for BREAK.
        begun: By kind of bracket, where those that are open began.
    """

    def __init__(self) -> None:
        self.words: list[tuple[str, float] | None] = []
        self.begun: dict[str, list[int]] = {"(": [], "[": []}

    def read(self, text: str) -> tuple[Passage, ...]:
        end = 0
        for match in _MARK.finditer(text):
            before = text[end : match.start()]
            self._say(before.rstrip() if match["BREAK"] else before)
            self._mark(match)
            end = match.end()
        self._say(text[end:])
        for kind, factor in (("(", EMPHASIS), ("[", 1 / EMPHASIS)):
            for begin in self.begun[kind]:
                self._weigh(begin, factor)
        return tuple(_joined(words) for words in self._between_breaks())

    def _mark(self, match: re.Match[str]) -> None:
        bracket = match["bracket"]
        if match["escaped"]:
            self._say(match["escaped"])
        elif match["BREAK"]:
            self.words.append(None)
        elif bracket not in self.begun:
            self._close("[" if bracket == "]" else "(", match)
        elif len(self.begun[bracket]) < DEEPEST:
            self.begun[bracket].append(len(self.words))
        else:
            self._say(bracket)

    def _close(self, kind: str, match: re.Match[str]) -> None:
        if not self.begun[kind]:
            self._say(match[0])
            return
        usual = EMPHASIS if kind == "(" else 1 / EMPHASIS
        self._weigh(self.begun[kind].pop(), float(match["weight"]) if match["weight"] else usual)

    def _say(self, text: str) -> None:
        if self.words and self.words[-1] is None:
            text = text.lstrip()
        if text:
            self.words.append((text, 1.0))

    def _weigh(self, begin: int, factor: float) -> None:
        """Multiplies the weights of everything from a place on."""
        for place in range(begin, len(self.words)):
            word = self.words[place]
            if word is not None:
                self.words[place] = (word[0], max(-LARGEST, min(word[1] * factor, LARGEST)))

    def _between_breaks(self) -> Iterator[list[tuple[str, float]]]:
        words: list[tuple[str, float]] = []
        for word in self.words:
            if word is None:
                yield words
                words = []
            else:
                words.append(word)
        yield words


def _joined(words: Sequence[tuple[str, float]]) -> Passage:
    """Neighbours of one weight as one segment."""
    segments: list[Segment] = []
    for text, weight in words:
        if segments and math.isclose(segments[-1].weight, weight, rel_tol=1e-9):
            segments[-1] = Segment(segments[-1].text + text, weight)
        else:
            segments.append(Segment(text, weight))
    return tuple(segments)
