"""Runs of apps whose files go to a store and whose end is told: in the form that was asked for."""

import asyncio
import base64
import io

import pytest
from PIL import Image
from tests.objects.receiver import receiving

from limner.server.delivery_plan import DeliveryPlan
from limner.storage.object_stores import ObjectStores, read_address

SECRET = "whsec_" + base64.b64encode(b"s" * 32).decode()


@pytest.fixture
async def delivering(start, tmp_path):
    """A server that delivers into a folder, and tells addresses of this machine."""
    stores = {"kept": read_address(f"{(tmp_path / 'store').as_uri()}?name={{filename}}")}

    def plan(outbox):
        return DeliveryPlan(outbox=outbox, stores=ObjectStores(stores), secret=SECRET, private=True, pace=0.001)

    return await start(deliveries=plan)


async def run(serving, document, **options):
    async with serving.client.post("/workflows/run", json={"workflow": document, **options}) as answer:
        return answer.status, await answer.json()


async def told_once(receiver):
    """What a receiver was told."""
    async with asyncio.timeout(20):
        while not receiver.got:
            await asyncio.sleep(0.005)
    return receiver.got[0].document


async def test_files_are_stored_in_the_form_that_was_asked_for(delivering, document, tmp_path):
    status, told = await run(delivering, document("EmptyImage", "SaveImage"), store="kept", format="webp")
    output = told["outputs"][0]
    assert (status, output["media_type"]) == (200, "image/webp")
    assert output["stored_url"].startswith("file://")
    with Image.open(io.BytesIO((tmp_path / "store" / output["filename"]).read_bytes())) as kept:
        assert kept.format == "WEBP"
    assert [path.name for path in (tmp_path / "store").iterdir()] == [output["filename"]]


async def test_the_end_of_a_run_is_told_with_the_files_that_it_answers(delivering, document):
    with receiving() as receiver:
        _, told = await run(
            delivering, document("EmptyImage", "SaveImage"), webhook={"url": receiver.url, "secret": SECRET},
            format="jpeg",
        )  # fmt: skip
        message = await told_once(receiver)
    assert message["data"]["id"] == told["id"]
    assert [file["filename"] for file in message["data"]["outputs"]] == [told["outputs"][0]["filename"]]


async def test_a_failed_run_is_told_too(delivering, document):
    with receiving() as receiver:
        status, told = await run(delivering, document("CapError", "SaveImage"), webhook=receiver.url)
        message = await told_once(receiver)
    assert (status, message["type"]) == (422, "job.failed")
    assert message["data"]["id"] == told["id"]
