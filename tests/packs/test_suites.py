"""Five packs in the style of real ones, loaded by a running server; every node of them runs."""

from __future__ import annotations

import json
import shutil
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession
from tests.e2e.conftest import LiveServer

from limner_client import Client, JobInterruptedError, Node, Nodes, RefusedError, Result, Workflow

SUITES = Path(__file__).parent / "suites"
PACKS = ("image_tools", "logic_loops", "prompt_control", "sampler_lab", "web_routes")


class Bench:
    """A server with all packs, and a client for it."""

    def __init__(self, server: LiveServer) -> None:
        self.server = server
        self.client = Client(server.url)
        self.nodes: Nodes = self.client.nodes()
        self.used: set[str] = set()

    def run(self, *targets: Node) -> Result:
        workflow = Workflow.of(*targets)
        self.used |= {node.class_type for node in workflow}
        return self.client.run(workflow, timeout=120)

    def shown(self, *values: Any) -> list[str]:
        """What ``SuiteShow`` shows of each value."""
        targets = [self.nodes.SuiteShow(value=value) for value in values]
        result = self.run(*targets)
        workflow = Workflow.of(*targets)
        names = [name for name, node in workflow.nodes.items() if node.class_type == "SuiteShow"]
        return [result.texts[name][0] for name in names]


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    data = tmp_path_factory.mktemp("suites") / "data"
    for pack in PACKS:
        shutil.copytree(SUITES / pack, data / "custom_nodes" / pack)
    server = LiveServer(data)
    size = {"width": 8, "height": 8, "batch_size": 1, "color": 0}
    graph: dict[str, Any] = {"1": {"class_type": "EmptyImage", "inputs": size}}
    graph["2"] = {"class_type": "PreviewImage", "inputs": {"images": ["1", 0]}}
    try:
        server.wait(server.submit(graph))
        made = Bench(server)
        yield made
        made.client.close()
    finally:
        server.close()


def members(bench: Bench, pack: str) -> set[str]:
    listed = bench.client.object_info()
    return {name for name, entry in listed.items() if entry["python_module"] == f"custom_nodes.{pack}"}


@pytest.mark.parametrize("pack", PACKS)
def test_a_pack_loads_whole(bench, pack):
    assert len(members(bench, pack)) >= 20


def test_image_tools(bench):
    n = bench.nodes
    picture = n.EmptyImage(width=32, height=16, batch_size=2, color=0xFF8000)
    changed = n.SuiteAutoContrast(image=n.SuiteGrey(image=n.SuiteSolarize(image=n.SuitePosterize(image=picture))))
    edges = n.SuiteMedian(image=n.SuiteEdge(image=changed))
    resized = n.SuiteResize(image=edges, width=64, height=64, keep_proportion=True, method="lanczos")
    joined = n.SuiteJoin(images=n.SuiteSplit(image=n.SuiteTile(image=resized)).out(0), size_of="largest")
    scaled = n.SuiteScaleBySubclass(image=joined, upscale_method="bilinear", width=16, height=8, crop="disabled")
    size = n.SuiteSize(image=scaled)
    blended = n.SuiteBlend(a=picture, b=n.EmptyImage(width=32, height=16, color=255), mode="max")
    loaded = n.SuiteLoad(image=bench.client.upload(png(), "suite.png", overwrite=True).filename)
    mask = n.SuiteMaskFill(mask=n.SuiteMaskBlur(mask=n.SuiteMaskGradient(width=32, height=16), sigma=1.0))
    pasted = n.SuiteMaskPaste(destination=picture, source=loaded, mask=n.SuiteMaskBatch(mask=mask, count=2))
    targets = [
        n.SuiteSaveWithText(images=blended, note="hello"),
        n.SuitePreviewTwice(images=scaled),
        n.SuiteSaver(images=pasted, filename_prefix="by-hand"),
        n.PreviewAny(source=size.out(0)),
        n.PreviewAny(source=n.SuiteMaskBounds(mask=mask).out(2)),
        n.PreviewAny(source=n.SuiteInputFiles(file="suite.png")),
        n.PreviewAny(source=loaded.out(2)),
    ]
    result = bench.run(*targets)
    texts = [text for lines in result.texts.values() for text in lines]
    assert {"hello", "32", "suite.png"} <= set(texts)
    assert len(result.pictures) == 2 + 4 + 2
    saved = next(picture for picture in result.pictures if picture.file and picture.file.filename.startswith("by-hand"))
    assert json.loads(saved.to_pil().text["prompt"])
    noted = next(picture for picture in result.pictures if picture.file and picture.file.subfolder == "suite")
    assert json.loads(noted.to_pil().text["note"]) == "hello"
    assert noted.to_pil().getpixel((0, 0)) == (255, 128, 255)
    assert members(bench, "image_tools") <= bench.used


