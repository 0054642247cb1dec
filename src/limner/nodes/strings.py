"""Texts cut, searched and compared.

Regular expressions are those of the package ``regex``, which knows those of Python and lets others run meanwhile: some
of a dozen letters take years, and nobody else in the process could do anything until then.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any

import regex

from limner.graph.declare import Choice, Flags, Number, Text, node
from limner.graph.errors import StepError

STRING = "utils/string"
Lines = Annotated[str, Text(multiline=True)]
MaybeTrue = Annotated[bool, Flags(optional=True)]
CASES = {
    "UPPERCASE": str.upper,
    "lowercase": str.lower,
    "Capitalize": str.capitalize,
    "Title Case": str.title,
}
TRIMMERS = {"Both": str.strip, "Left": str.lstrip, "Right": str.rstrip}
COMPARISONS = {"Starts With": str.startswith, "Ends With": str.endswith, "Equal": str.__eq__}
SEARCH_SECONDS = 5.0
LONGEST = 1 << 24
"""Letters of a text that is made from others; each node of a chain could double it."""

EXTRACTIONS = ("First Match", "All Matches", "First Group", "All Groups")


@node(name="StringSubstring", title="Substring", category=STRING)
def string_substring(*, string: Lines, start: int, end: int) -> str:
    """The letters from one place up to another; negative places count from the end."""
    return string[start:end]


@node(name="StringLength", title="Length", category=STRING, outputs=("length",))
def string_length(*, string: Lines) -> int:
    """How many letters a text has."""
    return len(string)


@node(name="CaseConverter", title="Case Converter", category=STRING)
def case_converter(*, string: Lines, mode: Annotated[str, Choice(*CASES)]) -> str:
    """A text in capitals, in small letters, or with capitals at its beginning or at that of each word."""
    return CASES[mode](string)


@node(name="StringTrim", title="Trim", category=STRING)
def string_trim(*, string: Lines, mode: Annotated[str, Choice(*TRIMMERS)]) -> str:
    """A text without the white space around it."""
    return TRIMMERS[mode](string)


@node(name="StringReplace", title="Replace", category=STRING)
def string_replace(*, string: Lines, find: Lines, replace: Lines) -> str:
    """A text in which every occurrence of another is replaced."""
    added = string.count(find) * (len(replace) - len(find))
    if added > 0:
        bounded(len(string) + added)
    return string.replace(find, replace)


@node(name="StringContains", title="Contains", category=STRING, outputs=("contains",))
def string_contains(*, string: Lines, substring: Lines, case_sensitive: bool = True) -> bool:
    """Whether a text occurs in another."""
    return substring in string if case_sensitive else substring.lower() in string.lower()


@node(name="StringCompare", title="Compare", category=STRING)
def string_compare(
    *, string_a: Lines, string_b: Lines, mode: Annotated[str, Choice(*COMPARISONS)], case_sensitive: bool = True
) -> bool:
    """Whether a text begins with another, ends with it, or is equal to it."""
    texts = (string_a, string_b) if case_sensitive else (string_a.lower(), string_b.lower())
    return bool(COMPARISONS[mode](*texts))


def bounded(letters: int) -> None:
    """Refuses to make a text of so many letters, if they are too many.

    Raises:
        StepError: above ``LONGEST``.
    """
    if letters > LONGEST:
        raise StepError(f"The text would have {letters} letters; at most {LONGEST} are made.")


@contextmanager
def searching(text: str) -> Iterator[None]:
    """Raises StepError if a regular expression takes too long."""
    try:
        yield
    except TimeoutError as error:
        raise StepError(
            f"{text!r:.200} has not come to an end in {SEARCH_SECONDS:.0f} s: it tries too many ways. Write it without "
            "a repetition inside a repetition."
        ) from error


def pattern(text: str, *, case_insensitive: bool, multiline: bool, dotall: bool) -> Any:
    """A regular expression.

    Raises:
        StepError: if the text is none; the message says where.
    """
    flags = (case_insensitive, regex.IGNORECASE), (multiline, regex.MULTILINE), (dotall, regex.DOTALL)
    try:
        return regex.compile(text, sum(int(flag) for wanted, flag in flags if wanted))
    except regex.error as error:
        raise StepError(
            f"{text!r} is no regular expression: {error}. A \\ before a sign takes it literally."
        ) from error


@node(name="RegexMatch", title="Regex Match", category=STRING, outputs=("matches",))
def regex_match(
    *,
    string: Lines,
    regex_pattern: Lines,
    case_insensitive: bool = True,
    multiline: bool = False,
    dotall: bool = False,
) -> bool:
    """Whether a regular expression fits somewhere in a text."""
    wanted = pattern(regex_pattern, case_insensitive=case_insensitive, multiline=multiline, dotall=dotall)
    with searching(regex_pattern):
        return wanted.search(string, timeout=SEARCH_SECONDS, concurrent=True) is not None


@node(name="RegexExtract", title="Regex Extract", category=STRING)
def regex_extract(
    *,
    string: Lines,
    regex_pattern: Lines,
    mode: Annotated[str, Choice(*EXTRACTIONS)],
    case_insensitive: bool = True,
    multiline: bool = False,
    dotall: bool = False,
    group_index: Annotated[int, Number(min=0, max=100)] = 1,
) -> str:
    """What a regular expression fits, or one of its groups; several finds stand on lines of their own."""
    wanted = pattern(regex_pattern, case_insensitive=case_insensitive, multiline=multiline, dotall=dotall)
    group = group_index if mode.endswith(("Group", "Groups")) else 0
    if group > wanted.groups:
        return ""
    with searching(regex_pattern):
        found = wanted.finditer(string, timeout=SEARCH_SECONDS, concurrent=True)
        finds = [match.group(group) or "" for match in found]
    return "\n".join(finds[:1] if mode.startswith("First") else finds)


@node(name="RegexReplace", title="Regex Replace", category=STRING)
def regex_replace(
    *,
    string: Lines,
    regex_pattern: Lines,
    replace: Lines,
    case_insensitive: MaybeTrue = True,
    multiline: MaybeTrue = False,
    dotall: MaybeTrue = False,
    count: Annotated[int, Number(min=0, max=100), Flags(optional=True)] = 0,
) -> str:
    r"""A text in which what a regular expression fits is replaced; ``\1`` puts in the first group, count 0 is all."""
    wanted = pattern(regex_pattern, case_insensitive=case_insensitive, multiline=multiline, dotall=dotall)
    made = 0

    def put_in(match: Any) -> str:
        nonlocal made
        text = match.expand(replace)
        made += len(text)
        bounded(made)
        return text

    try:
        with searching(regex_pattern):
            return wanted.sub(put_in, string, count=count, timeout=SEARCH_SECONDS, concurrent=True)
    except (regex.error, IndexError) as error:
        raise StepError(f"{replace!r} cannot be put in: {error}. It may name groups that the pattern has.") from error
