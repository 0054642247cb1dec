"""V1 classes run by the engine, as definitions."""

import asyncio
import threading
import time

import pytest

from comfy_host.adapter import definition_of
from comfy_host.bridge import Bridge
from comfy_host.instances import Instances
from comfy_host.pack_step import PackRun
from limner.backends.in_process import InProcessBackend, InProcessWorker
from limner.engine.events import Failed, NodeBlocked, NodeOutput, NodeStarted
from limner.engine.run import RunRequest
from limner.graph.api_document import from_document


class ExecutionBlocker:
    def __init__(self, message=None):
        self.message = message


def required(**inputs):
    return classmethod(lambda cls: {"required": inputs})


class Show:
    INPUT_TYPES = required(value=("*",))
    RETURN_TYPES = ()
    FUNCTION = "show"
    OUTPUT_NODE = True

    def show(self, value):
        return {"ui": {"value": [value]}}


class Lab:
    """Runs documents of classes."""

    def __init__(self):
        self.instances, self.bridge = Instances(), Bridge()
        self.locks: dict[str, threading.RLock] = {}
        self.worker = None

    def take(self, *kinds, pack="pack"):
        classes = {kind.__name__: kind for kind in (Show, *kinds)}
        definitions = {name: definition_of(kind, name, None, f"custom_nodes.{pack}") for name, kind in classes.items()}
        backend = InProcessBackend(definitions, {}, 1 << 20, services_for=self._services)
        self.worker = InProcessWorker("lab", backend)
        return self

    def _services(self, request):
        self.instances.keep(request.graph)
        return {PackRun: PackRun(request, self.bridge, self.instances, self._lock)}

    def _lock(self, pack):
        return self.locks.setdefault(pack, threading.RLock())

    def events(self, document, *targets, **extra):
        told = []
        document = {name: {"class_type": kind, "inputs": inputs} for name, (kind, inputs) in document.items()}
        request = RunRequest(
            job="job", graph=from_document(document), targets=targets, document=document, extra={"extra_pnginfo": extra}
        )
        self.worker.run(request, told.append)
        return told

    def shown(self, document, target="show", **extra):
        told = self.events(document, target, **extra)
        failed = [event.failure.message for event in told if isinstance(event, Failed)]
        assert not failed, failed
        return next(event.ui["value"] for event in told if isinstance(event, NodeOutput) and event.place.node == target)


@pytest.fixture
def lab():
    made = Lab()
    yield made
    made.worker.close()


def test_a_class_is_instantiated_and_its_function_called(lab):
    class Add:
        INPUT_TYPES = required(a=("INT", {"default": 1}), b=("INT",))
        RETURN_TYPES = ("INT",)
        FUNCTION = "add"

        def add(self, a, b):
            return (a + b,)

    lab.take(Add)
    assert lab.shown({"1": ("Add", {"a": 1, "b": 2}), "show": ("Show", {"value": ["1", 0]})}) == [3]


def test_static_and_class_methods_serve_as_functions(lab):
    class Static:
        INPUT_TYPES = required(a=("INT",))
        RETURN_TYPES = ("INT",)
        FUNCTION = "run"

        @staticmethod
        def run(a):
            return (a * 2,)

    class OfClass(Static):
        @classmethod
        def run(cls, a):
            return [a * 3]

    lab.take(Static, OfClass)
    document = {"1": ("Static", {"a": 2}), "2": ("OfClass", {"a": ["1", 0]}), "show": ("Show", {"value": ["2", 0]})}
    assert lab.shown(document) == [12]


def test_instances_live_from_run_to_run_while_their_node_does(lab):
    class Count:
        INPUT_TYPES = required(a=("INT",))
        RETURN_TYPES = ("INT",)
        FUNCTION = "run"
        IS_CHANGED = classmethod(lambda cls, a: float("nan"))

        def __init__(self):
            self.calls = 0

        def run(self, a):
            self.calls += 1
            return (self.calls,)

    lab.take(Count)
    document = {"1": ("Count", {"a": 0}), "show": ("Show", {"value": ["1", 0]})}
    assert [lab.shown(document) for _ in range(2)] == [[1], [2]]
    other = {"9": ("Count", {"a": 0}), "show": ("Show", {"value": ["9", 0]})}
    assert lab.shown(other) == [1]
    assert lab.shown(document) == [1]


def test_hidden_values_are_given_to_the_function(lab):
    class Hidden:
        @classmethod
        def INPUT_TYPES(cls):
            hidden = {
                "me": "UNIQUE_ID",
                "info": "EXTRA_PNGINFO",
                "all": "PROMPT",
                "graph": "DYNPROMPT",
                "x": ("INT", {}),
            }
            return {"required": {}, "hidden": hidden}

        RETURN_TYPES = ("STRING",)
        FUNCTION = "run"

        def run(self, me, info, all, graph, x=None):  # noqa: A002 - packs call theirs so
            return ([me, info["key"], sorted(all), graph.get_node(me)["class_type"], x],)

    lab.take(Hidden)
    document = {"7": ("Hidden", {"x": 5}), "show": ("Show", {"value": ["7", 0]})}
    assert lab.shown(document, key="value") == [["7", "value", ["7", "show"], "Hidden", 5]]


