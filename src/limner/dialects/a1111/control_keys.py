"""Preprocessors of A1111's ControlNet, as nodes that make hints."""

from typing import NamedTuple


class Slider(NamedTuple):
    """An input that clients set by a number.

    Attributes:
        key: The node's input.
        default: What counts if nothing is sent, or a number out of range, as some clients do for all modules.
        least: The range,
        most: in clients' numbers.
        unit: What their numbers are divided by.
    """

    key: str
    default: float
    least: float
    most: float
    unit: float = 1.0


class Module(NamedTuple):
    """A preprocessor.

    Attributes:
        node: Type of the node that makes the hint; empty: the picture is the hint.
        fixed: Its inputs that are always the same.
        first: What ``threshold_a`` sets,
        second: and what ``threshold_b`` does.
        tag: The kind of control that it belongs to.
        trained: It needs weights of its own.
    """

    node: str
    fixed: tuple[tuple[str, object], ...] = ()
    first: Slider | None = None
    second: Slider | None = None
    tag: str = "All"
    trained: bool = False


def _learned(kind: str, tag: str) -> Module:
    return Module("LearnedHint", (("kind", kind),), tag=tag, trained=True)


_LINES = (("width", 1.0), ("detail", 20.0), ("threshold", 0.5), ("sharpness", 10.0), ("fill", 0.0))
_STROKES = (("width", 1.5), ("threshold", 0.5), ("thickness", 3), ("smallest", 40))

MODULES: dict[str, Module] = {
    "none": Module(""),
    "canny": Module(
        "Canny", (), Slider("low_threshold", 100, 3, 252, 255), Slider("high_threshold", 200, 3, 252, 255), "Canny"
    ),
    "invert (from white bg & black line)": Module("ImageInvert", tag="Lineart"),
    "lineart_standard": Module("LineArt", _LINES, tag="Lineart"),
    "lineart_realistic": _learned("line art", "Lineart"),
    "lineart_anime": _learned("line art (anime)", "Lineart"),
    "scribble_xdog": Module("Scribble", _STROKES, tag="Scribble"),
    "softedge_slopes": Module("SoftEdges", (("width", 1.0), ("gamma", 0.7)), tag="SoftEdge"),
    "softedge_hed": _learned("soft edge (hed)", "SoftEdge"),
    "softedge_pidinet": _learned("soft edge (pidinet)", "SoftEdge"),
    "mlsd": _learned("straight lines", "MLSD"),
    "depth_midas": _learned("depth (midas)", "Depth"),
    "depth_zoe": _learned("depth (zoe)", "Depth"),
    "normal_bae": _learned("normal (bae)", "NormalMap"),
    "openpose": _learned("pose", "OpenPose"),
    "tile_resample": Module("TileHint", (("method", "bicubic"),), Slider("reduction", 1, 1, 16), tag="Tile"),
    "blur_gaussian": Module("BlurHint", (), Slider("sigma", 9, 0.1, 63.9), tag="Tile"),
    "shuffle": Module("ShuffleHint", (("seed", 0), ("grain", 256)), tag="Shuffle"),
    "t2ia_color_grid": Module("ColorBlocks", (("side", 64),), tag="T2I-Adapter"),
    "recolor_luminance": Module("RecolorHint", (("mode", "lightness"),), Slider("gamma", 1, 0.1, 2), tag="Recolor"),
    "recolor_intensity": Module("RecolorHint", (("mode", "intensity"),), Slider("gamma", 1, 0.1, 2), tag="Recolor"),
}

ALIASES = {
    "": "none",
    "depth": "depth_midas",
    "hed": "softedge_hed",
    "lineart": "lineart_realistic",
    "lineart_coarse": "lineart_realistic",
    "invert": "invert (from white bg & black line)",
    "color": "t2ia_color_grid",
    "pidinet": "softedge_pidinet",
    "normal_midas": "normal_bae",
}
"""Further names that clients send, most of them old ones."""

RESIZE_MODES = {
    "just resize": 0,
    "crop and resize": 1,
    "resize and fill": 2,
    "scale to fit (inner fit)": 1,
    "envelope (outer fit)": 2,
}
CONTROL_MODES = {
    "balanced": 0,
    "my prompt is more important": 1,
    "controlnet is more important": 2,
}
"""Names of the numbers that clients may send as well."""
