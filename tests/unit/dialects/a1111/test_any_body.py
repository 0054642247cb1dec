"""Whatever clients send is drawn or refused with words: nothing else may happen."""

from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from limner.dialects.a1111.axes_keys import AXES
from limner.dialects.a1111.control import control_units
from limner.dialects.a1111.drawing_keys import COMMON, FROM_PICTURE, FROM_TEXT, LIMITS
from limner.dialects.a1111.errors import refusal_of
from limner.dialects.a1111.extras import extras_graph, read_extras
from limner.dialects.a1111.known import Known
from limner.dialects.a1111.models import ModelFile
from limner.dialects.a1111.options import changed_options, options_now, picture_format
from limner.dialects.a1111.plan import plan
from limner.dialects.a1111.request import read_drawing
from limner.dialects.a1111.spreading import known_scripts, spread
from limner.graph.errors import GraphError

BASE = ModelFile("base.ckpt", Path("/base.ckpt"))
FILES = {"vae": ["better.pt"], "loras": ["a.safetensors"], "upscale_models": ["4x.pth"], "controlnet": ["tile.pth"]}
EXAMPLES = settings(max_examples=80, deadline=None, derandomize=True)

ODD = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=30),
    st.lists(st.one_of(st.none(), st.integers(), st.text(max_size=10)), max_size=4),
    st.dictionaries(st.text(max_size=5), st.one_of(st.integers(), st.text(max_size=5)), max_size=3),
)
PROMPTS = st.sampled_from(["a cat", "a|b|c", "<lora:a:1>", "<lora::>", "[a:b", "((", "a AND b :", "--steps 3", "\x00"])
SIZES = st.sampled_from([8, 64, 125, 512])
KINDS = {
    "text": PROMPTS,
    "whole": st.integers(-1, 20),
    "number": st.floats(0, 2),
    "truth": st.booleans(),
    "list": st.lists(PROMPTS, max_size=3),
    "object": st.dictionaries(st.sampled_from(["sd_vae", "s_churn", "ControlNet", "x"]), ODD, max_size=3),
}
SIDED = ("width", "height", "hr_resize_x", "hr_resize_y")
NAMED = ("script_name", "script_args", "alwayson_scripts", "sampler_name", "scheduler", "sampler_index")
ARGUMENTS = st.lists(
    st.one_of(
        ODD,
        st.sampled_from([axis.label for axis in AXES]),
        st.integers(0, 45),
        st.sampled_from(["1-5 (+2)", "1,2", "64x64", "a, b", "1-3 [2]", "-1", "Euler, Heun", "base", "--a b", "0-1"]),
    ),
    max_size=20,
)
UNIT_FIELDS = ("enabled", "image", "mask", "module", "model", "weight", "resize_mode", "threshold_a", "control_mode")
UNIT = st.dictionaries(
    st.sampled_from(UNIT_FIELDS),
    st.one_of(ODD, st.sampled_from(["tile", "canny", "reference_only", "None", "Balanced"])),
)


def known(options):
    return Known(
        checkpoint=BASE,
        checkpoints=[BASE],
        lists=lambda kind: FILES.get(kind, []),
        samplers=["euler", "heun", "dpmpp_2m"],
        schedules=["normal", "karras"],
        options=options_now(options, BASE),
        styles=[],
    )


def valid(name, kind):
    """What a field may be."""
    if name in SIDED:
        return SIZES
    if name in LIMITS and kind in ("whole", "number"):
        least, most = LIMITS[name]
        return st.integers(int(least), int(min(most, least + 3))) if kind == "whole" else st.floats(least, min(most, 2))
    return KINDS.get(kind, ODD)


def bodies(table):
    """Bodies with a few fields that may be anything."""
    free = {name: kind for name, (kind, _) in table.items() if name not in NAMED}
    fields = {name: valid(name, kind) for name, kind in free.items()}
    named = st.sampled_from([None, "", "Euler", "DPM++ 2M Karras", "k_heun", "Automatic"])
    fields |= {"sampler_name": named, "scheduler": st.sampled_from([None, "Karras", "x"]), "script_args": ARGUMENTS}
    scripts = st.sampled_from([None, "none such", *known_scripts()])
    whole = st.fixed_dictionaries({"script_name": scripts}, optional=fields)
    odd = st.dictionaries(st.sampled_from(sorted(free)), ODD, max_size=1)
    return st.builds(lambda body, more: body | more, whole, odd)


def refused(work):
    """What came of it; None if it was refused with words."""
    try:
        return work()
    except GraphError as error:
        status, body = refusal_of(error)
        assert status in (404, 422), (status, body)
        assert body["detail"]
        return None


def drawn(body, *, from_picture):
    asked = read_drawing(body, from_picture=from_picture)
    there = known(asked["override_settings"] or {})
    found = spread(asked, there)
    for cell in found.cells[:3]:
        plan(cell.asked, there.changed(cell.options)).drawing.graph()
    picture_format(there.options)
    return found


@EXAMPLES
@given(bodies(COMMON | FROM_TEXT))
def test_pictures_by_any_body(body):
    found = refused(lambda: drawn(body, from_picture=False))
    assert found is None or found.cells


@EXAMPLES
@given(bodies(COMMON | FROM_PICTURE))
def test_pictures_from_pictures_by_any_body(body):
    body = {**body, "init_images": ["x"]}
    found = refused(lambda: drawn(body, from_picture=True))
    assert found is None or found.cells


@EXAMPLES
@given(st.lists(st.one_of(UNIT, ODD), max_size=3))
def test_units_of_any_kind(units):
    found = refused(lambda: control_units({"ControlNet": {"args": units}}, FILES["controlnet"]))
    assert found is None or all(unit.module for unit in found)


@EXAMPLES
@given(st.dictionaries(st.sampled_from(["upscaler_1", "upscaling_resize", "resize_mode", "upscaling_resize_w"]), ODD))
def test_pictures_enlarged_by_any_body(body):
    def graph():
        return extras_graph(read_extras(body, FILES["upscale_models"]), [("a.png", (64, 32))])

    found = refused(graph)
    assert found is None or "picture 1" in found.nodes


@EXAMPLES
@given(st.dictionaries(st.sampled_from(list(options_now({}, BASE))), ODD, max_size=5))
def test_any_options(sent):
    changed = refused(lambda: changed_options(sent, {}))
    assert changed is None or changed.keys() <= sent.keys()
