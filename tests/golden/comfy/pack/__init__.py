"""Nodes that the recordings were made with: they wait, fail, block, show progress and text."""

import time

import comfy.utils
import torch
from comfy_execution.graph import ExecutionBlocker
from comfy_execution.graph_utils import GraphBuilder
from PIL import Image
from server import PromptServer


class CapSleep:
    CATEGORY, FUNCTION, RETURN_TYPES = "cap", "run", ("INT",)

    @classmethod
    def INPUT_TYPES(cls):
        return {"required": {"seconds": ("FLOAT", {"default": 0.1, "min": 0, "max": 60}), "n": ("INT", {"default": 0})}}

    def run(self, seconds, n):
        bar = comfy.utils.ProgressBar(100)
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            time.sleep(0.02)
            bar.update_absolute(0)
        return (n,)


class CapProgress:
    CATEGORY, FUNCTION, RETURN_TYPES = "cap", "run", ("INT",)

    @classmethod
    def INPUT_TYPES(cls):
        return {"required": {"n": ("INT", {"default": 0}), "preview": ("BOOLEAN", {"default": True})}}

    def run(self, n, preview):
        bar = comfy.utils.ProgressBar(2)
        for step in (1, 2):
            picture = ("JPEG", Image.new("RGB", (32, 16), (255, 0, 0)), 512) if preview else None
            bar.update_absolute(step, 2, picture)
        return (n,)


class CapError:
    CATEGORY, FUNCTION, RETURN_TYPES = "cap", "run", ("INT",)

    @classmethod
    def INPUT_TYPES(cls):
        return {"required": {"x": ("INT", {"default": 3}), "after": ("IMAGE",)}}

    def run(self, x, after):
        raise RuntimeError(f"boom {x}")


class CapBlock:
    CATEGORY, FUNCTION, RETURN_TYPES = "cap", "run", ("IMAGE",)

    @classmethod
    def INPUT_TYPES(cls):
        return {"required": {"message": ("STRING", {"default": ""})}}

    def run(self, message):
        return (ExecutionBlocker(message or None),)


class CapText:
    CATEGORY, FUNCTION, RETURN_TYPES, OUTPUT_NODE = "cap", "run", (), True

    @classmethod
    def INPUT_TYPES(cls):
        return {"required": {"n": ("INT", {"default": 0})}, "hidden": {"unique_id": "UNIQUE_ID"}}

    def run(self, n, unique_id):
        PromptServer.instance.send_progress_text("hello text", unique_id)
        PromptServer.instance.send_sync("cap.event", {"n": n})
        return {"ui": {"text": (f"n={n}",)}}


class CapExpand:
    CATEGORY, FUNCTION, RETURN_TYPES = "cap", "run", ("IMAGE",)

    @classmethod
    def INPUT_TYPES(cls):
        return {"required": {"color": ("INT", {"default": 0})}}

    def run(self, color):
        graph = GraphBuilder()
        picture = graph.node("EmptyImage", width=8, height=8, batch_size=1, color=color)
        graph.node("PreviewImage", images=picture.out(0))
        return {"result": (picture.out(0),), "expand": graph.finalize()}


class CapValidate:
    CATEGORY, FUNCTION, RETURN_TYPES, OUTPUT_NODE = "cap", "run", (), True

    @classmethod
    def INPUT_TYPES(cls):
        return {"required": {"a": ("INT", {"default": 0, "max": 5}), "mode": (["a", "b"],)}}

    @classmethod
    def VALIDATE_INPUTS(cls, a):
        if a == 13:
            raise ValueError("explode")
        return True if a < 10 else "too big" if a < 20 else False

    def run(self, a, mode):
        return {"ui": {"text": [str(a)]}}


class CapList:
    CATEGORY, FUNCTION, RETURN_TYPES, OUTPUT_IS_LIST = "cap", "run", ("IMAGE",), (True,)

    @classmethod
    def INPUT_TYPES(cls):
        return {"required": {"count": ("INT", {"default": 2})}}

    def run(self, count):
        return ([torch.full((1, 8, 8, 3), index / 10) for index in range(count)],)


NODE_CLASS_MAPPINGS = {
    value.__name__: value
    for value in (CapSleep, CapProgress, CapError, CapBlock, CapText, CapExpand, CapValidate, CapList)
}
NODE_DISPLAY_NAME_MAPPINGS = {"CapSleep": "Cap Sleep"}


@PromptServer.instance.routes.get("/cap/hello")
async def hello(request):
    from aiohttp import web

    return web.json_response({"hello": request.rel_url.query.get("name", "")})
