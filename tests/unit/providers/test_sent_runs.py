"""Jobs that run elsewhere: what their services tell, as events of jobs here; their files, in the folders here."""

import json
import struct

import pytest

from limner.engine.events import (
    Charged,
    Failed,
    Interrupted,
    NodeFinished,
    NodeOutput,
    NodePreview,
    NodeProgress,
    NodeStarted,
    Recalled,
    Started,
    Succeeded,
)
from limner.engine.run import RunRequest
from limner.graph.charge import Charge
from limner.graph.errors import StorageError
from limner.graph.graph import Graph, Link, Node
from limner.providers.comfy_events import Ended, read_binary, read_message
from limner.providers.files import file_key
from limner.providers.kept_files import keep_file
from limner.providers.provider import Told
from limner.providers.refusal import ProviderError
from limner.providers.sent_run import SentRun
from limner.storage.folders import Folders

GRAPH = Graph(
    {
        "1": Node(type="LoadImage", inputs={"image": "a.png"}),
        "2": Node(type="SaveImage", inputs={"images": Link("1", 0), "filename_prefix": "a.png"}),
    }
)
THERE = {"filename": "x_00001_.png", "subfolder": "deep", "type": "output"}


@pytest.fixture
def folders(tmp_path):
    folders = Folders.under(tmp_path)
    folders.create()
    return folders


@pytest.fixture
def run(folders):
    events = []
    extra = {"extra_pnginfo": {"workflow": 1}, "client_id": "c"}
    run = SentRun(RunRequest(job="j", graph=GRAPH, targets=("2",), extra=extra), events.append, folders)
    run.events = events
    run.begin()
    return run


def kinds(run):
    return [type(event) for event in run.events]


def test_a_run_from_begin_to_end(run, folders):
    for told in (
        Told(what="cached", nodes=("1",)),
        Told(what="cached", nodes=()),
        Told(what="node", node="2"),
        Told(what="progress", node="2", value=1, total=2),
        Told(what="preview", node="2", image=b"x", media_type="image/png"),
        Told(what="output", node="2", ui={"images": [THERE], "text": ["hello"]}),
    ):
        run.tell(told)
    run.charged(Charge(provider="near", model=""))
    run.finish({file_key(THERE): b"picture"})
    assert kinds(run) == [
        Started, Recalled, NodeStarted, NodeProgress, NodePreview, Charged, NodeFinished, NodeOutput, Succeeded
    ]  # fmt: skip
    output = run.events[-2]
    assert output.place.node == "2"
    assert output.ui == {"images": [THERE], "text": ["hello"]}
    assert (folders.output / "deep" / "x_00001_.png").read_bytes() == b"picture"


def test_no_file_is_written_over(run, folders):
    (folders.output / "deep").mkdir()
    (folders.output / "deep" / THERE["filename"]).write_bytes(b"mine")
    run.tell(Told(what="output", node="2", ui={"images": [THERE]}))
    run.finish({file_key(THERE): b"theirs"})
    assert run.events[-2].ui == {"images": [{**THERE, "filename": "x_00001_-2.png"}]}
    assert (folders.output / "deep" / THERE["filename"]).read_bytes() == b"mine"


def test_a_service_cannot_write_elsewhere(folders):
    for key in ("output/../x.png", "output//etc/x.png/../../x", "temp/a/../../../x.png"):
        with pytest.raises(StorageError):
            keep_file(folders, key, b"")
    assert keep_file(folders, "input//a.png", b"x") == {"filename": "a.png", "subfolder": "", "type": "output"}


def test_failures_say_where(run):
    run.tell(Told(what="node", node="2"))
    run.failed(ProviderError("near: it is broken", reason="x"))
    assert kinds(run)[-1] is Failed
    failure = run.events[-1].failure
    assert (failure.place.node, failure.node_type, failure.message) == ("2", "SaveImage", "near: it is broken")


def test_stops_say_where(run):
    run.tell(Told(what="node", node="1"))
    run.tell(Told(what="node", node="2"))
    run.interrupted()
    assert kinds(run)[-1] is Interrupted
    assert (run.events[-1].place.node, run.events[-1].executed) == ("2", ("1",))


def test_the_order_has_the_files_that_loaders_name_and_nothing_private(run, folders):
    (folders.input / "a.png").write_bytes(b"content")
    order = run.order()
    assert order.files == {"a.png": b"content"}
    assert order.extra == {"extra_pnginfo": {"workflow": 1}}
    assert order.targets == ("2",)


def message(kind, **data):
    return json.dumps({"type": kind, "data": {"prompt_id": "j", **data}})


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (message("execution_start"), Told(what="started")),
        (message("execution_cached", nodes=["1", 2]), Told(what="cached", nodes=("1", "2"))),
        (message("executing", node="3"), Told(what="node", node="3")),
        (message("executing", node=None), Ended()),
        (message("progress", node="3", value=1, max=4), Told(what="progress", node="3", value=1.0, total=4.0)),
        (message("executed", node="3", output={"a": []}), Told(what="output", node="3", ui={"a": []})),
        (message("executed", node="3", output=None), Told(what="output", node="3", ui={})),
        (message("execution_error"), Ended()),
        (message("execution_interrupted"), Ended()),
        (message("progress_state", nodes={}), None),
        (message("executing", node="3", prompt_id="other"), None),
        ("no json", None),
        ("[]", None),
        ('{"type": "executing", "data": null}', None),
    ],
)
def test_messages(text, told):
    assert read_message(text, "j") == told


def test_pictures_on_the_way():
    plain = struct.pack(">II", 1, 2) + b"PNG"
    told = read_binary(plain, "j", "5")
    assert (told.node, told.image, told.media_type) == ("5", b"PNG", "image/png")
    facts = json.dumps({"node_id": "7", "prompt_id": "j", "image_type": "image/jpeg"}).encode()
    told = read_binary(struct.pack(">II", 4, len(facts)) + facts + b"JPG", "j", "5")
    assert (told.node, told.image, told.media_type) == ("7", b"JPG", "image/jpeg")
    others = json.dumps({"prompt_id": "other"}).encode()
    for frame in (
        b"", b"12345678", struct.pack(">II", 4, 999) + b"{}", struct.pack(">II", 4, 2) + b"{{",
        struct.pack(">II", 3, 1) + b"5text", struct.pack(">II", 4, len(others)) + others,
    ):  # fmt: skip
        assert read_binary(frame, "j", "5") is None
