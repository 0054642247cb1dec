"""Texts cut, searched and compared."""

import re
from typing import Annotated

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


def pattern(text: str, *, case_insensitive: bool, multiline: bool, dotall: bool) -> re.Pattern[str]:
    """A regular expression.

    Raises:
        StepError: if the text is none; the message says where.
    """
    flags = (case_insensitive, re.IGNORECASE), (multiline, re.MULTILINE), (dotall, re.DOTALL)
    try:
        return re.compile(text, sum((flag for wanted, flag in flags if wanted), re.RegexFlag(0)))
    except re.error as error:
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
    return wanted.search(string) is not None


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
    finds = [match.group(group) or "" for match in wanted.finditer(string)]
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
    try:
        return wanted.sub(replace, string, count=count)
    except (re.error, IndexError) as error:
        raise StepError(f"{replace!r} cannot be put in: {error}. It may name groups that the pattern has.") from error
