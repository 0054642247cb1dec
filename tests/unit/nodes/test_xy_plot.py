"""Plots, as the engine runs them."""

from itertools import pairwise

import pytest
import torch
from tests.golden.running import Runner
from tests.unit.nodes.test_loops import Turns, node, shown, started

from limner.graph.errors import LimnerError, StepError
from limner.media.pictures import read_picture
from limner.nodes.axis_values import axis_values, written_values


@pytest.fixture
def runner(folders):
    made = Runner(folders)
    yield made
    made.close()


def plot(**inputs):
    """A picture in one colour, blurred, and a plot of it."""
    return {
        "colour": node("EmptyImage", width=32, height=24, batch_size=1, color=0xFF0000),
        "unused": node("EmptyImage", width=8, height=8, batch_size=1, color=0),
        "blur": node("ImageBlur", image=["colour", 0], blur_radius=1, sigma=1.0),
        "plot": node("XYPlot", image=["blur", 0], cell_size=0, letter_size=12, **inputs),
        "grid": node("SaveImage", images=["plot", 0], filename_prefix="grid"),
        "cells": node("SaveImage", images=["plot", 1], filename_prefix="cell"),
        "size": node("GetImageSize", image=["plot", 0]),
        "width": shown(["size", 0]),
    }


def pictures(folders, prefix):
    return [read_picture(path).images[0] for path in sorted(folders.output.glob(f"{prefix}_*.png"))]


COLOURS = {"x_node": ["colour", 0], "x_input": "color", "x_way": "values", "x_values": "255, 65280"}
SIZES = {"y_node": ["colour", 0], "y_input": "width", "y_way": "values", "y_values": "16-48 (+16)"}


def test_every_pair_of_values_has_a_cell(runner, folders):
    runner.run(plot(**COLOURS, **SIZES))
    cells = pictures(folders, "cell")
    assert [tuple(cell.shape) for cell in cells] == [(24, width, 3) for width in (16, 16, 32, 32, 48, 48)]
    assert [cell[12, 8].round().tolist() for cell in cells[:2]] == [[0.0, 0.0, 1.0], [0.0, 1.0, 0.0]]


def test_the_grid_is_labelled(runner, folders):
    runner.run(plot(**COLOURS, **SIZES))
    (grid,) = pictures(folders, "grid")
    # Two columns of 48 and three rows of 24 with 8 around each; the rest is for labels.
    assert grid.shape[0] > 3 * 32 + 8
    assert grid.shape[1] > 2 * 56 + 8
    assert (grid[:20, -60:] < 0.5).any(), "a label above the last column"
    assert (grid[-32:, :30] < 0.5).any(), "a label beside the last row"
    assert torch.equal(grid[-20, -32].round(), torch.tensor([0.0, 1.0, 0.0])), (
        "the last cell stands at the bottom right"
    )


def test_one_axis_may_vary_what_stands_before_the_other(runner, folders):
    blurs = {"x_node": ["blur", 0], "x_input": "blur_radius", "x_way": "values", "x_values": "1, 2"}
    runner.run(plot(**blurs, **SIZES))
    assert [cell.shape[1] for cell in pictures(folders, "cell")] == [16, 16, 32, 32, 48, 48]


def test_both_axes_may_vary_one_node(runner, folders):
    runner.run(plot(**COLOURS, **{**SIZES, "y_input": "height", "y_values": "8, 16"}))
    cells = pictures(folders, "cell")
    assert [(cell.shape[0], int(cell[4, 4].argmax())) for cell in cells] == [(8, 2), (8, 1), (16, 2), (16, 1)]


def test_an_axis_may_be_left_out(runner, folders):
    runner.run(plot(**COLOURS))
    assert len(pictures(folders, "cell")) == 2


def test_without_axes_there_is_one_cell(runner, folders):
    runner.run(plot())
    (cell,) = pictures(folders, "cell")
    assert cell.shape == (24, 32, 3)


def test_words_are_replaced_in_every_text(runner):
    document = {
        "text": node("PrimitiveString", value="0xff00ff"),
        "length": node("StringLength", string=["text", 0]),
        "image": node("EmptyImage", width=["length", 0], height=8, batch_size=1, color=0),
        "plot": node(
            "XYPlot",
            image=["image", 0],
            x_way="search and replace",
            x_values='ff, "f, f", abcdef',
            cell_size=0,
            letter_size=8,
        ),
        "size": node("GetImageSize", image=["plot", 1]),
        "widths": shown(["size", 0]),
    }
    assert runner.run(document)["widths"] == {"text": ["8", "12", "16"]}


