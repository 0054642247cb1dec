"""Dynamic prompts: ``{a|b|c}`` stands for one of its options, drawn anew each time; comments are for the author only.

ComfyUI's page resolves them before it sends a prompt, so it belongs to reading a UI workflow. The API format holds text
that is already resolved.
"""

import re
from collections.abc import Callable

Draw = Callable[[int], int]
"""Draws a number in 0..n-1."""

_PIECE = re.compile(r"\\.|[{}|]|[^\\{}|]+|\\", re.DOTALL)
_MOST_BRACES = 1000
_COMMENT = re.compile(r"/\*|//")
_ESCAPED = re.compile(r"\\([{}|])")


def resolve_prompt(text: str, draw: Draw) -> str:
    r"""The text without comments and with one option of every ``{a|b}`` drawn. Options may hold further braces.

    ``\{``, ``\}`` and ``\|`` are those characters; other backslashes stay, because prompt weights need them. An
    opening brace that is never closed stays as it is. So does a text with thousands of braces, which is no prompt.
    """
    if text.count("{") > _MOST_BRACES:
        return text
    text = _without_comments(text)
    # The options of every brace that is open, each a list of pieces; the text itself is the single outermost option.
    levels: list[list[list[str]]] = [[[]]]
    for piece in _PIECE.findall(text):
        if piece == "{":
            levels.append([[]])
        elif piece == "|" and len(levels) > 1:
            levels[-1].append([])
        elif piece == "}" and len(levels) > 1:
            options = levels.pop()
            levels[-1][-1] += options[draw(len(options))]
        else:
            levels[-1][-1].append(piece)
    unclosed = ["|".join("".join(pieces) for pieces in options) for options in levels]
    return _ESCAPED.sub(r"\1", "{".join(unclosed))


def _without_comments(text: str) -> str:
    """The text without ``/* ... */`` and without what follows ``//`` on a line."""
    kept: list[str] = []
    place = 0
    while (match := _COMMENT.search(text, place)) is not None:
        closing = "*/" if match.group() == "/*" else "\n"
        end = text.find(closing, match.end())
        if end < 0 and closing == "*/":
            break
        kept.append(text[place : match.start()])
        place = len(text) if end < 0 else end + (2 if closing == "*/" else 0)
    return "".join(kept) + text[place:]
