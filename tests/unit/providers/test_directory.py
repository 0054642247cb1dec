"""What services say that they have, and the names that follow from it."""

import asyncio
import contextlib

import pytest

from limner.graph.graph import Graph, Link, Node
from limner.providers import directory
from limner.providers.directory import Directory
from limner.providers.naming import named_models, with_model
from limner.providers.opening import all_kinds, roster_of
from limner.providers.settings import ProviderSettings, ProvidersFile, RouteSettings, Target


@pytest.fixture
async def watched(service, monkeypatch):
    monkeypatch.setattr(directory, "SOON", 0.02)
    providers = {
        "asked": ProviderSettings(kind="openai_images", base_url=service.url("fine")),
        "other": ProviderSettings(kind="openai_chat", base_url=service.url("fine")),
        "said": ProviderSettings(kind="openai_images", base_url=service.url("fine"), models=["only"]),
        "bad": ProviderSettings(kind="openai_images", base_url=service.url("bad")),
        "near": ProviderSettings(kind="comfyui", base_url=service.url("fine"), models=["sdxl"]),
    }
    file = ProvidersFile(providers=providers, models={"any": RouteSettings(targets=["asked/sketch"])})
    found = Directory(roster_of(file), all_kinds(), {})
    task = asyncio.create_task(found.watch())
    yield found
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


async def eventually(true):
    async with asyncio.timeout(20):
        while not true():
            await asyncio.sleep(0.01)


async def test_services_are_asked_for_what_the_settings_leave_out(watched, service):
    assert watched.roster().names() == ["any", "said/only", "near/sdxl"]
    await eventually(lambda: len(watched.roster().names()) == 7)
    assert watched.roster().names() == [
        "any", "asked/sketch", "asked/photo", "other/sketch", "other/photo", "said/only", "near/sdxl"
    ]  # fmt: skip


async def test_a_service_that_does_not_answer_is_asked_again(watched, service, monkeypatch):
    await asyncio.sleep(0)
    monkeypatch.setattr(service, "answer", lambda way, path: (200, {}, {"data": [{"id": "late"}]}))
    await eventually(lambda: "bad/late" in watched.roster().names())


async def test_what_services_can_do_is_known_once_they_said_it(watched, service, monkeypatch):
    assert watched.catalog("near") is None
    listed = {"SaveImage": {"input": {}, "output_node": True}}
    monkeypatch.setattr(service, "answer", lambda way, path: (200, {}, listed))
    await eventually(lambda: watched.catalog("near") is not None and "SaveImage" in watched.catalog("near").nodes)


def test_names_that_are_not_listed_are_known_all_the_same():
    file = ProvidersFile(providers={"a": ProviderSettings(kind="comfyui", base_url="http://a")})
    roster = roster_of(file)
    assert roster.knows("a/whatever")
    assert not any(map(roster.knows, ("a", "a/", "b/x", "", 7, None)))
    assert roster.route("a").aims() == [Target(to="a")]


def test_models_of_a_service_have_its_own_names_there():
    file = ProvidersFile(
        providers={"a": ProviderSettings(kind="comfyui", base_url="http://a")},
        models={"photo": RouteSettings(targets=["a/sdxl"])},
    )
    graph = Graph(
        {
            "1": Node(type="CheckpointLoaderSimple", inputs={"ckpt_name": "photo"}),
            "2": Node(type="DualCLIPLoader", inputs={"clip_name1": "a/t5", "clip_name2": "own"}),
            "3": Node(type="CLIPTextEncode", inputs={"clip": Link("2", 0), "text": "a/photo"}),
        }
    )
    assert list(named_models(graph, roster_of(file))) == [("1", "ckpt_name", "photo"), ("2", "clip_name1", "a/t5")]
    there = with_model(graph, "photo", Target(to="a/sdxl"))
    assert there.nodes["1"].inputs == {"ckpt_name": "sdxl"}
    assert there.nodes["2"].inputs == {"clip_name1": "t5", "clip_name2": "own"}
    assert there.nodes["3"].inputs["text"] == "a/photo", "a prompt is no name of a model"
