"""Logic, lists and loops by expansion."""

import operator
import random

from comfy_execution.graph import ExecutionBlocker
from comfy_execution.graph_utils import GraphBuilder, is_link


class AnyType(str):
    """Equal to every socket type."""

    def __ne__(self, other):
        return False


class Flexible(dict):
    """Optional inputs under any name."""

    def __init__(self, kind):
        super().__init__()
        self.kind = kind

    def __getitem__(self, key):
        return (self.kind,)

    def __contains__(self, key):
        return True


ANY = AnyType("*")
CATEGORY = "suite/logic"
SLOTS = 3


def simple(name, function, returns, **inputs):
    """A node class from a function."""

    def run(self, **given):
        result = function(**given)
        return result if isinstance(result, tuple) else (result,)

    def types(cls):
        return {"required": {key: value if isinstance(value, tuple) else (value,) for key, value in inputs.items()}}

    return type(
        name,
        (),
        {
            "CATEGORY": CATEGORY,
            "FUNCTION": "run",
            "RETURN_TYPES": returns if isinstance(returns, tuple) else (returns,),
            "INPUT_TYPES": classmethod(types),
            "run": run,
        },
    )


INT = ("INT", {"default": 0, "min": -0xFFFFFFFF, "max": 0xFFFFFFFF, "step": 1})
FLOAT = ("FLOAT", {"default": 0.0, "step": 0.001})
COMPARISONS = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    ">": operator.gt,
    "<=": operator.le,
    ">=": operator.ge,
}
MATHS = {
    "add": operator.add,
    "sub": operator.sub,
    "mul": operator.mul,
    "floordiv": operator.floordiv,
    "mod": operator.mod,
}

SuiteCompare = simple(
    "SuiteCompare", lambda a, b, how: COMPARISONS[how](a, b), "BOOLEAN", a=ANY, b=ANY, how=(list(COMPARISONS),)
)
SuiteIntMath = simple("SuiteIntMath", lambda a, b, op: MATHS[op](a, b), "INT", a=INT, b=INT, op=(list(MATHS),))
SuiteFloatMath = simple(
    "SuiteFloatMath", lambda a, b, op: float(MATHS[op](a, b)), "FLOAT", a=FLOAT, b=FLOAT, op=(list(MATHS),)
)
SuiteNot = simple("SuiteNot", lambda value: not value, "BOOLEAN", value=("BOOLEAN", {"default": False}))
SuiteAnd = simple("SuiteAnd", lambda a, b: a and b, "BOOLEAN", a="BOOLEAN", b="BOOLEAN")
SuiteOr = simple("SuiteOr", lambda a, b: a or b, "BOOLEAN", a="BOOLEAN", b="BOOLEAN")
SuiteToString = simple("SuiteToString", lambda value: str(value), "STRING", value=ANY)
SuiteToInt = simple("SuiteToInt", lambda value: int(float(value)), "INT", value=ANY)
SuiteInt = simple("SuiteInt", lambda value: value, "INT", value=INT)
SuiteString = simple("SuiteString", lambda value: value, "STRING", value=("STRING", {"multiline": True}))
SuiteBool = simple("SuiteBool", lambda value: value, "BOOLEAN", value=("BOOLEAN", {"default": True}))
SuiteRandom = simple(
    "SuiteRandom", lambda seed, low, high: random.Random(seed).randint(low, high), "INT", seed=INT, low=INT, high=INT
)


class SuiteSwitch:
    CATEGORY, FUNCTION, RETURN_TYPES = CATEGORY, "run", (ANY,)

    @classmethod
    def INPUT_TYPES(cls):
        return {
            "required": {"on": ("BOOLEAN", {"default": True})},
            "optional": {"yes": (ANY, {"lazy": True}), "no": (ANY, {"lazy": True})},
        }

    def check_lazy_status(self, on, yes=None, no=None):
        if on and yes is None:
            return ["yes"]
        return ["no"] if not on and no is None else []

    def run(self, on, yes=None, no=None):
        return (yes if on else no,)


class SuiteGate:
    CATEGORY, FUNCTION, RETURN_TYPES = CATEGORY, "run", (ANY,)

    @classmethod
    def INPUT_TYPES(cls):
        return {
            "required": {"value": (ANY,), "open": ("BOOLEAN", {"default": True})},
            "optional": {"why": ("STRING", {"default": ""})},
        }

    def run(self, value, open, why=""):
        return (value if open else ExecutionBlocker(why or None),)


class SuiteCollect:
    CATEGORY, FUNCTION, RETURN_TYPES = CATEGORY, "run", ("LIST", "INT")

    @classmethod
    def INPUT_TYPES(cls):
        return {"required": {}, "optional": Flexible(ANY)}

    def run(self, **values):
        return ([values[key] for key in sorted(values)], len(values))


class SuiteListToItems:
    CATEGORY, FUNCTION, RETURN_TYPES, OUTPUT_IS_LIST = CATEGORY, "run", (ANY,), (True,)

    @classmethod
    def INPUT_TYPES(cls):
        return {"required": {"values": ("LIST",)}}

    def run(self, values):
        return (list(values),)


class SuiteItemsToList:
    CATEGORY, FUNCTION, RETURN_TYPES, INPUT_IS_LIST = CATEGORY, "run", ("LIST", "INT"), True

    @classmethod
    def INPUT_TYPES(cls):
        return {"required": {"values": (ANY,)}}

    def run(self, values):
        return (list(values), len(values))


