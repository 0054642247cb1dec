"""Recorded exchanges of Comfy API v2 (see tests/golden/comfy_v2/README.md), and its document."""

import json
import os

import pytest
from openapi_spec_validator import validate
from tests.golden.comfy_v2.playing import SCENARIOS, Player, record_of, scenario

from limner.server.comfy_v2.door import PARTS


@pytest.mark.parametrize("name", SCENARIOS)
async def test_exchanges_are_as_recorded(start, folders, name):
    (folders.input / "sub").mkdir()
    (folders.input / "sub" / "own.png").write_bytes(b"own")
    limit = 60_000 if name == "assets" else 1 << 20
    serving = await start(allowed_origins=("https://allowed.example",), max_upload=limit)
    player = Player(serving.client, folders.data, serving.worker.gate.set)
    played = await player.play(scenario(name))
    record = record_of(name)
    if os.environ.get("LIMNER_RECORD"):
        record.parent.mkdir(exist_ok=True)
        record.write_text(json.dumps(played, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    expected = json.loads(record.read_text(encoding="utf-8"))
    for told, known in zip(played, expected, strict=True):
        assert told == known, told["name"]


async def test_the_document_is_valid_and_names_every_route(serving):
    described = await (await serving.client.get("/api/v2/openapi.json")).json()
    validate(described)
    served = {
        (route.method.lower(), route.resource.canonical.removeprefix("/api/v2"))
        for route in serving.client.server.app.router.routes()
        if route.resource.canonical.startswith(PARTS)
    }
    named = {(method, path) for path, item in described["paths"].items() for method in item if method != "parameters"}
    assert {pair for pair in served if pair[0] != "head" or "by-hash" in pair[1]} == named
