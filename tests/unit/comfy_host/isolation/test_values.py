"""Values cross as they are, or stay where they are."""

import gc
from collections import OrderedDict

import msgspec
import numpy
import pytest
import torch
from PIL import Image

from comfy_host.isolation.values import Elsewhere, Exchange
from limner.engine.blocked import Blocked
from limner.graph.declare import NodeResult
from limner.graph.errors import StepError
from limner.graph.graph import Graph, Link, Node


class Thing:
    pass


@pytest.fixture
def sides():
    return Exchange("it lies in the pack."), Exchange("it lies in the worker.")


def sent(value, sides):
    """A value after it crossed, through the bytes that really cross."""
    source, target = sides
    return target.unpack(msgspec.msgpack.decode(msgspec.msgpack.encode(source.pack(value))))


@pytest.mark.parametrize(
    "value",
    [
        None,
        True,
        -3,
        2**70,
        1.5,
        "text",
        b"bytes",
        [1, (2, 3), {"a": [None]}],
        {1: "a", (2, 3): "b"},
        {4, 5},
        Link("1", 0),
        Blocked("why"),
        Blocked(),
    ],
)
def test_plain_values_are_copied(value, sides):
    crossed = sent(value, sides)
    assert crossed == value
    assert type(crossed) is type(value)


@pytest.mark.parametrize(
    "dtype", [torch.float32, torch.float16, torch.bfloat16, torch.int64, torch.bool, torch.complex64]
)
@pytest.mark.parametrize("shape", [(), (0, 3), (2, 3, 4)])
def test_tensors_are_copied_bit_by_bit(dtype, shape, sides):
    value = (torch.rand(shape) * 4).to(dtype)
    crossed = sent({"samples": value}, sides)["samples"]
    assert (crossed.dtype, crossed.shape) == (value.dtype, value.shape)
    assert torch.equal(crossed, value)
    crossed.zero_()  # it can be written


def test_tensors_that_are_views_or_need_gradients_cross(sides):
    value = torch.rand(4, 6, requires_grad=True)[:, ::2].permute(1, 0)
    assert torch.equal(sent(value, sides), value.detach())


def test_arrays_scalars_and_dictionaries_of_libraries_cross(sides):
    array = numpy.arange(6, dtype=numpy.uint16).reshape(2, 3)
    assert numpy.array_equal(sent(array, sides), array)
    assert sent(numpy.float32(0.5), sides) == 0.5
    assert sent(OrderedDict(a=1), sides) == {"a": 1}


@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA", "P", "1", "F"])
def test_pictures_cross(mode, sides):
    picture = Image.linear_gradient("L").resize((5, 3)).convert(mode)
    crossed = sent(picture, sides)
    assert (crossed.mode, crossed.size, crossed.tobytes()) == (picture.mode, picture.size, picture.tobytes())
    assert crossed.getpalette() == picture.getpalette()


def test_results_and_expansions_cross(sides):
    graph = Graph({"a": Node(type="X", inputs={"image": torch.ones(2), "from": Link("b", 1)}, display="7")})
    crossed = sent(NodeResult(values=(Link("a", 0),), ui={"text": ["t"]}, expand=graph), sides)
    assert (crossed.values, crossed.ui) == ((Link("a", 0),), {"text": ["t"]})
    node = crossed.expand.nodes["a"]
    assert (node.type, node.display, node.inputs["from"]) == ("X", "7", Link("b", 1))
    assert torch.equal(node.inputs["image"], torch.ones(2))


def test_an_object_stays_and_comes_back_itself(sides):
    thing = Thing()
    there = sent([thing], sides)[0]
    assert isinstance(there, Elsewhere)
    assert sent({"back": there}, sides[::-1])["back"] is thing
    with pytest.raises(
        AttributeError, match=r"Thing cannot be used here \('name' was asked for\): it lies in the worker"
    ):
        there.name
    assert getattr(there, "to_native", None) is None


def test_an_object_that_nobody_holds_any_more_is_let_go(sides):
    source, target = sides
    there = sent(Thing(), sides)
    again = msgspec.msgpack.decode(msgspec.msgpack.encode(target.pack(there)))
    del there
    gc.collect()
    numbers = target.unwanted()
    assert len(numbers) == 1
    assert target.unwanted() == ()
    source.forget(numbers)
    with pytest.raises(StepError, match="gone"):
        source.unpack(again)


def test_an_object_of_one_pack_passes_through_another(sides):
    thing = Thing()
    worker_and_first, first = sides
    worker_and_second, second = Exchange("a"), Exchange("b")
    in_worker = sent(thing, (first, worker_and_first))
    in_second = sent(in_worker, (worker_and_second, second))
    assert sent(in_second, (second, worker_and_second)) is in_worker