def test_is_changed_receives_constants_links_as_none_and_hidden_values(lab):
    seen = []

    class Watched:
        @classmethod
        def INPUT_TYPES(cls):
            inputs = {"a": ("INT",), "link": ("*",)}
            return {"required": inputs, "hidden": {"me": "UNIQUE_ID", "prompt": "PROMPT", "info": "EXTRA_PNGINFO"}}

        @classmethod
        def IS_CHANGED(cls, **inputs):
            seen.append(inputs)
            return {"set", "of"}

        RETURN_TYPES = ("INT",)
        FUNCTION = "run"

        def run(self, a, link, me, prompt, info):
            return (a,)

    lab.take(Watched)
    document = {"0": ("Watched", {"a": 1, "link": 2}), "1": ("Watched", {"a": 3, "link": ["0", 0]})}
    document["show"] = ("Show", {"value": ["1", 0]})
    lab.shown(document)
    assert {"a": 3, "link": None, "me": "1", "prompt": {}, "info": None} in seen
    told = lab.events(document, "show")
    assert not [event for event in told if isinstance(event, NodeStarted) and event.place.node in ("0", "1")]


def test_an_is_changed_that_cannot_take_the_hidden_values_runs_the_node_every_time(lab):
    runs = []

    class Narrow:
        @classmethod
        def INPUT_TYPES(cls):
            return {"required": {"a": ("INT",)}, "hidden": {"me": "UNIQUE_ID"}}

        @classmethod
        def IS_CHANGED(cls, a):
            return "the same"

        RETURN_TYPES = ("INT",)
        FUNCTION = "run"

        def run(self, a, me):
            runs.append(a)
            return (a,)

    lab.take(Narrow)
    for _ in range(2):
        lab.shown({"1": ("Narrow", {"a": 1}), "show": ("Show", {"value": ["1", 0]})})
    assert runs == [1, 1]


def test_lists_are_mapped_and_gathered(lab):
    class Spread:
        INPUT_TYPES = required(n=("INT",))
        RETURN_TYPES = ("INT",)
        OUTPUT_IS_LIST = (True,)
        FUNCTION = "run"

        def run(self, n):
            return (list(range(n)),)

    class Pair:
        INPUT_TYPES = required(a=("INT",), b=("INT",))
        RETURN_TYPES = ("STRING",)
        FUNCTION = "run"

        def run(self, a, b):
            return (f"{a}{b}",)

    class Gather:
        INPUT_TYPES = required(texts=("STRING",), mark=("STRING",))
        RETURN_TYPES = ("STRING",)
        INPUT_IS_LIST = True
        FUNCTION = "run"

        def run(self, texts, mark):
            return (mark[0].join(texts),)

    lab.take(Spread, Pair, Gather)
    document = {
        "a": ("Spread", {"n": 3}),
        "b": ("Spread", {"n": 2}),
        "pair": ("Pair", {"a": ["a", 0], "b": ["b", 0]}),
        "all": ("Gather", {"texts": ["pair", 0], "mark": "-"}),
        "show": ("Show", {"value": ["all", 0]}),
    }
    assert lab.shown(document) == ["00-11-21"]


def test_a_blocker_in_any_place_stops_what_comes_after(lab):
    class Whole:
        INPUT_TYPES = required(a=("INT",))
        RETURN_TYPES = ("INT", "INT")
        FUNCTION = "run"

        def run(self, a):
            return ExecutionBlocker("halt")

    class Single(Whole):
        def run(self, a):
            return {"result": (ExecutionBlocker(None), a)}

    lab.take(Whole, Single)
    told = lab.events({"1": ("Whole", {"a": 1}), "show": ("Show", {"value": ["1", 1]})}, "show")
    assert [event.message for event in told if isinstance(event, NodeBlocked)] == ["halt"]
    assert not [
        event
        for event in lab.events({"1": ("Single", {"a": 1}), "show": ("Show", {"value": ["1", 0]})}, "show")
        if isinstance(event, NodeOutput | NodeBlocked)
    ]
    assert lab.shown({"1": ("Single", {"a": 1}), "show": ("Show", {"value": ["1", 1]})}) == [1]


def test_expansions_hold_python_objects_and_links(lab):
    class Box:
        INPUT_TYPES = required(item=("*",))
        RETURN_TYPES = ("INT",)
        FUNCTION = "run"

        def run(self, item):
            return (item["n"] + 1,)

    class Grow:
        INPUT_TYPES = required(n=("INT",))
        RETURN_TYPES = ("INT", "STRING")
        FUNCTION = "run"

        def run(self, n):
            graph = {"inner": {"class_type": "Box", "inputs": {"item": {"n": n, "object": object()}}}}
            return {"result": (["inner", 0], "plain"), "expand": graph}

    lab.take(Box, Grow)
    document = {"1": ("Grow", {"n": 4}), "show": ("Show", {"value": ["1", 0]}), "also": ("Show", {"value": ["1", 1]})}
    assert lab.shown(document) == [5]
    assert lab.shown(document, "also") == ["plain"]


