"""Everything that ``from comfy_api.latest import io`` gives."""

from comfy_api.latest._declarations import (
    _IO_V3,
    AnyType,
    ComfyTypeI,
    ComfyTypeIO,
    Custom,
    Input,
    MultiType,
    Output,
    WidgetInput,
    _ComfyType,
    comfytype,
)
from comfy_api.latest._dynamic import (
    Autogrow,
    DynamicCombo,
    DynamicGroup,
    DynamicInput,
    DynamicSlot,
)
from comfy_api.latest._dynamic import input_dict as create_input_dict_v1
from comfy_api.latest._matching import MatchType
from comfy_api.latest._node import ComfyNode, NodeOutput
from comfy_api.latest._options import (
    ControlAfterGenerate,
    FolderType,
    Hidden,
    HiddenHolder,
    NumberDisplay,
    RemoteOptions,
    UploadType,
)
from comfy_api.latest._schema import NodeInfoV1, NodeReplace, PriceBadge, PriceBadgeDepends, Schema
from comfy_api.latest._types import *  # noqa: F403 - a table of types
from comfy_api.latest._widgets import (
    Boolean,
    BoundingBox,
    BoundingBoxes,
    Color,
    Colors,
    Combo,
    Curve,
    Float,
    ImageCompare,
    Int,
    MultiCombo,
    Range,
    String,
)
from comfy_host.missing import absent

_ComfyNodeBaseInternal = ComfyNode

__getattr__ = absent("comfy_api.latest.io")
