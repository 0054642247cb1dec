"""Frames become records; what is cut short becomes nothing."""

import json
import struct

from limner_client.messages import NodeOutput, Preview, Progress, Text, read_frame, read_message


def test_messages():
    progress = read_message('{"type": "progress", "data": {"value": 3, "max": 8, "prompt_id": "j", "node": "5"}}')
    assert isinstance(progress, Progress)
    assert (progress.job, progress.node, progress.value, progress.total) == ("j", "5", 3.0, 8.0)
    executed = read_message('{"type": "executed", "data": {"node": "9", "output": null, "prompt_id": "j"}}')
    assert isinstance(executed, NodeOutput)
    assert executed.output == {}
    assert read_message('{"type": "executing", "data": {"node": null, "prompt_id": "j"}}').node is None
    for bad in ("", "[]", "{}", "3", '{"type": "x", "data": 3}'):
        assert read_message(bad) is None


def test_frames():
    plain = read_frame(struct.pack(">II", 1, 2) + b"picture")
    assert isinstance(plain, Preview)
    assert (plain.image, plain.media_type, plain.job) == (b"picture", "image/png", None)
    facts = json.dumps({"prompt_id": "j", "node_id": "4", "image_type": "image/jpeg"}).encode()
    described = read_frame(struct.pack(">II", 4, len(facts)) + facts + b"picture")
    assert isinstance(described, Preview)
    assert (described.job, described.node, described.image) == ("j", "4", b"picture")
    text = read_frame(struct.pack(">II", 3, 1) + b"7" + b"hello")
    assert isinstance(text, Text)
    assert (text.node, text.text) == ("7", "hello")
    for bad in (b"", b"\0\0\0\1", struct.pack(">II", 4, 90), struct.pack(">II", 77, 0)):
        assert read_frame(bad) is None
