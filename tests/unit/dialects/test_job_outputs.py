"""Which output of a job is shown in lists, and how many there are."""

from limner.dialects.comfy.job_outputs import LONGEST_TEXT, outputs_summary


def file(name, kind="output", **more):
    return {"filename": name, "subfolder": "", "type": kind, **more}


def test_saved_media_come_first_then_other_media_then_text_files_then_text():
    outputs = {
        "1": {"text": ["words"]},
        "2": {"files": [file("a.txt")]},
        "3": {"images": [file("preview.png", "temp")]},
        "4": {"images": [file("saved.png")], "animated": (False,)},
    }
    seen = []
    while outputs:
        shown = outputs_summary(outputs)["preview_output"]
        seen.append(shown["nodeId"])
        del outputs[shown["nodeId"]]
    assert seen == ["4", "3", "2", "1"]


def test_counts_leave_flags_out():
    summary = outputs_summary(
        {"1": {"images": [file("a.png"), file("b.png")], "animated": [True]}, "2": {"x": [file("a.zip")]}}
    )
    assert (summary["outputs_count"], summary["previewable_outputs_count"]) == (3, 2)
    assert summary["preview_output"] == {
        "filename": "a.png",
        "subfolder": "",
        "type": "output",
        "nodeId": "1",
        "mediaType": "images",
    }


def test_texts_are_cut_and_shapes_are_files():
    long = outputs_summary({"1": {"text": ["x" * 5000]}})["preview_output"]
    assert (len(long["content"]), long["truncated"], long["mediaType"]) == (LONGEST_TEXT, True, "text")
    shape = outputs_summary({"1": {"result": ["mesh/a.glb"]}})["preview_output"]
    assert (shape["filename"], shape["mediaType"]) == ("mesh/a.glb", "3d")
    assert "preview_output" not in outputs_summary({})
