"""Reading workflows from whatever they come in."""

import json
import zlib
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from limner.graph.api_document import to_document
from limner.graph.document import read_workflow
from limner.graph.errors import DocumentError
from limner.graph.graph import Link
from limner.graph.ui.document import is_ui_workflow

from .embedded.test_png import chunk, png
from .test_api_document import json_values

API, UI = "SD1.5_text2image_API.json", "SD1.5_text2image_vae-ft-mse-840000.json"


@pytest.fixture
def read_file(workflows, catalog, lists):
    def read(name):
        return read_workflow((workflows / name).read_bytes(), catalog, lists)

    return read


def test_both_formats_of_one_workflow_give_one_graph(read_file):
    api, ui = read_file(API), read_file(UI)
    assert api.graph == ui.graph
    assert (api.source_format, ui.source_format) == ("api", "ui")
    assert ui.document == to_document(ui.graph)
    assert set(ui.extra_pnginfo) == {"workflow"}
    assert api.extra_pnginfo == {}


def test_a_workflow_of_unknown_nodes(read_file):
    graph = read_file("workflow_api112.json").graph
    assert graph.nodes["73"].type == "BizyAir_KSampler"
    assert graph.nodes["73"].inputs["positive"] == Link("80", 0)
    assert graph.nodes["85"].title == "空Latent图像"


def test_text_and_objects(workflows, catalog, lists):
    text = (workflows / API).read_text()
    of_text, of_object = (read_workflow(source, catalog, lists) for source in (text, json.loads(text)))
    with_mark = read_workflow(b"\xef\xbb\xbf" + text.encode(), catalog, lists)
    assert of_text == of_object == with_mark


@pytest.mark.parametrize(("name", "kind"), [(API, "body/api"), (UI, "body/ui")])
def test_a_posted_body(workflows, catalog, lists, read_file, name, kind):
    inner = json.loads((workflows / name).read_text())
    extra = {"extra_pnginfo": {"workflow": {"mine": 1}, "note": 5}}
    found = read_workflow({"prompt": inner, "client_id": "a", "extra_data": extra}, catalog, lists)
    assert found.graph == read_file(API).graph
    assert found.source_format == kind
    assert found.extra_pnginfo == extra["extra_pnginfo"]


@pytest.mark.parametrize("extra", [None, 5, [], {"extra_pnginfo": []}])
def test_a_posted_body_with_rubbish_beside_it(catalog, lists, extra):
    body = {"prompt": {"1": {"class_type": "A"}}, "extra_data": extra}
    assert read_workflow(body, catalog, lists).extra_pnginfo == {}


def picture(**texts: bytes) -> bytes:
    return png(*(chunk(b"tEXt", name.encode() + b"\0" + text) for name, text in texts.items()))


def test_a_picture(workflows, catalog, lists, read_file):
    api, ui = (workflows / API).read_bytes(), (workflows / UI).read_bytes()
    both = read_workflow(picture(workflow=ui, prompt=api, parameters=b"a cat"), catalog, lists)
    drawn = read_workflow(picture(workflow=ui), catalog, lists)
    broken = read_workflow(picture(prompt=b"{", workflow=ui), catalog, lists)
    packed = read_workflow(png(chunk(b"zTXt", b"prompt\0\0" + zlib.compress(api))), catalog, lists)
    assert both.graph == drawn.graph == broken.graph == packed.graph == read_file(API).graph
    assert [found.source_format for found in (both, drawn, broken, packed)] == [
        "png/api",
        "png/ui",
        "png/ui",
        "png/api",
    ]
    assert both.extra_pnginfo == {"workflow": json.loads(ui)}
    assert packed.extra_pnginfo == {}


@pytest.mark.parametrize(
    ("source", "says"),
    [
        (b"", "empty"),
        (b"  \n", "empty"),
        (b"{", "no JSON: .* line 1"),
        (b"[1]", "JSON list"),
        (b"5", "JSON number"),
        (b"null", "JSON null"),
        (b"true", "JSON boolean"),
        (b'"x"', "JSON text"),
        (b"{}", "empty JSON object"),
        (b'{"name": "x", "version": 1}', "keys are name, version"),
        (b"\xff\xd8\xff\xe0", "JPEG"),
        (b"PK\x03\x04", "ZIP"),
        (b"\x10\0\0\0\0\0\0\0{}", "safetensors file carries no workflow"),
        (b"\xfe\xff\x00", "neither text"),
        (b"[" * 100_000, "cannot be read"),
        (b'{"1": {"class_type": "A"}, "2": 5}', "Node '2' should be an object"),
        (b'{"prompt": {"1": 5}}', "Node '1' should be an object"),
        (b'{"nodes": [5]}', "no id or no type"),
        (b'{"nodes": [], "links": [[1]]}', "link of this UI workflow"),
        (picture(), "carries no workflow"),
        (picture(parameters=b"a cat\nSteps: 20"), "generation parameters"),
        (picture(prompt=b"hello"), "'prompt' of this PNG picture is no JSON"),
        (7, "JSON number"),
    ],
)
def test_what_is_no_workflow(catalog, lists, source, says):
    with pytest.raises(DocumentError, match=says):
        read_workflow(source, catalog, lists)


def test_what_json_should_not_hold(catalog, lists):
    text = r'{"1": {"class_type": "A", "inputs": {"a": NaN, "b": "\ud800x", "c": "\ud83d\ude00"}}}'
    assert read_workflow(text, catalog, lists).graph.nodes["1"].inputs == {"a": None, "b": "?x", "c": "😀"}


@given(st.binary(max_size=30) | st.text(max_size=30) | json_values)
def test_anything_is_read_or_refused(catalog, lists, source):
    with suppress(DocumentError):
        assert read_workflow(source, catalog, lists).graph is not None


def test_recognising_the_ui_format(workflows):
    assert is_ui_workflow(json.loads((workflows / UI).read_text()))
    for other in (json.loads((workflows / API).read_text()), {"nodes": {"class_type": "A"}}, [], None):
        assert not is_ui_workflow(other)
