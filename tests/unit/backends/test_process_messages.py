import socket
import struct

import pytest

from limner.backends.process_messages import Beat, Cancel, Channel, Close, Described, Emitted, Run
from limner.engine.events import NodeOutput, NodePlace, NodePreview
from limner.engine.run import RunRequest
from limner.graph.catalog import Catalog
from limner.graph.graph import Graph, Link, Node


@pytest.fixture
def pair():
    ends = socket.socketpair()
    channels = [Channel(end) for end in ends]
    yield channels[0], channels[1], ends[0]
    for channel in channels:
        channel.close()


def test_messages_come_as_they_were_sent(pair):
    server, worker, _ = pair
    place = NodePlace.of("1")
    output = NodeOutput(job="a", time=1, place=place, ui={"images": [{"filename": "ü.png"}], "n": [2**64 - 1, None]})
    preview = NodePreview(job="a", time=1, place=place, image=bytes(range(256)), media_type="image/png", final=True)
    for event in (output, preview):
        worker.send(Emitted(run=3, event=event))
        assert server.reply(1.0) == Emitted(run=3, event=event)


def test_a_request_keeps_links_and_lists(pair):
    server, worker, _ = pair
    nodes = {"2": Node(type="B", inputs={"x": Link("1", 0), "list": ("1", 0)}), "1": Node(type="A", title="t")}
    asked = RunRequest(job="a", graph=Graph(nodes), targets=("2",), extra={"k": [1]}, secrets={"key": "s"})
    server.send(Run.of(7, asked))
    command = worker.command()
    assert command.run == 7
    assert command.request() == asked
    assert list(command.request().graph.nodes) == ["2", "1"]


def test_integers_of_any_size_cross(pair):
    server, worker, _ = pair
    limits = {"min": -(2**64) + 1, "max": 10**5000, "list": [True, 2**64 - 1, {"x": -(2**63) - 1}]}
    worker.send(Described(call=1, catalog=Catalog(device=limits)))
    told = server.reply(1.0)
    assert told == Described(call=1, catalog=Catalog(device=limits))
    graph = Graph({"1": Node(type="A", inputs={"seed": 2**70})})
    server.send(Run.of(2, RunRequest(job="a", graph=graph, targets=("1",))))
    assert worker.command().request().graph == graph


def test_a_document_that_is_the_graph_is_sent_once():
    document = {"1": {"class_type": "A", "inputs": {"x": 1}}}
    graph = Graph({"1": Node(type="A", inputs={"x": 1})})
    message = Run.of(1, RunRequest(job="a", graph=graph, targets=("1",), document=document))
    assert message.graph is None
    assert message.request().graph == graph


def test_a_frame_may_come_in_pieces(pair):
    server, worker, raw = pair
    assert worker is not None
    assert server.reply(0.01) is None
    theirs = worker._socket
    body = worker._encoder.encode(Beat())
    frame = struct.pack(">I", len(body)) + body
    for index in range(len(frame)):
        theirs.sendall(frame[index : index + 1])
        reply = server.reply(0.01)
    assert reply == Beat()
    assert raw.gettimeout() is None


def test_the_end_and_an_absurd_length_are_the_end(pair):
    server, worker, _ = pair
    server.send(Cancel(job="a"))
    server.send(Close())
    server._socket.sendall(struct.pack(">I", 1 << 31))
    assert worker.command() == Cancel(job="a")
    assert worker.command() == Close()
    with pytest.raises(EOFError, match="2147483648 bytes"):
        worker.command()
    worker.close()
    with pytest.raises(EOFError):
        server.reply(1.0)
