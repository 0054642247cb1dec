"""Prompts with marks are taken apart."""

import pytest

from limner_client.prompt_text import LoraTag, read_prompt


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("a cat", (("a cat",),)),
        ("", (("",),)),
        ("a cat BREAK a dog", (("a cat", "a dog"),)),
        ("a cat AND a dog", (("a cat",), ("a dog",))),
        ("a BREAK b AND c BREAK d", (("a", "b"), ("c", "d"))),
        ("sand and BREAKfast, ANDES", (("sand and BREAKfast, ANDES",),)),
        ("a, BREAK, b", (("a", "b"),)),
    ],
)
def test_parts(text, parts):
    assert read_prompt(text).parts == parts


@pytest.mark.parametrize(
    ("text", "loras", "rest"),
    [
        ("x <lora:one>", [LoraTag("one", 1.0, 1.0)], "x"),
        ("<lora:one:0.8> x", [LoraTag("one", 0.8, 0.8)], "x"),
        ("x <lora:a b:-0.5:0.25> y", [LoraTag("a b", -0.5, 0.25)], "x y"),
        ("<lora:one:.5><lora:two:2>", [LoraTag("one", 0.5, 0.5), LoraTag("two", 2.0, 2.0)], ""),
        ("x <lora:one:strong>", [], "x <lora:one:strong>"),
        ("x <lora:>", [], "x <lora:>"),
    ],
)
def test_loras(text, loras, rest):
    read = read_prompt(text)
    assert list(read.loras) == loras
    assert read.parts == ((rest,),)


def test_a_file_name_keeps_its_ending():
    assert LoraTag("style").file == "style.safetensors"
    assert LoraTag("sub/style.v2").file == "sub/style.v2.safetensors"
    assert LoraTag("old.PT").file == "old.PT"
