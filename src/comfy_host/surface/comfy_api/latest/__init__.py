"""The newest interface: classes of nodes, their inputs and outputs, what they show, what they may ask."""

from comfy_api.latest import _io, _ui
from comfy_api.latest import _io as io
from comfy_api.latest import _ui as ui
from comfy_api.latest._api import ComfyAPI, ComfyAPISync, ComfyExtension
from comfy_api.latest._media import Input, InputImpl, Types
from comfy_host.missing import absent

IO = io
UI = ui
ComfyAPI_latest = ComfyAPI

__all__ = ["IO", "UI", "ComfyAPI", "ComfyAPISync", "ComfyExtension", "Input", "InputImpl", "Types", "io", "ui"]

__getattr__ = absent("comfy_api.latest")
