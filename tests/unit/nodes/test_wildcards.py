"""Prompts with choices: how they are read, drawn, and gone through; wildcards on disk."""

import functools
from collections import Counter

import pytest

from limner.graph.errors import StepError, StorageError
from limner.graph.prompt_choices import drawn, every
from limner.graph.prompt_grammar import parse_option
from limner.nodes.wildcards import wildcards

LINES = {
    "animal": ["cat", "dog", "3::owl"],
    "pair": ["{2$$__animal__}"],
    "loop": ["a __loop__"],
    "empty": [],
}


def options(name):
    return [parse_option(line) for line in LINES[name]]


def all_of(text):
    return list(every(text, options))


@pytest.mark.parametrize(
    ("text", "prompts"),
    [
        ("plain", ["plain"]),
        ("", [""]),
        ("{a|b} x {c|d}", ["a x c", "a x d", "b x c", "b x d"]),
        ("{a|b {c|d}}", ["a", "b c", "b d"]),
        ("{a||b}", ["a", "", "b"]),
        ("{2$$a|b|c}", ["a, b", "a, c", "b, c"]),
        ("{2$$ and $$a|b|c}", ["a and b", "a and c", "b and c"]),
        ("{0-1$$a|b}", ["", "a", "b"]),
        ("{1-2$$/$$a|b}", ["a", "b", "a/b"]),
        ("{2-$$+$$a|b|c}", ["a+b", "a+c", "b+c", "a+b+c"]),
        ("{-1$$a|b}", ["", "a", "b"]),
        ("{9$$a|b}", ["a, b"]),
        ("{2$$ {x|y} $$a|b}", ["a x b", "a y b"]),
        ("{0.5::a|3 :: b}", ["a", " b"]),
        ("a __animal__", ["a cat", "a dog", "a owl"]),
        ("{2$$__animal__}", ["cat, dog", "cat, owl", "dog, owl"]),
        ("__pair__!", ["cat, dog!", "cat, owl!", "dog, owl!"]),
        ("[__empty__]", ["[]"]),
        (r"\{a|b\} \__x\_\_", ["{a|b} __x__"]),
        (r"(a\):1.2) {b\|c|d}", [r"(a\):1.2) b|c", r"(a\):1.2) d"]),
        ("{a|b", ["{a|b"]),
        ("a} | b $$ c_d __", ["a} | b $$ c_d __"]),
        ("{a {b|c}", ["{a b", "{a c"]),
        ("$5 {$6|7}", ["$5 $6", "$5 7"]),
        ("{2 cats|3 dogs}", ["2 cats", "3 dogs"]),
    ],
)
def test_every_prompt(text, prompts):
    assert all_of(text) == prompts
    # What a seed draws is one of them, but several of a choice come in any order.
    parts = {tuple(sorted(prompt)) for prompt in prompts}
    assert all(tuple(sorted(drawn(text, seed, options))) in parts for seed in range(40))


def test_a_seed_draws_the_same_everywhere():
    text = "{a|b|c|d} {2$$, $$e|f|g} __animal__"
    assert [drawn(text, seed, options) for seed in (0, 1, 2**64 - 1)] == FIXED


FIXED = ["d e, g owl", "d e, f owl", "b f, g owl"]


def test_all_options_are_drawn_by_their_weights():
    counts = Counter(drawn("{1::a|2::b|c|0::d}", seed, options) for seed in range(4000))
    assert set(counts) == {"a", "b", "c"}
    assert abs(counts["b"] / 4000 - 0.5) < 0.05
    assert abs(counts["a"] / 4000 - 0.25) < 0.05
    lines = Counter(drawn("__animal__", seed, options) for seed in range(4000))
    assert abs(lines["owl"] / 4000 - 0.6) < 0.05


def test_several_are_different_and_in_any_order():
    found = {drawn("{2$$a|b|c}", seed, options) for seed in range(200)}
    assert found == {"a, b", "b, a", "a, c", "c, a", "b, c", "c, b"}
    assert {len(drawn("{1-3$$$$a|b|c}", seed, options)) for seed in range(100)} == {1, 2, 3}


def test_nothing_endless_is_made():
    assert next(iter(every(" ".join(["{a|b|c|d}"] * 60), options))).startswith("a a a")
    for text in ("__loop__", "{" * 60 + "a" + "}" * 60, "a" * 200_000):
        with pytest.raises(StepError):
            drawn(text, 1, options)
        with pytest.raises(StepError):
            all_of(text)
    with pytest.raises(StepError, match="fewer"):
        all_of("{a|b} " * 2000)
    with pytest.raises(StepError, match="leads back to itself"):
        drawn("__loop__", 1, options)


@pytest.mark.parametrize(
    "text",
    ["{" + " " * 99_000 + "}", "{" + "1" * 9_000 + " " * 90_000, "{" + ("  " * 900 + "|") * 50 + "}", "{{" * 40_000],
)
def test_blanks_are_read_in_one_go(text):
    drawn(text, 1, options)


