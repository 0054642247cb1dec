"""What A1111's scripts make of a request, and the one graph that comes of it."""

import dataclasses
import json
from itertools import pairwise
from pathlib import Path

import pytest

from limner.dialects.a1111.answer import Told, extra_settings
from limner.dialects.a1111.axes import axes_of
from limner.dialects.a1111.axes_keys import AXES, Axis
from limner.dialects.a1111.axis_values import axis_values
from limner.dialects.a1111.errors import refusal_of
from limner.dialects.a1111.graph import Canvas, walks
from limner.dialects.a1111.known import Known
from limner.dialects.a1111.models import ModelFile
from limner.dialects.a1111.montage import Montage, Piece
from limner.dialects.a1111.plan import plan
from limner.dialects.a1111.reply import drawing_reply
from limner.dialects.a1111.request import read_drawing
from limner.dialects.a1111.script import PICTURE, TEXT, Tiles
from limner.dialects.a1111.spreading import known_scripts, script_list, spread
from limner.dialects.a1111.tiles import TiledDrawing, places
from limner.graph.errors import GraphError

BASE, OTHER = (ModelFile(f"{name}.safetensors", Path(f"/{name}.safetensors")) for name in ("base", "other"))
KNOWN = Known(
    checkpoint=BASE,
    checkpoints=[BASE, OTHER],
    lists=lambda kind: {"upscale_models": ["4x.pth"], "vae": ["better.pt"]}.get(kind, []),
    samplers=["euler", "dpmpp_2m"],
    schedules=["normal", "karras"],
    options={},
    styles=[],
)
WHOLE, NUMBER, ORDER = (Axis("Axis", kind) for kind in ("whole", "number", "order"))


def script(name, args=(), *, from_picture=False, **body):
    told = {"seed": 5, "script_name": name, "script_args": list(args), **body}
    if from_picture:
        told |= {"init_images": ["x"]}
    asked = read_drawing(told, from_picture=from_picture)
    return spread(asked, KNOWN)


def plot(*args, **body):
    return script("X/Y/Z plot", args, **body)


def refused(name, args=(), **body):
    with pytest.raises(GraphError) as raised:
        script(name, args, **body)
    return refusal_of(raised.value)


def fields(found, *names):
    return [tuple(cell.asked[name] for name in names) for cell in found.cells]


@pytest.mark.parametrize(
    ("axis", "said", "values"),
    [
        (WHOLE, "1, 2,5", [1, 2, 5]),
        (WHOLE, "1-5", [1, 2, 3, 4, 5]),
        (WHOLE, "1-10 (+3)", [1, 4, 7, 10]),
        (WHOLE, "10-1 (-3)", [10, 7, 4, 1]),
        (WHOLE, "-3--1", [-3, -2, -1]),
        (WHOLE, "1-10 [4]", [1, 4, 7, 10]),
        (NUMBER, "0-1 [3], 2", [0.0, 0.5, 1.0, 2.0]),
        (NUMBER, "0.1-0.3 (+0.1)", [0.1, 0.2, 0.3]),
        (ORDER, "a, b", [("a", "b"), ("b", "a")]),
        (Axis("Axis", "text"), '"a, b", c', ["a, b", "c"]),
        (Axis("Axis", "text"), ["a, b", "c"], ["a, b", "c"]),
    ],
)
def test_values_along_an_axis(axis, said, values):
    assert axis_values(axis, said, ()) == values


@pytest.mark.parametrize("said", ["", "x", "1-5 (-1)", "1-5 (+0)", "1-9999", "nan", "a,b,c,d,e,f"])
def test_values_that_cannot_be_meant(said):
    with pytest.raises(GraphError):
        axis_values(ORDER if "f" in said else WHOLE, said, ())


def test_axes_are_numbered_by_tab():
    text, picture = (axes_of(from_picture=tab) for tab in (False, True))
    assert [axis.label for axis in text[4:8]] == ["Steps", "Hires steps", "CFG Scale", "Prompt S/R"]
    assert [axis.label for axis in picture[4:8]] == ["Steps", "CFG Scale", "Image CFG Scale", "Prompt S/R"]
    assert [axis.label for axis in axes_of(from_picture=False, old=True)][9:11] == ["Sampler", "Checkpoint name"]
    assert len({axis.label for axis in AXES}) == len(AXES)


