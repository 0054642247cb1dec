"""A full disk is told in words through every door that keeps pictures, and never as a fault of the server's own."""

import base64
import errno
import io
import os

import pytest
from PIL import Image

from limner.server import whole_files

LOADS = {
    "1": {"class_type": "LoadImage", "inputs": {"image": "a.png"}},
    "2": {"class_type": "SaveImage", "inputs": {"images": ["1", 0], "filename_prefix": "a"}},
}


def _picture() -> str:
    buffer = io.BytesIO()
    Image.new("RGB", (8, 8), "red").save(buffer, "PNG")
    return base64.b64encode(buffer.getvalue()).decode()


TEXT = _picture()
URI = f"data:image/png;base64,{TEXT}"

DOORS = {
    "/sdapi/v1/interrogate": {"image": TEXT, "model": "clip"},
    "/v1/images/edits": {"prompt": "x", "images": [{"image_url": URI}]},
    "/workflows/run": {"workflow": LOADS, "images": [URI]},
}


def _full(*_: object, **__: object) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.mark.parametrize("door", DOORS)
async def test_a_full_disk_is_told(serving, monkeypatch, caplog, door):
    monkeypatch.setattr(whole_files, "write_whole", _full)
    async with serving.client.post(door, json=DOORS[door]) as answer:
        told = await answer.text()
    assert answer.status >= 500
    assert "cannot be stored (No space left on device)" in told
    assert not [record for record in caplog.records if record.exc_info]