class SuiteRange:
    CATEGORY, FUNCTION, RETURN_TYPES, OUTPUT_IS_LIST = CATEGORY, "run", ("INT",), (True,)

    @classmethod
    def INPUT_TYPES(cls):
        return {"required": {"start": INT, "stop": INT}}

    def run(self, start, stop):
        return (list(range(start, stop)),)


class SuiteShow:
    CATEGORY, FUNCTION, RETURN_TYPES, OUTPUT_NODE = CATEGORY, "run", (), True

    @classmethod
    def INPUT_TYPES(cls):
        return {"required": {"value": (ANY,)}, "hidden": {"unique_id": "UNIQUE_ID", "dynprompt": "DYNPROMPT"}}

    def run(self, value, unique_id, dynprompt):
        node = dynprompt.get_node(unique_id)
        return {"ui": {"text": [f"{value}"], "class": [node["class_type"]]}}


class SuiteEveryTime:
    CATEGORY, FUNCTION, RETURN_TYPES = CATEGORY, "run", ("INT",)

    def __init__(self):
        self.count = 0

    @classmethod
    def INPUT_TYPES(cls):
        return {"required": {}}

    @classmethod
    def IS_CHANGED(cls, **_):
        return float("nan")

    def run(self):
        self.count += 1
        return (self.count,)


class SuiteRepeat:
    """Expands into a chain of additions."""

    CATEGORY, FUNCTION, RETURN_TYPES = CATEGORY, "run", ("INT",)

    @classmethod
    def INPUT_TYPES(cls):
        return {"required": {"start": INT, "step": INT, "times": ("INT", {"default": 3, "min": 1, "max": 50})}}

    def run(self, start, step, times):
        graph = GraphBuilder()
        value = start
        for _ in range(times):
            value = graph.node("SuiteIntMath", a=value, b=step, op="add").out(0)
        return {"result": (value,), "expand": graph.finalize()}


class SuiteWhileOpen:
    CATEGORY, FUNCTION = CATEGORY, "run"
    RETURN_TYPES = ("FLOW_CONTROL", *[ANY] * SLOTS)
    RETURN_NAMES = ("flow", *(f"value{i}" for i in range(SLOTS)))

    @classmethod
    def INPUT_TYPES(cls):
        values = {f"initial{i}": (ANY,) for i in range(SLOTS)}
        return {"required": {"condition": ("BOOLEAN", {"default": True})}, "optional": values}

    def run(self, condition, **values):
        return ("stub", *(values.get(f"initial{i}") for i in range(SLOTS)))


class SuiteWhileClose:
    """Runs the body again by expanding into a copy of it."""

    CATEGORY, FUNCTION = CATEGORY, "run"
    RETURN_TYPES = tuple([ANY] * SLOTS)

    @classmethod
    def INPUT_TYPES(cls):
        values = {f"initial{i}": (ANY,) for i in range(SLOTS)}
        return {
            "required": {"flow": ("FLOW_CONTROL", {"rawLink": True}), "condition": ("BOOLEAN", {"forceInput": True})},
            "optional": values,
            "hidden": {"dynprompt": "DYNPROMPT", "unique_id": "UNIQUE_ID"},
        }

    def upstream(self, node_id, dynprompt, found):
        for value in dynprompt.get_node(node_id)["inputs"].values():
            if is_link(value):
                found.setdefault(value[0], []).append(node_id)
                if len(found[value[0]]) == 1:
                    self.upstream(value[0], dynprompt, found)

    def contained(self, node_id, above, inside):
        for child in above.get(node_id, ()):
            if child not in inside:
                inside.add(child)
                self.contained(child, above, inside)

    def run(self, flow, condition, dynprompt, unique_id, **values):
        if not condition:
            return tuple(values.get(f"initial{i}") for i in range(SLOTS))
        above, inside = {}, set()
        self.upstream(unique_id, dynprompt, above)
        opened = flow[0]
        self.contained(opened, above, inside)
        inside |= {unique_id, opened}
        graph = GraphBuilder()
        for name in inside:
            original = dynprompt.get_node(name)
            node = graph.node(original["class_type"], "Recurse" if name == unique_id else name)
            node.set_override_display_id(name)
        for name in inside:
            original = dynprompt.get_node(name)
            node = graph.lookup_node("Recurse" if name == unique_id else name)
            for key, value in original["inputs"].items():
                if is_link(value) and value[0] in inside:
                    node.set_input(
                        key, graph.lookup_node("Recurse" if value[0] == unique_id else value[0]).out(value[1])
                    )
                else:
                    node.set_input(key, value)
        begin = graph.lookup_node(opened)
        for i in range(SLOTS):
            begin.set_input(f"initial{i}", values.get(f"initial{i}"))
        again = graph.lookup_node("Recurse")
        return {"result": tuple(again.out(i) for i in range(SLOTS)), "expand": graph.finalize()}


NODE_CLASS_MAPPINGS = {
    name: value for name, value in list(globals().items()) if isinstance(value, type) and name.startswith("Suite")
}
NODE_DISPLAY_NAME_MAPPINGS = {"SuiteSwitch": "Switch (lazy)"}