def test_a_plot_draws_every_combination():
    found = plot("Steps", "2,4", "", 9, "Euler, DPM++ 2M", "", 0, "", "", True, False, False, False)
    assert fields(found, "steps", "sampler_name") == [(2, "Euler"), (4, "Euler"), (2, "DPM++ 2M"), (4, "DPM++ 2M")]
    assert found.grid is not None
    assert (found.grid.columns, found.grid.rows) == (("Steps: 2", "Steps: 4"), ("Euler", "DPM++ 2M"))
    assert {cell.asked.seed for cell in found.cells} == {5}
    assert (found.alone, found.settings["X Values"]) == (False, "2, 4")


def test_a_plot_as_older_clients_send_it():
    found = plot(4, "2", "", 9, "Euler", "", 0, "", "", "True", "True", "False", "False", 8)
    assert fields(found, "steps", "sampler_name") == [(2, "Euler")]
    assert (found.grid.margin, found.alone) == (8, True)


def test_seeds_of_a_plot():
    fixed = plot("Seed", "-1, 7", seed=-1)
    assert [cell.asked.seed for cell in fixed.cells][1] == 7
    assert len({cell.asked.seed for cell in plot("Steps", "1-3", seed=-1).cells}) == 1
    vary = (True, False, False, False, True, True, False)
    varied = plot("Steps", "1,2", "", "CFG Scale", "1,2", "", 0, "", "", *vary, batch_size=2)
    assert [cell.asked.seed for cell in varied.cells] == [5, 7, 9, 11]


def test_a_plot_changes_texts():
    found = plot("Prompt S/R", "cat, dog", "", "Prompt order", "red, cat", prompt="a red cat", negative_prompt="cat!")
    assert [cell.asked["prompt"] for cell in found.cells] == ["a red cat", "a red dog", "a cat red", "a red dog"]
    assert found.cells[1].asked["negative_prompt"] == "dog!"
    assert refused("x/y/z plot", ["Prompt S/R", "fox, dog"], prompt="a cat")[0] == 422


def test_a_plot_changes_models_and_sizes():
    found = plot("Checkpoint name", "base, other", "", "VAE", "better", "", "Size", "64x96, 96x64", True, True)
    drawings = [plan(cell.asked, KNOWN.changed(cell.options)).drawing for cell in found.cells]
    assert [drawing.first.network.checkpoint for drawing in drawings[:2]] == ["base.safetensors", "other.safetensors"]
    assert (drawings[0].first.network.vae, drawings[-1].size) == ("better.pt", (96, 64))
    assert len(found.grid.layers) == 2


@pytest.mark.parametrize(
    ("args", "place"),
    [
        (["Flavour", "1"], 0),
        (["FP8 mode", "1"], 0),
        ([99, "1"], 0),
        (["Size", "big"], 1),
        (["Steps", "many"], 1),
    ],
)
def test_a_plot_that_cannot_be_meant_is_told_with_its_place(args, place):
    status, told = refused("x/y/z plot", args)
    assert (status, told["detail"][0]["loc"]) == (422, ["body", "script_args", place])


def test_plots_end_somewhere():
    assert refused("x/y/z plot", ["Seed", "1-100", "", "Steps", "1-100"])[0] == 422
    assert refused("x/y/z plot", ["Seed", "1-200"], width=2048, height=2048)[0] == 422
    assert refused("x/y/z plot", ["Steps", "0"])[0] == 422


def test_a_matrix_has_every_choice_of_parts():
    found = script("Prompt matrix", [True, True, 0, "comma", 3], prompt="a cat|red|wet|big")
    prompts = [cell.asked["prompt"] for cell in found.cells]
    assert (len(prompts), prompts[0], prompts[3], prompts[7]) == (8, "a cat", "red, wet, a cat", "red, wet, big, a cat")
    assert [cell.asked.seed for cell in found.cells] == list(range(5, 13))
    assert (found.grid.columns, found.grid.rows) == (("", "red", "wet", "red\nwet"), ("", "big"))
    assert refused("prompt matrix", prompt="a|b|c|d|e|f|g|h")[0] == 422


def test_lines_have_settings_of_their_own():
    text = 'a frog\n\n--prompt "a car" --steps 2 --styles a,b --sd_model other --outpath_grids x\n'
    found = script("prompts from file or textbox", [True, False, "end", text, True], prompt="oil", batch_size=2)
    assert fields(found, "prompt", "steps") == [("a frog oil", 50), ("a car oil", 2)]
    assert [cell.asked.seed for cell in found.cells] == [5, 7]
    assert found.cells[1].options == {"sd_model_checkpoint": "other"}
    assert found.grid.columns == ("", "")


