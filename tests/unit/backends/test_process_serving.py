"""The child's outbox towards a parent that does not read."""

import socket

from limner.backends.process_messages import Channel, Emitted, Ended
from limner.backends.process_serving import CROWDED, Outbox
from limner.engine.events import NodeOutput, NodePlace, NodePreview, NodeProgress, Succeeded

PLACE = NodePlace.of("1")


def emitted(event):
    return Emitted(run=1, event=event)


def progress(value):
    return emitted(NodeProgress(job="a", time=1, place=PLACE, value=value, total=10_000))


def test_a_slow_parent_misses_progress_but_nothing_else():
    ours, theirs = socket.socketpair()
    parent, child = Channel(ours), Channel(theirs)
    outbox = Outbox(child)
    for value in range(5_000):
        outbox.put(progress(value))
    for index in range(500):
        outbox.put(emitted(NodeOutput(job="a", time=index, place=PLACE, ui={"n": [index]})))
        outbox.put(emitted(NodePreview(job="a", time=1, place=PLACE, image=b"x", media_type="image/png", final=True)))
    outbox.put(emitted(Succeeded(job="a", time=1)))
    outbox.put(Ended(run=1))
    outbox.start()
    events = []
    while not isinstance(reply := parent.reply(5.0), Ended):
        events.append(reply.event)
    outbox.close(5.0)
    seen = [event.value for event in events if isinstance(event, NodeProgress)]
    assert len(seen) == CROWDED
    assert seen[-1] == 4_999
    assert [event.time for event in events if isinstance(event, NodeOutput)] == list(range(500))
    assert sum(isinstance(event, NodePreview) for event in events) == 500
    assert isinstance(events[-1], Succeeded)
    parent.close()
    child.close()
