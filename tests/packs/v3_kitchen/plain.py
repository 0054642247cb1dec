"""Nodes with plain inputs: values, lists, laziness, expansion, blockers, fingerprints, validation, coroutines."""

import asyncio
from enum import Enum

from comfy_api.latest import io
from comfy_execution.graph_utils import ExecutionBlocker, GraphBuilder


class CapV3(io.ComfyNode):
    """The node of the recorded listing."""

    @classmethod
    def define_schema(cls):
        return io.Schema(
            node_id="CapV3",
            display_name="Cap V3",
            category="cap",
            inputs=[
                io.Combo.Input("mode", options=["a", "b"]),
                io.Int.Input("n", default=1, min=0, max=9),
                io.Image.Input("img", optional=True),
                io.MultiCombo.Input("mc", options=["p", "q"], optional=True),
            ],
            outputs=[io.Int.Output("out")],
            is_output_node=True,
        )

    @classmethod
    def execute(cls, mode, n, img=None, mc=None):
        return io.NodeOutput(n, ui={"mode": [mode], "mc": list(mc or ()), "kind": [type(mc).__name__]})


class Add(io.ComfyNode):
    @classmethod
    def define_schema(cls):
        return io.Schema(
            node_id="V3Add",
            category="v3/math",
            description="Adds.",
            inputs=[io.Int.Input("a", default=1), io.Int.Input("b", default=2, tooltip="second", optional=True)],
            outputs=[io.Int.Output(display_name="sum", tooltip="a + b")],
        )

    @classmethod
    def execute(cls, a, b=100):
        return io.NodeOutput(a + b)


class SlowAdd(io.ComfyNode):
    """A coroutine."""

    @classmethod
    def define_schema(cls):
        return io.Schema("V3SlowAdd", inputs=[io.Int.Input("a"), io.Int.Input("b")], outputs=[io.Int.Output()])

    @classmethod
    async def execute(cls, a, b):
        await asyncio.sleep(0.01)
        return io.NodeOutput(a + b)


class Spread(io.ComfyNode):
    @classmethod
    def define_schema(cls):
        return io.Schema(
            "V3Spread", inputs=[io.Int.Input("count")], outputs=[io.Int.Output(is_output_list=True)], category=""
        )

    @classmethod
    def execute(cls, count):
        return (list(range(count)),)  # a bare tuple is taken too


class Gather(io.ComfyNode):
    """Takes lists; hidden values come bare all the same."""

    @classmethod
    def define_schema(cls):
        return io.Schema(
            "V3Gather",
            inputs=[io.AnyType.Input("items"), io.String.Input("separator", default=",")],
            outputs=[io.String.Output()],
            hidden=[io.Hidden.unique_id],
            is_input_list=True,
        )

    @classmethod
    def execute(cls, items, separator):
        return io.NodeOutput(f"{cls.hidden.unique_id}:{separator[0].join(map(str, items))}")


class HiddenValues(io.ComfyNode):
    """Has an input that is called like a hidden value."""

    @classmethod
    def define_schema(cls):
        return io.Schema(
            "V3Hidden",
            inputs=[io.String.Input("prompt", multiline=True, dynamic_prompts=True)],
            outputs=[io.String.Output()],
            hidden=[
                io.Hidden.prompt,
                io.Hidden.extra_pnginfo,
                io.Hidden.unique_id,
                io.Hidden.dynprompt,
                "api_key_comfy_org",
            ],
            is_output_node=True,
        )

    @classmethod
    def execute(cls, prompt):
        told = {
            "prompt": [prompt],
            "nodes": [sorted(cls.hidden.prompt)],
            "extra": [cls.hidden.extra_pnginfo],
            "id": [cls.hidden.unique_id],
            "real": [cls.hidden.dynprompt.get_real_node_id(cls.hidden.unique_id)],
            "key": [cls.hidden.api_key_comfy_org is not None],
            "unknown": [cls.hidden.something_newer],
        }
        return io.NodeOutput(prompt, ui=told)


class LazySwitch(io.ComfyNode):
    @classmethod
    def define_schema(cls):
        return io.Schema(
            "V3Switch",
            inputs=[
                io.Boolean.Input("which", default=True, label_on="yes", label_off="no"),
                io.AnyType.Input("yes", lazy=True, optional=True),
                io.AnyType.Input("no", lazy=True, optional=True),
            ],
            outputs=[io.AnyType.Output()],
        )

    @classmethod
    def check_lazy_status(cls, which, yes=None, no=None):
        return ["yes" if which else "no"]

    @classmethod
    def execute(cls, which, yes=None, no=None):
        return io.NodeOutput(yes if which else no)


class Awaited(io.ComfyNode):
    """Every method is a coroutine; takes lists, so that values and fingerprints come as lists."""

    @classmethod
    def define_schema(cls):
        return io.Schema(
            "V3Awaited",
            inputs=[io.Int.Input("number"), io.Int.Input("other", lazy=True)],
            outputs=[io.Int.Output(is_output_list=True)],
            is_input_list=True,
        )

    @classmethod
    async def check_lazy_status(cls, number, other):
        await asyncio.sleep(0)
        return ["other"] if number[0] > 1 and other[0] is None else None

    @classmethod
    async def fingerprint_inputs(cls, number, other):
        return [number, other, {"a set"}]

    @classmethod
    async def validate_inputs(cls, number):
        return number[0] < 100 or "too large"

    @classmethod
    async def execute(cls, number, other):
        await asyncio.sleep(0)
        return io.NodeOutput([*number, *other])