def test_lazy_inputs_are_asked_of_the_instance(lab):
    evaluated = []

    class Source:
        INPUT_TYPES = required(name=("STRING",))
        RETURN_TYPES = ("STRING",)
        FUNCTION = "run"

        def run(self, name):
            evaluated.append(name)
            return (name,)

    class Choose:
        @classmethod
        def INPUT_TYPES(cls):
            lazy = ("*", {"lazy": True})
            return {"required": {"first": ("BOOLEAN",)}, "optional": {"yes": lazy, "no": lazy}}

        RETURN_TYPES = ("*",)
        FUNCTION = "run"

        def check_lazy_status(self, first, yes=None, no=None):
            return ["yes" if first else "no"]

        def run(self, first, yes=None, no=None):
            return (yes if first else no,)

    lab.take(Source, Choose)
    document = {
        "a": ("Source", {"name": "a"}),
        "b": ("Source", {"name": "b"}),
        "choose": ("Choose", {"first": False, "yes": ["a", 0], "no": ["b", 0]}),
        "show": ("Show", {"value": ["choose", 0]}),
    }
    assert lab.shown(document) == ["b"]
    assert evaluated == ["b"]


def test_coroutines_of_a_pack_run_beside_each_other(lab):
    alive = []

    class Sleep:
        INPUT_TYPES = required(n=("INT",))
        RETURN_TYPES = ("INT",)
        FUNCTION = "run"

        async def run(self, n):
            alive.append(n)
            async with asyncio.timeout(20):
                while len(alive) < 2:
                    await asyncio.sleep(0.005)
            return (n,)

    class Sum:
        INPUT_TYPES = required(a=("INT",), b=("INT",))
        RETURN_TYPES = ("INT",)
        FUNCTION = "run"

        def run(self, a, b):
            return (a + b,)

    lab.take(Sleep, Sum)
    document = {
        "1": ("Sleep", {"n": 1}),
        "2": ("Sleep", {"n": 2}),
        "sum": ("Sum", {"a": ["1", 0], "b": ["2", 0]}),
        "show": ("Show", {"value": ["sum", 0]}),
    }
    assert lab.shown(document) == [3]


def test_two_runs_are_never_in_one_pack_at_a_time(lab):
    inside, most = [], []

    class Alone:
        INPUT_TYPES = required(n=("INT",))
        RETURN_TYPES = ("INT",)
        FUNCTION = "run"
        IS_CHANGED = classmethod(lambda cls, n: float("nan"))

        def run(self, n):
            inside.append(n)
            most.append(len(inside))
            time.sleep(0.03)
            inside.remove(n)
            return (n,)

    lab.take(Alone)
    document = {"1": ("Alone", {"n": 1}), "show": ("Show", {"value": ["1", 0]})}
    threads = [threading.Thread(target=lab.shown, args=(document,)) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == [1, 1, 1]


def test_what_a_class_raises_fails_its_node(lab):
    class Fail:
        INPUT_TYPES = required(text=("STRING",))
        RETURN_TYPES = ("INT",)
        FUNCTION = "run"

        def run(self, text):
            raise ValueError(text)

    lab.take(Fail)
    told = lab.events({"1": ("Fail", {"text": "no"}), "show": ("Show", {"value": ["1", 0]})}, "show")
    failure = told[-1].failure
    assert (failure.error_type, failure.message, failure.node_type) == ("ValueError", "no", "Fail")


def test_a_class_that_returns_nothing_fails_unless_it_has_no_outputs(lab):
    class Nothing:
        INPUT_TYPES = required(a=("INT",))
        RETURN_TYPES = ("INT",)
        FUNCTION = "run"

        def run(self, a):
            return None

    class Silent(Nothing):
        RETURN_TYPES = ()
        OUTPUT_NODE = True

    lab.take(Nothing, Silent)
    told = lab.events({"1": ("Nothing", {"a": 1}), "show": ("Show", {"value": ["1", 0]})}, "show")
    assert isinstance(told[-1], Failed)
    assert not isinstance(lab.events({"1": ("Silent", {"a": 1})}, "1")[-1], Failed)


def test_values_are_turned_at_the_border(lab):
    class Native:
        pass

    class Facade:
        def __init__(self, native):
            self.native = native

        def to_native(self):
            return self.native

    seen = []

    class Make:
        INPUT_TYPES = required(a=("INT",))
        RETURN_TYPES = ("MODEL",)
        FUNCTION = "run"

        def run(self, a):
            return (Facade(Native()),)

    class Take:
        INPUT_TYPES = required(model=("MODEL",))
        RETURN_TYPES = ("INT",)
        FUNCTION = "run"

        def run(self, model):
            seen.append(type(model))
            return (1,)

    lab.take(Make, Take)
    lab.bridge.register(Native, Facade)
    lab.shown({"1": ("Make", {"a": 1}), "2": ("Take", {"model": ["1", 0]}), "show": ("Show", {"value": ["2", 0]})})
    assert seen == [Facade]
