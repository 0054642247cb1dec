"""The text in pictures."""

from limner.dialects.a1111.infotext import IMPLIED, infotext, read_parameters

SETTINGS = {
    "Steps": 20,
    "Sampler": "DPM++ 2M",
    "CFG scale": 7.0,
    "Seed": 1,
    "Size": "512x768",
    "Model hash": None,
    "Lora hashes": 'a: 1, b: "2"',
    "Hires prompt": "one\ntwo",
}


def test_a_text_is_read_as_it_was_written():
    read = read_parameters(infotext("a (red) apple,\nbig", "bad, worse", SETTINGS))
    assert (read["Prompt"], read["Negative prompt"]) == ("a (red) apple,\nbig", "bad, worse")
    assert (read["Steps"], read["CFG scale"], read["Size-1"], read["Size-2"]) == ("20", "7.0", "512", "768")
    assert (read["Lora hashes"], read["Hires prompt"]) == ('a: 1, b: "2"', "one\ntwo")
    assert "Size" not in read
    assert "Model hash" not in read
    assert (read["Emphasis"], read["Clip skip"]) == ("Original", "1")


def test_the_line_has_the_shape_that_other_programs_read():
    text = infotext("x", "", {"Steps": 1, "Sampler": "Euler", "Note": "a, b"})
    assert text == 'x\nSteps: 1, Sampler: Euler, Note: "a, b"'


def test_an_empty_text_still_implies():
    assert read_parameters("") == {**IMPLIED, "Prompt": "", "Negative prompt": ""}
