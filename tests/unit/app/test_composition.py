"""What a worker is put together from: packs beside our own nodes, files with and without their workflow."""

import json
from typing import Annotated, Any

import pytest
from PIL import Image

from limner.app.composition import build_worker
from limner.app.settings import Settings
from limner.app.warming import warm_up
from limner.app.without_documents import without_documents
from limner.engine.events import NodeOutput, Succeeded
from limner.engine.run import RunRequest
from limner.graph.api_document import from_document
from limner.graph.declare import Hidden, node
from limner.media.animations import EFFORT
from limner.storage.builtin import BUILTIN_CHECKPOINT

SHOWING = ("PreviewAny", "SaveImage", "SaveAnimatedWEBP", "PreviewImage")

PACK = """
import nodes


class Own:
    RETURN_TYPES = ("INT",)
    FUNCTION = "run"
    CATEGORY = "pack"

    @classmethod
    def INPUT_TYPES(cls):
        return {"required": {}}

    def run(self):
        return (7,)


NODE_CLASS_MAPPINGS = {"TrainLoraNode": Own, "EmptyImage": Own, "OnlyInPack": Own, "IfElse": Own}
nodes.NODE_CLASS_MAPPINGS["SaveLoRANode"] = Own
nodes.NODE_CLASS_MAPPINGS["NotTrue"] = Own
nodes.NODE_CLASS_MAPPINGS["KSampler"] = Own
"""


@pytest.fixture
def data(tmp_path):
    pack = tmp_path / "custom_nodes" / "brings"
    pack.mkdir(parents=True)
    (pack / "__init__.py").write_text(PACK)
    return tmp_path


def _run(worker, document):
    events = []
    worker.run(
        RunRequest(
            job="one",
            graph=from_document(document),
            targets=tuple(name for name, node in document.items() if node["class_type"] in SHOWING),
            document=document,
            extra={"extra_pnginfo": {"workflow": {"nodes": []}}},
        ),
        events.append,
    )
    assert any(isinstance(event, Succeeded) for event in events), events
    return {event.place.node: event.ui for event in events if isinstance(event, NodeOutput)}


def test_a_pack_replaces_what_is_declared_only_and_what_comfyui_does_not_have(data):
    worker = build_worker(Settings(data=str(data), device="cpu", threads=1))
    try:
        nodes = worker.describe().nodes
        assert nodes["TrainLoraNode"].pack == "brings"
        assert nodes["TrainLoraNode"].needs == ""
        assert nodes["EmptyImage"].pack == ""
        assert nodes["LossGraphNode"].needs
        assert nodes["SaveLoRANode"].pack == "brings"
        assert nodes["KSampler"].pack == ""
        assert nodes["IfElse"].pack == nodes["NotTrue"].pack == "brings"
        assert nodes["CompareValues"].pack == ""
        document = {
            "1": {"class_type": "TrainLoraNode", "inputs": {}},
            "2": {"class_type": "PreviewAny", "inputs": {"source": ["1", 0]}},
        }
        assert _run(worker, document)["2"] == {"text": ["7"]}
    finally:
        worker.close()


@pytest.mark.parametrize("disabled", [True, False])
def test_files_hold_their_workflow_unless_told_not_to(tmp_path, disabled):
    settings = Settings(data=str(tmp_path), device="cpu", threads=1, disable_metadata=disabled)
    worker = build_worker(settings)
    image = ["1", 0]
    webp = {"images": image, "filename_prefix": "y", "fps": 6.0, "lossless": True, "quality": 80}
    document = {
        "1": {"class_type": "EmptyImage", "inputs": {"width": 16, "height": 16, "batch_size": 1, "color": 0}},
        "2": {"class_type": "SaveImage", "inputs": {"images": image, "filename_prefix": "x"}},
        "3": {"class_type": "SaveAnimatedWEBP", "inputs": {**webp, "method": next(iter(EFFORT))}},
        "4": {"class_type": "PreviewImage", "inputs": {"images": image}},
    }
    try:
        assert worker.describe().nodes["SaveImage"].hidden
        shown = _run(worker, document)
    finally:
        worker.close()
    saved = [tmp_path / "output" / "x_00001_.png", tmp_path / "temp" / shown["4"]["images"][0]["filename"]]
    for path in saved:
        with Image.open(path) as picture:
            texts = picture.info
        if disabled:
            assert not {"prompt", "workflow"} & texts.keys()
        else:
            assert json.loads(texts["prompt"]) == document
    assert (b"EmptyImage" in (tmp_path / "output" / "y_00001_.webp").read_bytes()) is not disabled


def test_only_output_nodes_are_not_told():
    def told(*, prompt: Annotated[Any, Hidden("PROMPT")]) -> int:
        """How long the document is."""
        return -1 if prompt is None else len(prompt)

    reader = node(name="Reader", title="Reader", category="")(told)
    writer = node(name="Writer", title="Writer", category="", output=True)(told)
    silent = without_documents({"Reader": reader, "Writer": writer})
    assert silent["Reader"](prompt={"1": {}}) == 1
    assert silent["Writer"](prompt={"1": {}}) == -1
    assert silent["Writer"].type == writer.type


def test_a_worker_that_was_warmed_up_holds_the_built_in_model(tmp_path):
    worker = build_worker(Settings(data=str(tmp_path)))
    warm_up(worker)
    held = {entry["what"] for entry in worker.status()["entries"]}
    worker.close()
    assert {f"{BUILTIN_CHECKPOINT} ({part})" for part in ("clip_l", "vae", "sd1")} == held
    assert not list((tmp_path / "output").iterdir())
