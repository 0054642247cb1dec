"""The web UI's prompt syntax: what is said at which step, and with which weight."""

import pytest

from limner.models.text.prompt_schedule import passages, scheduled


def stages(prompt, steps=10, before=0):
    (part,) = scheduled(prompt, steps, before)
    return [(stage.last, stage.text) for stage in part.stages]


def weights(text):
    (found,) = passages(text)
    return [(segment.text, round(segment.weight, 4)) for segment in found]


@pytest.mark.parametrize(
    ("prompt", "expected"),
    [
        ("", [(10, "")]),
        ("a cat, 16:9 | yes", [(10, "a cat, 16:9 | yes")]),
        ("a [cat:dog:0.3] here", [(3, "a cat here"), (10, "a dog here")]),
        ("a [cat:dog:7]", [(7, "a cat"), (10, "a dog")]),
        ("a [dog:0.5]", [(5, "a "), (10, "a dog")]),
        ("  a  ", [(10, "a")]),
        ("a[ cat::0.5]", [(5, "a cat"), (10, "a")]),
        ("[a:b: .25 ]", [(2, "a"), (10, "b")]),
        ("[a:b:0]", [(10, "b")]),
        ("[a:b:1.0]", [(10, "a")]),
        ("[a:b:99]", [(10, "a")]),
        ("[a:b:-1]", [(10, "b")]),
        ("[a:[b:c:6]:3]", [(3, "a"), (6, "b"), (10, "c")]),
        ("[[a:b:6]:c:3]", [(3, "a"), (10, "c")]),
        ("([a:b:5]:1.2)", [(5, "(a:1.2)"), (10, "(b:1.2)")]),
        ("[(a:1.2):b:5]", [(5, "(a:1.2)"), (10, "b")]),
        ("[a|b:c:0.5]", [(10, "[a|b:c:0.5]")]),
        ("[just dim]", [(10, "[just dim]")]),
        ("[a:b]", [(10, "[a:b]")]),
        ("[a:b:c:5]", [(10, "[a:b:c:5]")]),
        (r"\[a:b:5\]", [(10, r"\[a:b:5\]")]),
        (r"[a\:b:c:5]", [(5, r"a\:b"), (10, "c")]),
        ("[never closed [a:b:5]", [(5, "[never closed a"), (10, "[never closed b")]),
        ("[a (open:b:5]", [(5, "a (open"), (10, "b")]),
        ("closed] [a:b:5]", [(5, "closed] a"), (10, "closed] b")]),
    ],
)
def test_texts_change_on_the_way(prompt, expected):
    assert stages(prompt) == expected


def test_alternations_take_turns():
    assert stages("[a|b|]!", 4) == [(1, "a!"), (2, "b!"), (3, "!"), (4, "a!")]
    assert stages("[[a:c:2]|b]", 4) == [(1, "a"), (2, "b"), (3, "c"), (4, "b")]


def test_a_second_pass_goes_on_counting():
    assert stages("[a:b:0.5]", 10, before=20) == [(10, "b")]
    assert stages("[a:b:1.5]", 10, before=20) == [(5, "a"), (10, "b")]
    assert stages("[a:b:24]", 10, before=20) == [(4, "a"), (10, "b")]


def test_prompts_are_joined_by_and():
    parts = scheduled("a cat :1.2 AND [a:b:5] dog AND fog: -0.5", 10)
    assert [part.weight for part in parts] == [1.2, 1.0, -0.5]
    assert [part.stages[0].text for part in parts] == ["a cat", "a dog", "fog"]
    assert [len(part.stages) for part in parts] == [1, 2, 1]
    assert [part.stages[-1].last for part in parts] == [10, 10, 10]
    (alone,) = scheduled("SAND ANDROID", 10)
    assert alone.stages[0].text == "SAND ANDROID"
    (word,) = scheduled("a AND b :2", 10, composed=False)
    assert (word.weight, word.stages[0].text) == (1.0, "a AND b :2")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("a cat", [("a cat", 1.0)]),
        ("a (red) cat", [("a ", 1.0), ("red", 1.1), (" cat", 1.0)]),
        ("((red))", [("red", 1.21)]),
        ("[red]", [("red", 0.9091)]),
        ("[[red]]", [("red", 0.8264)]),
        ("(red:1.4)", [("red", 1.4)]),
        ("(a (b:0.5) c:2)", [("a ", 2.0), ("b", 1.0), (" c", 2.0)]),
        ("((a:1.5) b:2)", [("a", 3.0), (" b", 2.0)]),
        ("([a] b)", [("a", 1.0), (" b", 1.1)]),
        ("(a)(b)", [("ab", 1.1)]),
        ("(a:-1)", [("a", -1.0)]),
        ("(a : 1.2 )", [("a ", 1.2)]),
        (r"\(a\) \[b\] c\\d", [(r"(a) [b] c\d", 1.0)]),
        (r"(a \(b\):1.2)", [("a (b)", 1.2)]),
        ("(ratio 16:9)", [("ratio 16", 9.0)]),
        ("(time: now)", [("time: now", 1.1)]),
        ("open (never closed", [("open ", 1.0), ("never closed", 1.1)]),
        ("[never (closed", [("never ", 0.9091), ("closed", 1.0)]),
        ("smile :) a:2)", [("smile :) a:2)", 1.0)]),
        ("closed] (a:1.3)", [("closed] ", 1.0), ("a", 1.3)]),
    ],
)
def test_weights(text, expected):
    assert weights(text) == expected


def test_a_break_begins_a_new_passage_within_weights_too():
    assert [[s.text for s in passage] for passage in passages("a BREAK b\nBREAK\nBREAKFAST")] == [
        ["a"],
        ["b"],
        ["BREAKFAST"],
    ]
    assert [[(s.text, s.weight) for s in passage] for passage in passages("(a BREAK b:2) c")] == [
        [("a", 2.0)],
        [("b", 2.0), (" c", 1.0)],
    ]
    assert passages("BREAK") == ((), ())


def test_long_and_crooked_prompts_are_read_in_time():
    assert len(stages("[" * 5000 + "a", 3)) == 1
    assert len(stages("[a|" * 90 + "b" + "]" * 90, 20)) == 20
    assert weights("(" * 100 + "(a") == [("(a", 13780.6123)]
    assert weights("(a" * 2000 + ")" * 2000)[0] == ("a", 1.1)
    assert weights(" " * 100_000 + "BREAKS" + " " * 100_000)[0][1] == 1.0
    assert len(scheduled(" " * 100_000 + "a" + " " * 100_000, 3)) == 1
    assert weights("(" * 50 + "a" + ":999999)" * 50) == [("a", 1e6)]
