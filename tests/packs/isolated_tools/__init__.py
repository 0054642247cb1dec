"""A pack of nodes that show what isolation does: crashes, objects of its own, what crosses and what does not."""

import ctypes
import os
import time
from pathlib import Path

import torch
from comfy.utils import ProgressBar
from server import PromptServer


class Thing:
    """An object that only this pack understands."""

    def __init__(self, name):
        self.name = name


class IsolatedMake:
    CATEGORY = "test"
    FUNCTION = "run"
    RETURN_TYPES = ("THING",)

    @classmethod
    def INPUT_TYPES(cls):
        return {"required": {"name": ("STRING", {"default": "x"})}}

    def run(self, name):
        return (Thing(name),)


class IsolatedUse:
    CATEGORY = "test"
    FUNCTION = "run"
    RETURN_TYPES = ("STRING",)

    @classmethod
    def INPUT_TYPES(cls):
        return {"required": {"thing": ("THING",)}}

    def run(self, thing):
        return (f"{type(thing).__name__} {thing.name}",)


class IsolatedFlip:
    CATEGORY = "test"
    FUNCTION = "run"
    RETURN_TYPES = ("IMAGE", "INT")

    @classmethod
    def INPUT_TYPES(cls):
        return {"required": {"image": ("IMAGE",)}}

    def run(self, image):
        return (torch.flip(image, (2,)), os.getpid())


class IsolatedCrash:
    CATEGORY = "test"
    FUNCTION = "run"
    RETURN_TYPES = ("INT",)

    @classmethod
    def INPUT_TYPES(cls):
        return {"required": {"salt": ("INT", {"default": 0})}}

    def run(self, salt):
        ctypes.string_at(0)


class IsolatedStubborn:
    """Writes down that it has begun, then sleeps and looks at nothing."""

    CATEGORY = "test"
    FUNCTION = "run"
    RETURN_TYPES = ("INT",)

    @classmethod
    def INPUT_TYPES(cls):
        return {"required": {"seconds": ("INT", {"default": 60}), "mark": ("STRING", {"default": ""})}}

    def run(self, seconds, mark):
        ProgressBar(10).update_absolute(1, 10)
        PromptServer.instance.send_sync("isolated.says", {"pid": os.getpid()})
        if mark:
            Path(mark).touch()
        time.sleep(seconds)
        return (seconds,)


class IsolatedModel:
    """Looks into a model if it is asked to; else hands it on."""

    CATEGORY = "test"
    FUNCTION = "run"
    RETURN_TYPES = ("MODEL",)

    @classmethod
    def INPUT_TYPES(cls):
        return {"required": {"model": ("MODEL",), "look": ("BOOLEAN", {"default": False})}}

    def run(self, model, look):
        return (model.clone() if look else model,)


NODE_CLASS_MAPPINGS = {
    kind.__name__: kind
    for kind in (IsolatedMake, IsolatedUse, IsolatedFlip, IsolatedCrash, IsolatedStubborn, IsolatedModel)
}
