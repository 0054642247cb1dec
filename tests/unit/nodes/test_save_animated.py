"""Moving pictures and drawings carry their workflow where readers look for it."""

import io
import json

import numpy as np
import pytest
import torch
from PIL import Image

from limner.graph.errors import NumericsError, StorageError
from limner.media.animations import with_documents
from limner.nodes.save_animated import save_animated_png, save_animated_webp, save_svg_node

PROMPT, EXTRA = {"1": {"class_type": "KSampler"}}, {"workflow": {"nodes": []}, "more": "ü"}
FRAMES = torch.rand(3, 16, 24, 3, generator=torch.Generator().manual_seed(0))


def documents():
    return {"prompt": PROMPT, "extra_pnginfo": EXTRA}


def test_moving_png(folders):
    told = save_animated_png(images=FRAMES, filename_prefix="a/move", fps=8.0, folders=folders, **documents())
    assert told.ui == {
        "images": [{"filename": "move_00001_.png", "subfolder": "a", "type": "output"}],
        "animated": [True],
    }
    data = (folders.output / "a" / "move_00001_.png").read_bytes()
    assert data.index(b"IDAT") < data.index(b"comf")
    assert b"comf" + b"prompt\0" + json.dumps(PROMPT).encode("latin-1") in data
    assert b"workflow\0" in data
    with Image.open(io.BytesIO(data)) as picture:
        assert picture.n_frames == 3
        picture.seek(2)
        assert picture.info["duration"] == 125
        assert np.array_equal(np.asarray(picture.convert("RGB")), (FRAMES[2] * 255).to(torch.uint8).numpy())


@pytest.mark.parametrize("method", ["default", "fastest", "slowest"])
def test_moving_webp(method, folders):
    told = save_animated_webp(images=FRAMES, fps=10.0, lossless=True, method=method, folders=folders, **documents())
    path = folders.output / told.ui["images"][0]["filename"]
    assert path.name == "ComfyUI_00001_.webp"
    with Image.open(path) as picture:
        assert picture.n_frames == 3
        exif = picture.getexif()
        assert exif[0x0110] == f"prompt:{json.dumps(PROMPT)}"
        assert exif[0x010F] == 'workflow:{"nodes": []}'
        assert exif[0x010E] == f"more:{json.dumps('ü')}"
        picture.seek(1)
        assert np.array_equal(np.asarray(picture.convert("RGB")), (FRAMES[1] * 255).to(torch.uint8).numpy())


def test_one_transparent_frame_and_none(folders):
    frame = torch.rand(1, 8, 8, 4)
    told = save_animated_png(images=frame, folders=folders)
    with Image.open(folders.output / told.ui["images"][0]["filename"]) as picture:
        assert picture.mode == "RGBA"
    with pytest.raises(NumericsError, match="no frame"):
        save_animated_png(images=frame[:0], folders=folders)
    with pytest.raises(StorageError, match="outside the output folder"):
        save_animated_png(images=frame, filename_prefix="../x", folders=folders)


class Drawing:
    def __init__(self, *texts: bytes) -> None:
        self.data = [io.BytesIO(text) for text in texts]


def test_drawings(folders):
    svg = Drawing(b'<svg width="1"><g/></svg>', b"<svg/>")
    told = save_svg_node(svg=svg, filename_prefix="svg/x", folders=folders, **documents())
    names = [entry["filename"] for entry in told.ui["images"]]
    assert names == ["x_00001_.svg", "x_00002_.svg"]
    first, second = ((folders.output / "svg" / name).read_text() for name in names)
    assert first.startswith('<svg width="1"><metadata><![CDATA[{"prompt":')
    assert first.endswith("]]></metadata><g/></svg>")
    assert second.endswith("]]></metadata></svg>")
    with pytest.raises(NumericsError, match="drawing"):
        save_svg_node(svg=3, folders=folders)


def test_a_document_cannot_end_its_section_early():
    drawn = with_documents("<svg></svg>", {"a": "]]><script>"})
    assert drawn.count("]]>") == 1
    text = drawn.split("[CDATA[")[1].split("]]>")[0]
    assert json.loads(text) == {"a": "]]><script>"}
    assert with_documents("no drawing", {"a": 1}) == "no drawing"
