"""For each and while, as the engine runs them."""

import time

import pytest
from tests.golden.running import Runner, definitions

from limner.backends.in_process import InProcessBackend
from limner.backends.in_process_prompt import LivePrompt
from limner.engine.cancellation import Cancellation
from limner.engine.engine import Engine
from limner.engine.events import Interrupted, NodeStarted
from limner.engine.run import RunRequest
from limner.graph.api_document import from_document
from limner.graph.errors import LimnerError


@pytest.fixture
def runner(folders):
    made = Runner(folders)
    yield made
    made.close()


def node(kind, **inputs):
    return {"class_type": kind, "inputs": {name.replace("__", "."): value for name, value in inputs.items()}}


def math(expression, **values):
    return node("ComfyMathExpression", expression=expression, **{f"values__{name}": at for name, at in values.items()})


def shown(at):
    return node("PreviewAny", source=at)


def counting(turns, **end):
    """Adds up 0, 1, 2 ... and collects the sums."""
    return {
        "list": node("CountingList", start=0, stop=turns, step=1),
        "begin": node("ForEachBegin", items=["list", 0], split_batches=True, carried_1=0),
        "sum": math("a + b", a=["begin", 1], b=["begin", 4]),
        "end": node("ForEachEnd", loop=["begin", 0], result=["sum", 1], carried_1=["sum", 1], **end),
        "results": shown(["end", 0]),
        "last": shown(["end", 1]),
    }


def test_every_item_has_a_turn_and_carries_on(runner):
    told = runner.run(counting(5))
    assert told["results"] == {"text": ["0", "1", "3", "6", "10"]}
    assert told["last"] == {"text": ["10"]}


def test_no_item_is_no_turn(runner):
    document = counting(0)
    del document["results"]
    assert runner.run(document)["last"] == {"text": ["0"]}


def test_lines_of_text_one_by_one(runner):
    document = {
        "lines": node("TextLines", text="apple\n\npear", skip_empty=True),
        "begin": node("ForEachBegin", items=["lines", 0], split_batches=True),
        "line": node(
            "StringFormat",
            f_string="{a}: {b} of {c}",
            values__a=["begin", 2],
            values__b=["begin", 1],
            values__c=["begin", 3],
        ),
        "end": node("ForEachEnd", loop=["begin", 0], result=["line", 0]),
        "shown": shown(["end", 0]),
    }
    assert runner.run(document)["shown"] == {"text": ["0: apple of 2", "1: pear of 2"]}


def test_pictures_of_a_batch_one_by_one(runner):
    document = {
        "images": node("EmptyImage", width=8, height=8, batch_size=3, color=255),
        "begin": node("ForEachBegin", items=["images", 0], split_batches=True, carried_1=["images", 0]),
        "size": node("GetImageSize", image=["begin", 1]),
        "more": node("ImageBatch", image1=["begin", 4], image2=["begin", 1]),
        "end": node("ForEachEnd", loop=["begin", 0], result=["size", 2], carried_1=["more", 0]),
        "sizes": shown(["end", 0]),
        "all": node("GetImageSize", image=["end", 1]),
        "count": shown(["all", 2]),
    }
    told = runner.run(document)
    assert told["sizes"] == {"text": ["1", "1", "1"]}
    assert told["count"] == {"text": ["6"]}


def nested(outer, inner):
    return {
        "rows": node("CountingList", start=0, stop=outer, step=1),
        "row": node("ForEachBegin", items=["rows", 0], split_batches=True, carried_1=0),
        "columns": node("CountingList", start=0, stop=inner, step=1),
        "column": node("ForEachBegin", items=["columns", 0], split_batches=True, carried_1=["row", 4]),
        "cell": math("a * 10 + b + c * 0", a=["row", 1], b=["column", 1], c=["column", 4]),
        "more": math("a + 1", a=["column", 4]),
        "inner": node("ForEachEnd", loop=["column", 0], result=["cell", 1], carried_1=["more", 1]),
        "outer": node("ForEachEnd", loop=["row", 0], result=["inner", 0], carried_1=["inner", 1]),
        "shown": shown(["outer", 0]),
        "count": shown(["outer", 1]),
    }


def test_loops_in_loops(runner):
    told = runner.run(nested(3, 2))
    assert told["shown"] == {"text": ["0", "1", "10", "11", "20", "21"]}
    assert told["count"] == {"text": ["6"]}