def test_a_pack_refuses_a_file(bench):
    with pytest.raises(RefusedError, match=r"(?s)Custom validation failed.*Invalid image file: gone\.png"):
        bench.run(bench.nodes.PreviewAny(source=bench.nodes.SuiteInputFiles(file="gone.png")))


def test_logic(bench):
    n = bench.nodes
    six = n.SuiteIntMath(a=n.SuiteInt(value=2), b=3, op="mul")
    expensive = n.SuiteFloatMath(a=1.0, b=0.0, op="floordiv")  # fails if it is ever evaluated
    truth = n.SuiteOr(a=n.SuiteAnd(a=n.SuiteBool(value=True), b=n.SuiteNot(value=True)), b=True)
    assert bench.shown(
        six,
        n.SuiteSwitch(on=n.SuiteCompare(a=six, b=6, how="=="), yes=n.SuiteString(value="yes"), no=expensive),
        truth,
        n.SuiteToInt(value=n.SuiteToString(value=six)),
        n.SuiteRandom(seed=1, low=4, high=4),
        n.SuiteRepeat(start=1, step=2, times=5),
    ) == ["6", "yes", "True", "6", "4", "11"]
    many = n.SuiteItemsToList(values=n.SuiteIntMath(a=n.SuiteRange(start=0, stop=4), b=10, op="mul"))
    assert bench.shown(many.out(0), many.out(1)) == ["[0, 10, 20, 30]", "4"]
    first, second = bench.shown(n.SuiteEveryTime()), bench.shown(n.SuiteEveryTime())
    assert first != second
    blocked = bench.run(
        n.SuiteShow(value=n.SuiteGate(value=six, open=False)), n.SuiteShow(value=n.SuiteFloatMath(a=1.5, b=2, op="add"))
    )
    assert [*blocked.texts.values()] == [["3.5"]]
    elsewhere = {"SuiteWhileOpen", "SuiteWhileClose", "SuiteListToItems", "SuiteCollect"}
    assert members(bench, "logic_loops") - elsewhere <= bench.used


def test_flexible_inputs(bench):
    collect = Node(
        "SuiteCollect", {"anything": 1, "at_all": Node("SuiteInt", {"value": 5})}, [("LIST", "LIST"), ("INT", "INT")]
    )
    items = Node("SuiteListToItems", {"values": collect.out(0)}, [("*", "*")])
    assert bench.shown(collect.out(0), collect.out(1)) == ["[1, 5]", "2"]
    result = bench.run(bench.nodes.SuiteShow(value=items))
    assert [*result.texts.values()] == [["1", "5"]]


def test_a_loop(bench):
    """total = 0; n = 4; while n > 0: total += n; n -= 1"""
    n = bench.nodes
    opened = Node(
        "SuiteWhileOpen", {"condition": True, "initial0": n.SuiteInt(value=4), "initial1": n.SuiteInt(value=0)}
    )
    less = n.SuiteIntMath(a=opened.out(1), b=1, op="sub")
    total = n.SuiteIntMath(a=opened.out(2), b=opened.out(1), op="add")
    going = n.SuiteCompare(a=less, b=n.SuiteInt(value=0), how=">")
    closed = Node("SuiteWhileClose", {"flow": opened.out(0), "condition": going, "initial0": less, "initial1": total})
    assert bench.shown(closed.out(0), closed.out(1)) == ["0", "10"]


def test_prompt_control(bench):
    n = bench.nodes
    model, clip, _vae = n.CheckpointLoaderSimple(ckpt_name="limner-mini.safetensors")
    text = n.SuiteLine(text=n.SuiteAppend(text=n.SuiteLower(text="A RED APPLE"), more="shiny"), number=0)
    text = n.SuiteStyle(text=n.SuiteClean(text=n.SuiteReplace(text=text, old="shiny", new="new")), style="oil")
    weighted = n.SuiteWeight(text=n.SuiteUpper(text=text), weight=1.2)
    loaded = n.SuiteLoraTags(model=model, clip=clip, text="a cat <lora:none:0.5>")
    both = n.SuiteEncodeBoth(clip=loaded.out(1), positive=weighted, negative=n.SuiteEmbeddings(text="x"))
    by_tokens = n.SuiteEncodeTokens(clip=clip, text="a cat")
    plain = n.CLIPTextEncode(clip=clip, text="a cat")
    scheduled = n.SuiteSchedule(clip=clip, text="a [cat:dog:0.4] here")
    joined = n.SuiteConcatMany(a=both.out(0), b=by_tokens.out(0), c=n.SuiteEncodeSkip(clip=clip, text="b", layer=-2))
    mixed = n.SuiteMix(a=n.SuiteEncode(clip=clip, text="a"), b=n.SuiteZero(conditioning=plain), share=0.25)
    masked = n.SuiteMaskedPrompt(conditioning=mixed, mask=n.SolidMask(value=1.0, width=16, height=16), strength=0.5)
    padded = n.SuitePad(conditioning=n.SuiteScaleCond(conditioning=n.SuiteCombine(a=masked, b=plain), factor=1.0))
    infos = [
        n.SuiteCondInfo(conditioning=one) for one in (joined, scheduled, padded, by_tokens.out(0), plain, both.out(1))
    ]
    result = bench.run(*infos, n.SuiteShow(value=weighted))
    workflow = Workflow.of(*infos)
    assert [node.class_type for node in workflow].count("SuiteCondInfo") == 6
    texts = [text for lines in result.texts.values() for text in lines]
    assert any("(1, 231, 256)" in text for text in texts)
    assert any("'end_percent', 'pooled_output', 'start_percent'" in text for text in texts)
    assert any("mask_strength" in text and "(1, 154, 256)" in text for text in texts)
    assert "(A RED APPLE, NEW, OIL STYLE:1.20)" in " ".join(texts) or any(
        text.startswith("(A RED APPLE") for text in texts
    )
    assert members(bench, "prompt_control") <= bench.used