def test_words_that_stand_nowhere_are_an_error(runner):
    with pytest.raises(LimnerError, match="'apple', stands in no text"):
        runner.run(plot(x_way="search and replace", x_values="apple, pear"))


@pytest.mark.parametrize(
    ("inputs", "said"),
    [
        ({"x_values": "1, 2"}, "x_node: link an output"),
        ({**COLOURS, "x_input": "hue"}, "no input 'hue' to write into. It has: width"),
        ({**COLOURS, "x_values": "red"}, "'red' is no number"),
        ({**COLOURS, "x_node": ["blur", 0], "x_input": "image"}, "linked to another node"),
        ({**COLOURS, "x_node": ["unused", 0]}, "EmptyImage has no influence on the picture"),
        ({**COLOURS, "x_values": "0-90", **SIZES, "y_values": "1-50"}, "91 x 50 cells are too many"),
    ],
)
def test_what_cannot_be_varied_is_said(runner, inputs, said):
    with pytest.raises(LimnerError) as caught:
        runner.run(plot(**inputs))
    assert said in str(caught.value)


@pytest.fixture
def turns():
    made = Turns()
    yield made
    made.backend.close()


def only_shown(**inputs):
    document = plot(**inputs)
    return {name: entry for name, entry in document.items() if entry["class_type"] != "SaveImage"}


def test_cells_are_remembered_and_the_rest_is_not_copied(turns):
    blurs = {"x_node": ["blur", 0], "x_input": "blur_radius", "x_values": "1, 2"}
    events = turns.run(only_shown(**blurs))
    # The picture itself is not blurred for its own sake, and its colour is made once.
    assert (started(events, "colour"), started(events, "blur")) == (1, 0)
    assert started(events, "plot.") == 2 * 2 + 1
    more = turns.run(only_shown(**{**blurs, "x_values": "1, 2, 3"}))
    made = [event.place.node for event in more if type(event).__name__ == "NodeStarted" and ".blur" in event.place.node]
    assert made == ["plot.2.blur"]


def test_a_plot_tells_how_far_it_is(turns):
    events = turns.run(only_shown(**COLOURS, **SIZES))
    told = [event for event in events if type(event).__name__ == "NodeProgress" and event.place.display == "plot"]
    assert [event.total for event in told] == [6] * 6
    assert sorted(event.value for event in told) == [1, 2, 3, 4, 5, 6]
    assert {
        event.place.display for event in events if getattr(getattr(event, "place", None), "node", "").endswith(".blur")
    } == {"blur"}


@pytest.mark.parametrize(
    ("text", "like", "values"),
    [
        ("1, 2,3", 7, [1, 2, 3]),
        ("1-4", 7, [1, 2, 3, 4]),
        ("1-10 (+3), 20", 7, [1, 4, 7, 10, 20]),
        ("10-1 (-4)", 7, [10, 6, 2]),
        ("3-1", 7, [3, 2, 1]),
        ("-2 - 2 (+2)", 7, [-2, 0, 2]),
        ("1-10 [4]", 7, [1, 4, 7, 10]),
        ("1-2 [3]", 7.0, [1.0, 1.5, 2.0]),
        ("0-0.3 (+0.1)", 1.0, [0.0, 0.1, 0.2, 0.3]),
        ("5 [1]", "x", ["5 [1]"]),
        ("5-9 [1]", 1, [5]),
        ("18446744073709551615", 1, [2**64 - 1]),
        ("yes, off", True, [True, False]),
        ('a cat, "red, and blue"\nlast', "x", ["a cat", "red, and blue", "last"]),
        ("1-5", "x", ["1-5"]),
    ],
)
def test_values_are_read(text, like, values):
    read = axis_values(text, like)
    assert read == values
    assert all(type(one) is type(like) for one in read)


@pytest.mark.parametrize(
    ("text", "like", "said"),
    [
        ("", 1, "gives 0 values"),
        ("1-500", 1, "500 steps"),
        ("1-5 (-1)", 1, "nothing comes"),
        ("1-5 (0)", 1, "nothing comes"),
        ("1-9 [0]", 1, "asks for 0"),
        ("1.5", 1, "whole numbers"),
        ("1e999999999", 1.0, "is no number"),
        ("maybe", True, "neither true nor false"),
        (", ".join(map(str, range(101))), 1, "gives 101 values"),
    ],
)
def test_values_that_cannot_be_are_refused(text, like, said):
    with pytest.raises(StepError, match=said):
        axis_values(text, like)


def test_ranges_go_one_way():
    values = axis_values("0.1-0.9 [9]", 1.0)
    assert all(b > a for a, b in pairwise(values))
    assert written_values('"a ""b"" c"') == ['a "b" c']
