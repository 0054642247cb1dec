"""Whoever has filled their room brings no further picture through any door, refused or not."""

import base64
import io
from typing import Any

import aiohttp
import pytest
from PIL import Image

from limner.accounts.accounts import FILE, Accounts
from limner.accounts.records import Quota

LOADS = {
    "1": {"class_type": "LoadImage", "inputs": {"image": "a.png"}},
    "2": {"class_type": "SaveImage", "inputs": {"images": ["1", 0], "filename_prefix": "a"}},
}


def _picture() -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (8, 8), "red").save(buffer, "PNG")
    return buffer.getvalue()


PICTURE = _picture()
TEXT = base64.b64encode(PICTURE).decode()
URI = f"data:image/png;base64,{TEXT}"

DOORS: dict[str, Any] = {
    "/sdapi/v1/interrogate": {"json": {"image": TEXT, "model": "clip"}},
    "/sdapi/v1/extra-single-image": {"json": {"image": TEXT}},
    "/v1/images/edits": {"json": {"prompt": "x", "images": [{"image_url": URI}]}},
    "/v1/chat/completions": {
        "json": {"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": URI}}]}]}
    },
    "/workflows/run": {"json": {"workflow": LOADS, "images": [URI]}},
    "/upload/image": {"files": {"image": PICTURE}},
    "/api/assets": {"files": {"file": PICTURE}},
    "/api/v2/assets": {"files": {"file": PICTURE}},
    "/v1/images/edits#form": {"files": {"image": PICTURE}},
    "/workflows/run#watermark": {"json": {"workflow": LOADS, "watermark_image": URI}},
}


@pytest.mark.parametrize("door", DOORS)
async def test_no_door_takes_pictures_in_that_there_is_no_room_for(start, folders, door):
    accounts = Accounts(folders.data / FILE)
    serving = await start(accounts=accounts)
    headers = {"Authorization": f"Bearer {accounts.create('anna')}"}
    accounts.limit("anna", Quota(storage=0))
    sent: dict[str, Any] = {"json": DOORS[door].get("json")}
    if "files" in DOORS[door]:
        form = aiohttp.FormData({"prompt": "x", "tags": "input", "file_path": "input/a.png"})
        for name, content in DOORS[door]["files"].items():
            form.add_field(name, content, filename="a.png")
        sent = {"data": form}
    async with serving.client.post(door.partition("#")[0], headers=headers, **sent) as answer:
        assert answer.status == 429, await answer.text()
    assert not [path for path in folders.of_owner("anna").input.rglob("*") if path.is_file()]
    await serving.client.close()
    accounts.close()