def powers(below, limit=1000, change="a * 2"):
    """Doubles a number while it is small."""
    return {
        "begin": node("WhileBegin", condition=True, carried_1=1),
        "double": math(change, a=["begin", 2]),
        "small": math("a < b", a=["double", 1], b=below),
        "end": node("WhileEnd", loop=["begin", 0], condition=["small", 2], limit=limit, carried_1=["double", 1]),
        "turns": shown(["end", 0]),
        "last": shown(["end", 1]),
    }


def test_while_a_condition_holds(runner):
    told = runner.run(powers(100))
    assert (told["turns"], told["last"]) == ({"text": ["7"]}, {"text": ["128"]})


def test_a_while_loop_sees_what_changed_inside(runner):
    runner.run(powers(100))
    assert runner.run(powers(100, change="a * 3"))["last"] == {"text": ["243"]}


def test_a_while_loop_without_a_first_turn(runner):
    document = powers(100)
    document["begin"]["inputs"]["condition"] = False
    assert runner.run(document)["turns"] == {"text": ["0"]}


def test_a_while_loop_that_never_ends_is_an_error(runner):
    with pytest.raises(LimnerError, match="still true after 20 turns"):
        runner.run(powers(2**40, limit=20))


def test_while_inside_for_each(runner):
    document = {
        "list": node("CountingList", start=2, stop=5, step=1),
        "each": node("ForEachBegin", items=["list", 0], split_batches=True),
        "begin": node("WhileBegin", condition=True, carried_1=["each", 1]),
        "square": math("a * a", a=["begin", 2]),
        "small": math("a < 50", a=["square", 1]),
        "while": node("WhileEnd", loop=["begin", 0], condition=["small", 2], limit=9, carried_1=["square", 1]),
        "end": node("ForEachEnd", loop=["each", 0], result=["while", 1]),
        "shown": shown(["end", 0]),
    }
    assert runner.run(document)["shown"] == {"text": ["256", "81", "256"]}


class Turns:
    """Runs documents on an engine of its own and keeps the events."""

    def __init__(self):
        self.backend = InProcessBackend(definitions(), {}, 1 << 28)
        self.engine = Engine(self.backend)

    def run(self, document, emit=None, cancellation=None):
        events = []

        def told(event):
            events.append(event)
            if emit is not None:
                emit(event)

        targets = [name for name, entry in document.items() if entry["class_type"] == "PreviewAny"]
        request = RunRequest(job="loop", graph=from_document(document), targets=tuple(targets), document=document)
        self.engine.run(request, told, cancellation)
        return events


@pytest.fixture
def turns():
    made = Turns()
    yield made
    made.backend.close()


def started(events, prefix):
    return sum(isinstance(event, NodeStarted) and event.place.node.startswith(prefix) for event in events)


def test_a_longer_list_costs_only_what_is_new(turns):
    document = {
        "lines": node("TextLines", text="a\nb", skip_empty=True),
        "begin": node("ForEachBegin", items=["lines", 0], split_batches=True),
        "upper": node("CaseConverter", string=["begin", 1], mode="UPPERCASE"),
        "end": node("ForEachEnd", loop=["begin", 0], result=["upper", 0]),
        "shown": shown(["end", 0]),
    }
    turns.run(document)
    document["lines"]["inputs"]["text"] = "a\nb\nc"
    # The turn and the node in it; the first two turns are remembered.
    assert started(turns.run(document), "end.") == 3, "one turn, its node, and the list of all"


@pytest.mark.parametrize(
    "document", [counting(1000), nested(100, 10), powers(1001, change="a + 1")], ids=["each", "nested", "while"]
)
def test_a_thousand_turns_are_linear(turns, monkeypatch, document):
    looked = []
    plain = LivePrompt.get_node
    monkeypatch.setattr(LivePrompt, "get_node", lambda self, name: looked.append(name) or plain(self, name))
    begun = time.perf_counter()
    events = turns.run(document)
    assert type(events[-1]).__name__ == "Succeeded", events[-1]
    assert time.perf_counter() - begun < 30
    # Every copy looks at the nodes of its own loop, never at the turns before.
    assert len(looked) < 12_000
    assert max(map(len, looked)) < 60


def test_a_run_stops_between_turns(turns):
    cancellation = Cancellation()
    seen = []

    def stop_late(event):
        seen.append(event)
        if len(seen) == 200:
            cancellation.cancel()

    events = turns.run(powers(1001, change="a + 1"), stop_late, cancellation)
    assert isinstance(events[-1], Interrupted)
    assert len(events) < 260