def test_sampler_lab(bench):
    n = bench.nodes
    model, clip, vae = n.CheckpointLoaderSimple(ckpt_name="limner-mini.safetensors")
    positive, negative = n.CLIPTextEncode(clip=clip, text="a red apple"), n.CLIPTextEncode(clip=clip, text="")
    empty = n.SuiteEmptyLike(model=model, width=64, height=64)
    common = {"positive": positive, "negative": negative, "latent_image": empty, "seed": 7, "steps": 4, "cfg": 3.0}
    common |= {"sampler_name": "euler", "scheduler": "normal"}
    reference = n.KSampler(model=model, denoise=1.0, **common)
    ours = [
        getattr(n, name)(model=model, **common) for name in ("SuiteSampler", "SuiteSampleByHand", "SuiteSampleCustom")
    ]
    ours.append(n.SuiteSamplerObject(model=model, **common))
    custom = {"latent_image": empty}
    sigmas = n.BasicScheduler(model=model, scheduler="normal", steps=4)
    noise = n.RandomNoise(noise_seed=7)
    guider = n.CFGGuider(model=model, positive=positive, negative=negative, cfg=3.0)
    plain = n.SamplerCustomAdvanced(
        noise=n.SuiteScaledNoise(seed=7),
        guider=guider,
        sampler=n.SuitePlainSampler(strength=1.0),
        sigmas=sigmas,
        **custom,
    )
    images = [n.VAEDecode(samples=one, vae=vae) for one in (reference, *ours, plain.out(0))]
    result = bench.run(*(n.SaveImage(images=image, filename_prefix="same") for image in images))
    assert len(result.pictures) == 6
    first = result.pictures[0].to_pil().tobytes()
    assert all(picture.to_pil().tobytes() == first for picture in result.pictures[1:])

    falling = n.SuiteFallingGuider(model=model, positive=positive, negative=negative, start=6.0, end=1.0)
    fallen = n.SamplerCustomAdvanced(
        noise=noise,
        guider=falling,
        sampler=n.KSamplerSelect(sampler_name="euler"),
        sigmas=n.SuiteLinearSigmas(model=model, steps=4),
        **custom,
    )
    patched = n.SuiteOption(
        model=n.SuiteWrapper(model=n.SuiteClamp(model=n.SuiteRescale(model=model))), name="x", number=1
    )
    rescaled = n.KSampler(model=patched, denoise=1.0, **common)
    heavier = n.KSampler(model=n.SuiteScaleWeights(model=model, amount=0.2), denoise=1.0, **common)
    encoded = n.SuiteEncode2(vae=vae, pixels=images[0])
    masked_latent = n.SetLatentNoiseMask(samples=encoded, mask=n.SolidMask(value=0.7, width=64, height=64))
    masked = n.KSampler(
        model=n.SuiteMaskFunction(model=model), denoise=0.5, **{**common, "latent_image": masked_latent}
    )
    back = n.SuiteUnsample(model=model, **{**common, "latent_image": encoded, "cfg": 1.0})
    walks = (fallen.out(0), rescaled, heavier, masked, back)
    decoded = [n.SuiteDecode(vae=vae, samples=one, tiled=index == 0).out(0) for index, one in enumerate(walks)]
    shown = [n.SaveImage(images=image, filename_prefix="other") for image in decoded]
    sigma = n.PreviewAny(source=n.SuitePercentSigma(model=model, percent=0.5))
    count = n.PreviewAny(source=n.SuiteSigmaCount(sigmas=n.SuiteLinearSigmas(model=model, steps=4)))
    result = bench.run(*shown, sigma, count)
    pixels = {picture.to_pil().tobytes() for picture in result.pictures}
    assert len(pixels) == len(walks)
    assert first not in pixels
    assert members(bench, "sampler_lab") <= bench.used


