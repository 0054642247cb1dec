"""What V3 nodes save, show and report."""

import json

import pytest
from PIL import Image

from limner.engine.events import NodePreview, NodeProgress

EXTRA = {"extra_pnginfo": {"workflow": {"nodes": []}}}


def test_a_preview_lies_in_the_temporary_folder_with_the_prompt_inside(kitchen, use):
    document = {"1": use("V3Picture", count=2), "2": use("V3Preview", images=["1", 0])}
    shown = kitchen.run(document, extra=EXTRA).shown["2"]
    assert shown["animated"] == [False]
    assert [entry["type"] for entry in shown["images"]] == ["temp", "temp"]
    with Image.open(kitchen.host.folders.temp / shown["images"][1]["filename"]) as picture:
        assert (picture.size, picture.mode, picture.getpixel((0, 0))) == ((6, 8), "RGB", (127, 127, 127))
        assert json.loads(picture.text["prompt"]) == document
        assert json.loads(picture.text["workflow"]) == {"nodes": []}


def test_a_mask_is_shown_in_grey(kitchen, use):
    shown = kitchen.run({"1": use("V3Picture", count=1), "2": use("V3PreviewMask", mask=["1", 1])}).shown["2"]
    with Image.open(kitchen.host.folders.temp / shown["images"][0]["filename"]) as picture:
        assert picture.getpixel((0, 0)) == (255, 255, 255)


def test_saved_pictures_are_numbered_in_their_subfolder(kitchen, use):
    document = {"1": use("V3Picture", count=2), "2": use("V3Save", images=["1", 0], form="png", prefix="v3/%width%x")}
    assert kitchen.run(document).shown["2"] == {
        "images": [
            {"filename": "6x_00001_.png", "subfolder": "v3", "type": "output"},
            {"filename": "6x_00002_.png", "subfolder": "v3", "type": "output"},
        ]
    }
    assert (kitchen.host.folders.output / "v3" / "6x_00002_.png").is_file()


def test_a_prefix_does_not_leave_the_output_folder(kitchen, use):
    document = {"1": use("V3Picture", count=1), "2": use("V3Save", images=["1", 0], form="png", prefix="../../x")}
    assert "outside the output folder" in kitchen.run(document).failure.message


def test_an_animated_png_keeps_its_prompt_behind_the_pictures(kitchen, use):
    document = {"1": use("V3Picture", count=3), "2": use("V3Save", images=["1", 0], form="apng", prefix="a")}
    shown = kitchen.run(document).shown["2"]
    assert shown["animated"] == [True]
    data = (kitchen.host.folders.output / shown["images"][0]["filename"]).read_bytes()
    assert data.index(b"comfprompt\0") > data.index(b"IDAT")


def test_an_animated_webp_keeps_its_prompt_in_exif(kitchen, use):
    document = {"1": use("V3Picture", count=3), "2": use("V3Save", images=["1", 0], form="webp", prefix="w")}
    shown = kitchen.run(document, extra=EXTRA).shown["2"]
    with Image.open(kitchen.host.folders.output / shown["images"][0]["filename"]) as picture:
        exif = picture.getexif()
    assert json.loads(exif[0x0110].removeprefix("prompt:")) == document
    assert exif[0x010F].startswith("workflow:")


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("video", {"images": [{"filename": "a.bin", "subfolder": "sub", "type": "output"}], "animated": [True]}),
        ("3d", {"result": ["a.glb", {"zoom": 1}, None]}),
        ("audio", {"audio": [{"filename": "a.bin", "subfolder": "sub", "type": "output"}]}),
    ],
)
def test_other_files(kitchen, use, kind, expected):
    assert kitchen.run({"1": use("V3Others", kind=kind)}).shown["1"] == expected


def test_text(kitchen, use):
    assert kitchen.run({"1": use("V3Text", value="x")}).shown["1"] == {"text": ["'x'"]}


def test_sound_needs_pyav(kitchen, use):
    trace = kitchen.run({"1": use("V3Sound", channels=1)})
    try:
        import av  # noqa: F401
    except ImportError:
        assert "Saving sound needs PyAV: install it" in trace.failure.message
    else:
        assert trace.shown["1"]["audio"][0]["filename"].endswith(".flac")


@pytest.mark.parametrize("kind", ["V3Progress", "V3ProgressSync"])
def test_progress_changes_the_state_only(kitchen, use, kind):
    trace = kitchen.run({"1": use(kind, steps=2)}, preview_size=16)
    told = trace.of(NodeProgress)
    assert (told[-1].value, told[-1].total) == (2, 2)
    assert all(event.quiet for event in told)
    previews = trace.of(NodePreview)
    assert bool(previews) == (kind == "V3Progress")
    assert all(event.image.startswith(b"\xff\xd8") for event in previews)


def test_replacements_are_known_to_the_switchboard(kitchen):
    (known,) = kitchen.host.switchboard.node_replacements["OldAdd"]
    assert known == {
        "new_node_id": "V3Add",
        "old_node_id": "OldAdd",
        "old_widget_ids": None,
        "input_mapping": [{"new_id": "a", "old_id": "first"}, {"new_id": "b", "set_value": 1}],
        "output_mapping": [{"new_idx": 0, "old_idx": 0}],
    }