@pytest.mark.parametrize("text", ["", "--steps", '--prompt "a', "--flavour sweet", "x --steps 3", "--steps none"])
def test_lines_that_cannot_be_read(text):
    assert refused("prompts from file or textbox", [False, False, 0, text])[0] == 422


def test_loops_paint_over_the_last_one():
    found = script("Loopback", [3, 0.25, "Linear"], from_picture=True, batch_size=2, denoising_strength=0.75)
    assert [cell.asked.denoise for cell in found.cells] == [0.75, 0.5, 0.25]
    assert [cell.after for cell in found.cells] == [None, 0, 1]
    assert [cell.asked.seed for cell in found.cells] == [5, 7, 9]
    canvas = Canvas(origins=("a.png", "b.png"))
    drawings = [dataclasses.replace(plan(cell.asked, KNOWN).drawing, canvas=canvas) for cell in found.cells]
    nodes = (
        Montage(tuple(Piece(one, cell.after) for one, cell in zip(drawings, found.cells, strict=True))).graph().nodes
    )
    for before, after in pairwise(range(1, 4)):
        suffix = f" of {before}" if before > 1 else ""
        assert nodes[f"encoded 2 of {after}"].inputs["pixels"].source == f"drawn 2{suffix}"
    assert [name for name in nodes if name.startswith("picture")] == [f"picture {n}" for n in range(1, 7)]
    assert "origin 1 of 2" not in nodes


def test_scripts_are_of_tabs():
    assert refused("loopback")[0] == 422
    status, told = refused("none such")
    assert (status, "x/y/z plot" in told["detail"]) == (422, True)
    assert len(script("None").cells) == 1


@pytest.mark.parametrize(("length", "overlap"), [(128, 32), (200, 32), (256, 32), (300, 16), (1000, 0)])
def test_tiles_cover_the_picture(length, overlap):
    begins = [left for left, top in places((length, 64), (128, 64), overlap) if not top]
    assert (begins[0], begins[-1] + 128) == (0, max(length, 128))
    assert all(before + 128 - after >= overlap for before, after in pairwise(begins))


def test_an_enlarged_picture_is_painted_tile_by_tile():
    found = script("SD upscale", ["", 32, 3, 2], from_picture=True, width=128, height=128, batch_size=2)
    assert found.tiles == Tiles(overlap=32, upscaler="4x.pth", factor=2.0)
    drawing = plan(found.cells[0].asked, KNOWN).drawing
    tiled = TiledDrawing(drawing=drawing, tiles=found.tiles, origin="a.png", original=(128, 100))
    graph = tiled.graph()
    assert tiled.size == (256, 200)
    assert walks(graph) == 2 * 3 * 2
    assert graph.nodes["picture 2"].inputs["images"].source == "joined 2 tile 6"
    with pytest.raises(GraphError):
        dataclasses.replace(tiled, original=(9000, 9000)).check()
    assert refused("sd upscale", ["", 64], from_picture=True, width=128, height=128)[0] == 422
    assert refused("sd upscale", ["", 32, "none such"], from_picture=True)[0] == 422


def test_answers_tell_of_all_drawings():
    found = plot("Steps", "2,4", prompt="a cat", batch_size=2)
    tolds = []
    for cell in found.cells:
        planned = plan(cell.asked, KNOWN)
        tolds.append(Told(asked=cell.asked, planned=planned, extra=extra_settings(cell.asked, planned)))
    text = tolds[0].sheet_text(found.settings)
    info = json.loads(drawing_reply(tolds, ["grid"], [text])["info"])
    assert (info["index_of_first_image"], info["all_seeds"]) == (1, [5, 6, 5, 6])
    assert 'Script: X/Y/Z plot, X Type: Steps, X Values: "2, 4", Version: ' in info["infotexts"][0]
    assert ["Steps: 4" in text for text in info["infotexts"]] == [False, False, False, True, True]


@pytest.mark.parametrize("name", sorted(known_scripts()))
def test_scripts_say_what_they_may_be_told(name):
    found = known_scripts()[name]
    for tab in found.tabs:
        [entry] = [entry for entry in script_list(tab) if entry["name"] == name]
        assert (entry["is_alwayson"], entry["is_img2img"]) == (False, tab == PICTURE)
        assert [argument["label"] for argument in entry["args"]] == [one.label for one in found.arguments]
    assert found.read([]) == [argument.value for argument in found.arguments]
    assert len(found.read([None] * 99)) == len(found.arguments)
    assert {TEXT, PICTURE} >= set(found.tabs)
