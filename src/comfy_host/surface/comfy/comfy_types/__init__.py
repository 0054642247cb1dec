"""Types for annotations of nodes."""

from collections.abc import Callable
from typing import Any, Protocol, TypedDict

from comfy.comfy_types.node_typing import IO, CheckLazyMixin, ComfyNodeABC, FileLocator, InputTypeDict

UnetApplyFunction = Callable[..., Any]
UnetApplyConds = dict
UnetParams = dict
UnetWrapperFunction = Callable[..., Any]