def test_short_wildcards_cannot_stand_for_more_than_all_time():
    @functools.cache
    def deep(name):
        return [parse_option("__{0}____{0}__".format(int(name) + 1) if int(name) < 28 else "")]

    with pytest.raises(StepError, match="too often"):
        drawn("__0__", 1, deep)
    with pytest.raises(StepError, match="too many"):
        drawn("{9999$$" + "a|" * 40_000 + "}", 1, options)


@pytest.fixture
def files(folders):
    root = folders.data / "wildcards"
    (root / "animals").mkdir(parents=True)
    (root / "animals" / "cats.txt").write_text("# cats\nlion\n\n  tiger  \n", "utf-8")
    (root / "animals" / "Dogs.txt").write_text("\ufeffwolf\n", "utf-8")
    (root / "palette.yaml").write_text(
        "colours:\n  warm: [red, '2::orange']\n  cold:\n    - blue\n  one: grey\n", "utf-8"
    )
    (root / "shapes.yml").write_text("[round, '{big|small} square']", "utf-8")
    return folders


def prompts(folders, text, **inputs):
    return wildcards(text=text, mode=inputs.pop("mode", "all"), folders=folders, **inputs)[0]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("__animals/cats__", ["lion", "tiger"]),
        (r"__animals\cats__", ["lion", "tiger"]),
        ("__animals/dogs__", ["wolf"]),
        ("__animals/*__", ["wolf", "lion", "tiger"]),
        ("__**/c*ts__", ["lion", "tiger"]),
        ("__colours/warm__", ["red", "orange"]),
        ("__colours/*__", ["blue", "grey", "red", "orange"]),
        ("__shapes__", ["round", "big square", "small square"]),
    ],
)
def test_wildcards_on_disk(files, text, found):
    assert prompts(files, text) == found


def test_random_prompts_count_on_from_the_seed(files):
    text = "{a|b|c|d|e|f|g} __animals/cats__"
    three = prompts(files, text, mode="random", seed=5, count=3)
    assert three == [prompts(files, text, mode="random", seed=seed)[0] for seed in (5, 6, 7)]
    assert (
        prompts(files, text, mode="random", seed=2**64 - 1, count=2)[1]
        == prompts(files, text, mode="random", seed=0)[0]
    )


def test_all_prompts_are_counted(files):
    assert wildcards(text="{a|b|c}", mode="all", folders=files) == (["a", "b", "c"], 3)
    assert prompts(files, "{a|b|c}", count=2) == ["a", "b"]
    with pytest.raises(StepError, match="more than 10000 prompts"):
        prompts(files, "{a|b|c|d|e|f|g|h|i|j}" * 5)


def test_unknown_wildcards_name_the_known_ones(files):
    with pytest.raises(StepError, match=r"no wildcard __birds__.*animals/cats.*wildcards"):
        prompts(files, "__birds__")


@pytest.mark.parametrize("name", ["../secret", "/etc/passwd", "animals/../../secret", r"..\secret", r"\secret"])
def test_names_do_not_leave_the_folder(files, name):
    (files.data / "secret.txt").write_text("secret")
    with pytest.raises(StorageError, match="not a name inside its folder"):
        prompts(files, f"__{name}__")


def test_a_pattern_does_not_leave_the_folder(files):
    (files.data / "secret.txt").write_text("secret")
    with pytest.raises(StepError, match="no wildcard"):
        prompts(files, "__*/secret__")
    assert "secret" not in prompts(files, "__**__")


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("bad.txt", b"\xff\xfe\x00", "cannot be read as UTF-8"),
        ("bad.yaml", b"a: [", "is no YAML"),
    ],
)
def test_damaged_files_are_named(files, name, content, said):
    (files.data / "wildcards" / name).write_bytes(content)
    with pytest.raises(StepError, match=rf"{name}.*{said}"):
        prompts(files, "__bad__")


def test_few_lines_of_yaml_cannot_stand_for_millions(files):
    lines = ["a0: &a0 {x: 1}"] + [
        f"a{n}: &a{n} {{{', '.join(f'k{k}: *a{n - 1}' for k in range(10))}}}" for n in range(1, 9)
    ]
    (files.data / "wildcards" / "bomb.yaml").write_text("\n".join(lines))
    with pytest.raises(StepError, match="lists"):
        prompts(files, "__a0/x__")
    lists = ["a0: &a0 [x, y]"] + [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)]
    (files.data / "wildcards" / "bomb.yaml").write_text("\n".join(lists))
    assert prompts(files, "__a0__")
    with pytest.raises(StepError, match="in quotes"):
        prompts(files, "__a11__")


def test_further_folders_come_after_the_first(files, tmp_path):
    more = tmp_path / "more"
    more.mkdir()
    (more / "extra.txt").write_text("extra")
    files.add({"wildcards": [more]})
    assert prompts(files, "__extra__") == ["extra"]


def test_a_changed_file_changes_the_fingerprint(files):
    before = wildcards.fingerprint(text="__animals/cats__", folders=files)
    assert wildcards.fingerprint(text="{a|b}", folders=files) == ""
    assert wildcards.fingerprint(text=None, folders=files) == before
    (files.data / "wildcards" / "animals" / "cats.txt").write_text("lynx")
    assert wildcards.fingerprint(text="__animals/cats__", folders=files) != before