def test_web_routes(bench):
    n = bench.nodes
    call = bench.server.call
    before = call("/suite/state")["prompts"]
    answered = call("/suite/notes/one", {"text": "é"}, method="POST")
    assert answered == {"ok": True}
    assert call("/api/suite/notes/one") == {"text": "é"}
    with pytest.raises(urllib.error.HTTPError) as missing:
        call("/suite/notes/two")
    assert missing.value.code == 404
    with pytest.raises(urllib.error.HTTPError) as failed:
        call("/suite/boom")
    assert failed.value.code == 500
    assert b"Traceback" not in failed.value.read()
    with urllib.request.urlopen(bench.server.url + "/suite/stream") as answer:
        assert answer.headers["X-Suite"] == "yes"
        assert answer.read() == b"0\n1\n2\n"
    assert "/extensions/web_routes/suite.js" in call("/extensions")
    with urllib.request.urlopen(bench.server.url + "/extensions/web_routes/suite.js") as answer:
        assert b"registerExtension" in answer.read()
        assert "javascript" in answer.headers["Content-Type"]
    assert call("/workflow_templates")["web_routes"] == ["demo"]
    assert call("/i18n")["en"]["nodeCategories"] == {"suite": "Suite"}
    notes = bench.server.data / "models" / "suite_notes"
    notes.mkdir(parents=True, exist_ok=True)
    (notes / "a.txt").write_text("from a file")
    assert call("/models/suite_notes") == ["a.txt"]

    texts = [
        n.SuiteTellAll(text="to all"),
        n.SuiteTellClient(text="to one"),
        n.SuiteProgressText(text="progress"),
        n.SuiteRaw(text="raw"),
        n.SuiteLastNode(text="last"),
        n.SuiteRemember(text=n.SuiteNote(value="%suite%")),
        n.SuiteQueueLength(text="queue"),
    ]
    values = [n.SuiteSlider(), n.SuiteKnob(), n.SuiteToggle(), n.SuiteHex(), n.SuiteSeed(), n.SuiteExecutor()]
    values += [n.SuiteFolders(kind="output"), n.SuiteCoreNames(), n.SuiteWidgetsAsHidden(text="t")]
    values.append(Node("SuiteNoteFile", {"name": "a.txt"}))
    picture = n.SuiteMetadata(image=n.EmptyImage(width=8, height=8), text="added")
    saved = n.SaveImage(images=picture, filename_prefix="meta")
    workflow = Workflow.of(*texts, *(n.PreviewAny(source=value) for value in values), saved)
    bench.used |= {node.class_type for node in workflow}
    job = bench.client.submit(workflow, extra={"extra_pnginfo": {"workflow": {}}})
    events = list(job.events())
    result = job.result()
    assert call("/suite/notes/remembered") == "from the handler"
    assert call("/suite/state")["prompts"] > before
    texts_told = [line for lines in result.texts.values() for line in lines]
    assert {"from a file", "output", '["t", null, '} & set(texts_told) >= {"from a file", "output"}
    assert json.loads(result.pictures[-1].to_pil().text["suite"])["text"] == "added"
    assert events
    with pytest.raises(JobInterruptedError):
        bench.run(n.PreviewAny(source=n.SuiteInterrupt(value=3)))
    assert members(bench, "web_routes") <= bench.used


async def test_custom_events(bench):
    n = bench.nodes
    async with (
        ClientSession() as session,
        session.ws_connect(bench.server.url + "/ws", params={"clientId": "suite-listener"}) as socket,
        session.ws_connect(bench.server.url + "/ws", params={"clientId": "suite-other"}) as other,
    ):
        document = Workflow.of(n.SuiteTellAll(text="x1"), n.SuiteTellClient(text="x2")).to_document()
        async with session.post(
            bench.server.url + "/prompt", json={"prompt": document, "client_id": "suite-listener"}
        ) as answer:
            assert answer.status == 200
        heard: dict[str, list[str]] = {"socket": [], "other": []}
        while not {"suite.one", "suite.all"} <= set(heard["socket"]) or "suite.all" not in heard["other"]:
            for name, one in (("socket", socket), ("other", other)):
                if name == "other" and "suite.all" in heard["other"]:
                    continue
                message = await one.receive(timeout=20)
                if isinstance(message.data, str):
                    heard[name].append(json.loads(message.data)["type"])
        assert "suite.one" not in heard["other"]


def png() -> bytes:
    import io

    from PIL import Image

    data = io.BytesIO()
    Image.new("RGB", (16, 8), (10, 200, 30)).save(data, "PNG")
    return data.getvalue()