class Expand(io.ComfyNode):
    """Becomes two other nodes."""

    @classmethod
    def define_schema(cls):
        return io.Schema(
            "V3Expand",
            inputs=[io.AnyType.Input("value")],
            outputs=[io.Int.Output(), io.Int.Output()],
            enable_expand=True,
        )

    @classmethod
    def execute(cls, value):
        builder = GraphBuilder()
        first = builder.node("V3Add", a=value, b=10)
        second = builder.node("V3Add", a=first.out(0), b=5)
        return io.NodeOutput(second.out(0), value, expand=builder.finalize())


class Block(io.ComfyNode):
    """Blocks in each of the ways that there are."""

    @classmethod
    def define_schema(cls):
        ways = ["no", "output", "silently", "returned", "one", "dict"]
        return io.Schema(
            "V3Block", inputs=[io.Combo.Input("way", options=ways)], outputs=[io.Int.Output(), io.Int.Output()]
        )

    @classmethod
    def execute(cls, way):
        if way == "output":
            return io.NodeOutput(block_execution="no way")
        if way == "silently":
            return ExecutionBlocker(None)
        if way == "returned":
            return ExecutionBlocker("said so")
        if way == "dict":
            return {"result": (7, 8), "ui": {"text": ["a dict"]}}
        return io.NodeOutput(ExecutionBlocker("only one") if way == "one" else 1, 2)


class Counted(io.ComfyNode):
    """Runs again whenever its fingerprint changes; the file that it stands for is a list here."""

    state = ["first"]
    runs = []

    @classmethod
    def define_schema(cls):
        return io.Schema("V3Counted", inputs=[io.Int.Input("a")], outputs=[io.Int.Output()])

    @classmethod
    def fingerprint_inputs(cls, a):
        if cls.state[0] == "broken":
            raise OSError("the file is gone")
        return (a, cls.state[0])

    @classmethod
    def execute(cls, a):
        cls.runs.append(a)
        return io.NodeOutput(len(cls.runs))


class Validated(io.ComfyNode):
    @classmethod
    def define_schema(cls):
        return io.Schema(
            "V3Validated",
            inputs=[
                io.Int.Input("even", min=0, max=10),
                io.String.Input("text", default=""),
                io.AnyType.Input("any", optional=True),
            ],
            outputs=[io.Int.Output()],
        )

    @classmethod
    async def validate_inputs(cls, even, input_types):
        if input_types.get("any") == "STRING":
            return "no texts here"
        return True if even is None or even % 2 == 0 else f"{even} is odd"

    @classmethod
    def execute(cls, even, text, any=None):
        return io.NodeOutput(even)


class ValidatedAll(io.ComfyNode):
    @classmethod
    def define_schema(cls):
        return io.Schema("V3ValidatedAll", inputs=[io.Int.Input("a"), io.Int.Input("b")], outputs=[io.Int.Output()])

    @classmethod
    def validate_inputs(cls, **kwargs):
        return sum(value or 0 for value in kwargs.values()) < 10

    @classmethod
    def execute(cls, a, b):
        return io.NodeOutput(a)


class Selfish(io.ComfyNode):
    """Tries to keep something on its class."""

    @classmethod
    def define_schema(cls):
        return io.Schema("V3Selfish", inputs=[], outputs=[io.Int.Output()])

    @classmethod
    def execute(cls):
        cls.kept = 1
        return io.NodeOutput(1)


class Base(io.ComfyNode):
    """Half a node; the other half inherits."""

    WIDTH = 3

    @classmethod
    def define_schema(cls):
        return io.Schema(cls.__name__, inputs=[io.Int.Input("a")], outputs=[io.Int.Output()])

    @classmethod
    def execute(cls, a):
        return io.NodeOutput(cls.scaled(a))

    @classmethod
    def scaled(cls, a):
        return a * cls.WIDTH


class V3Derived(Base):
    WIDTH = 5

    @classmethod
    def execute(cls, a):
        return io.NodeOutput(super().execute(a)[0] + 1)


class Everything(io.ComfyNode):
    """Takes inputs that it does not declare, raw links, several types, choices from an enumeration."""

    class Size(Enum):
        small = "s"
        large = "l"

    @classmethod
    def define_schema(cls):
        return io.Schema(
            node_id="V3Everything",
            display_name="Everything",
            category="v3",
            search_aliases=["all"],
            essentials_category="Basics",
            is_experimental=True,
            is_deprecated=True,
            not_idempotent=True,
            accept_all_inputs=True,
            has_intermediate_output=True,
            inputs=[
                io.Combo.Input(
                    "size", options=Everything.Size, default=Everything.Size.small, control_after_generate=True
                ),
                io.MultiType.Input(
                    io.Float.Input("amount", default=0.5, min=0, max=1, step=0.1, round=0.01), types=[io.Int, io.Mask]
                ),
                io.AnyType.Input("raw", raw_link=True, optional=True),
                io.Custom("CHEESE").Input("cheese", optional=True, advanced=True, tooltip="smells"),
                io.Color.Input("color", default="#ff0000", socketless=True, optional=True),
            ],
            outputs=[io.AnyType.Output("told")],
        )

    @classmethod
    def execute(cls, size, amount, raw=None, cheese=None, color=None, **others):
        return io.NodeOutput([size, amount, raw, cheese, color, others])


PLAIN_NODES = [
    CapV3, Add, SlowAdd, Spread, Gather, HiddenValues, LazySwitch, Awaited, Expand, Block, Counted, Validated,
    ValidatedAll, Selfish, V3Derived, Everything,
]  # fmt: skip
