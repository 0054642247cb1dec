"""A pack of V1 nodes that show one behaviour each."""

import nodes
from comfy_execution.graph_utils import ExecutionBlocker, GraphBuilder
from server import PromptServer


class AnyType(str):
    def __ne__(self, other):
        return False

    __hash__ = str.__hash__


ANY = AnyType("*")


class PackAdd:
    """Adds two numbers."""

    calls = 0

    @classmethod
    def INPUT_TYPES(cls):
        return {"required": {"a": ("INT", {"default": 1, "min": -10, "max": 10}), "b": ("INT", {"default": 2})}}

    RETURN_TYPES = ("INT", "STRING")
    RETURN_NAMES = ("sum", "text")
    FUNCTION = "add"
    CATEGORY = "test/numbers"
    DESCRIPTION = "Adds."
    OUTPUT_TOOLTIPS = ("the sum", "as text")

    def add(self, a, b):
        return (a + b, f"{a}+{b}")


class PackShow:
    @classmethod
    def INPUT_TYPES(cls):
        return {"required": {"value": (ANY,)}, "hidden": {"unique_id": "UNIQUE_ID", "info": "EXTRA_PNGINFO"}}

    RETURN_TYPES = ()
    FUNCTION = "show"
    OUTPUT_NODE = True
    CATEGORY = "test"

    def __init__(self):
        self.count = 0

    def show(self, value, unique_id=None, info=None):
        self.count += 1
        return {"ui": {"text": [str(value)], "node": [unique_id], "count": [self.count]}}


class PackRange:
    @classmethod
    def INPUT_TYPES(cls):
        return {"required": {"count": ("INT", {"default": 3})}}

    RETURN_TYPES = ("INT",)
    OUTPUT_IS_LIST = (True,)
    FUNCTION = "run"
    CATEGORY = "test/lists"

    def run(self, count):
        return (list(range(count)),)


class PackJoin:
    @classmethod
    def INPUT_TYPES(cls):
        return {"required": {"values": (ANY, {"forceInput": True}), "separator": ("STRING", {"default": ","})}}

    RETURN_TYPES = ("STRING",)
    INPUT_IS_LIST = True
    FUNCTION = "run"
    CATEGORY = "test/lists"

    def run(self, values, separator):
        return (separator[0].join(map(str, values)),)


class PackSlowAdd(PackAdd):
    async def add(self, a, b):
        import asyncio

        await asyncio.sleep(0.01)
        return (a + b, "slowly")


class PackChoose:
    """Evaluates only the branch that is chosen."""

    @classmethod
    def INPUT_TYPES(cls):
        return {
            "required": {"first": ("BOOLEAN", {"default": True})},
            "optional": {"yes": (ANY, {"lazy": True}), "no": (ANY, {"lazy": True})},
        }

    RETURN_TYPES = (ANY,)
    FUNCTION = "run"
    CATEGORY = "test/logic"

    def check_lazy_status(self, first, yes=None, no=None):
        if first and yes is None:
            return ["yes"]
        return ["no"] if not first and no is None else []

    def run(self, first, yes=None, no=None):
        return (yes if first else no,)


class PackFail:
    @classmethod
    def INPUT_TYPES(cls):
        return {"required": {"message": ("STRING", {"default": "boom"})}}

    RETURN_TYPES = ("INT",)
    FUNCTION = "run"
    CATEGORY = "test"

    def run(self, message):
        raise ValueError(message)


class PackTimes:
    """Multiplies by adding again and again, in an expansion."""

    @classmethod
    def INPUT_TYPES(cls):
        return {"required": {"a": ("INT", {"default": 2}), "times": ("INT", {"default": 3})}}

    RETURN_TYPES = ("INT",)
    FUNCTION = "run"
    CATEGORY = "test/expansion"

    def run(self, a, times):
        graph = GraphBuilder()
        value = 0
        for _ in range(times):
            value = graph.node("PackAdd", a=a, b=value).out(0)
        return {"result": (value,), "expand": graph.finalize()}


class PackBlock:
    @classmethod
    def INPUT_TYPES(cls):
        return {"required": {"block": ("BOOLEAN", {"default": True}), "message": ("STRING", {"default": ""})}}

    RETURN_TYPES = ("INT",)
    FUNCTION = "run"
    CATEGORY = "test/logic"

    def run(self, block, message):
        return (ExecutionBlocker(message or None) if block else 7,)


class PackChecked:
    """Validates and fingerprints."""

    state = 0

    @classmethod
    def INPUT_TYPES(cls):
        return {"required": {"number": ("INT", {"default": 1, "max": 5}), "mode": (["a", "b"],)}}

    @classmethod
    def VALIDATE_INPUTS(cls, number):
        return True if number % 2 == 0 else "must be even"

    @classmethod
    def IS_CHANGED(cls, number, mode):
        return cls.state

    RETURN_TYPES = ("INT",)
    FUNCTION = "run"
    CATEGORY = "test"

    def run(self, number, mode):
        return (number,)


class FlexibleInputs(dict):
    def __contains__(self, key):
        return True

    def __getitem__(self, key):
        return (ANY,)


class PackFlexible:
    @classmethod
    def INPUT_TYPES(cls):
        return {"required": {}, "optional": FlexibleInputs()}

    RETURN_TYPES = ("STRING",)
    FUNCTION = "run"
    CATEGORY = "test"

    def run(self, **kwargs):
        return (",".join(f"{name}={kwargs[name]}" for name in sorted(kwargs)),)


class PackEmptyImage:
    """Calls a node of the host."""

    @classmethod
    def INPUT_TYPES(cls):
        return {"required": {"side": ("INT", {"default": 8, "max": nodes.MAX_RESOLUTION})}}

    RETURN_TYPES = ("IMAGE",)
    FUNCTION = "run"
    CATEGORY = "test"

    def run(self, side):
        return nodes.EmptyImage().generate(side, side, 1, 255)


class PackSpeak:
    @classmethod
    def INPUT_TYPES(cls):
        return {"required": {"text": ("STRING", {"default": "hello"})}}

    RETURN_TYPES = ("STRING",)
    FUNCTION = "run"
    OUTPUT_NODE = True
    CATEGORY = "test"

    def run(self, text):
        server = PromptServer.instance
        server.send_sync("pack.spoke", {"text": text, "node": server.last_node_id}, server.client_id)
        return {"ui": {"text": [text]}, "result": (text,)}


class EmptyImage(PackFail):
    """Has the name of a node of the host, which stays."""


@PromptServer.instance.routes.get("/pack/hello")
async def hello(request):
    from aiohttp import web

    return web.json_response({"hello": request.query.get("name", "world")})


@PromptServer.instance.routes.post("/pack/echo/{name}")
async def echo(request):
    from aiohttp import web

    return web.Response(body=await request.read(), headers={"X-Name": request.match_info["name"]})


@PromptServer.instance.routes.get("/pack/shout")
async def shout(request):
    from aiohttp import web

    PromptServer.instance.send_progress_text(request.query["text"], "7")
    return web.Response()


def on_prompt(body):
    for node in body.get("prompt", {}).values():
        if node.get("class_type") == "PackOldName":
            node["class_type"] = "PackAdd"
    return body


PromptServer.instance.add_on_prompt_handler(on_prompt)

WEB_DIRECTORY = "./web"

NODE_CLASS_MAPPINGS = {
    kind.__name__: kind
    for kind in (
        PackAdd,
        PackShow,
        PackRange,
        PackJoin,
        PackSlowAdd,
        PackChoose,
        PackFail,
        PackTimes,
        PackBlock,
        PackChecked,
        PackFlexible,
        PackEmptyImage,
        PackSpeak,
        EmptyImage,
    )
}
NODE_DISPLAY_NAME_MAPPINGS = {"PackAdd": "Add (pack)"}
