"""How clients see V3 nodes, and what declarations are refused."""

import importlib
import inspect
import json

import pytest

CAPTURED = json.loads("""
{"input": {"required": {"mode": ["COMBO", {"multiselect": false, "options": ["a", "b"]}],
    "n": ["INT", {"default": 1, "min": 0, "max": 9}]},
  "optional": {"img": ["IMAGE", {}],
    "mc": ["COMBO", {"multiselect": true, "options": ["p", "q"], "multi_select": true}]},
  "hidden": {"prompt": ["PROMPT"], "extra_pnginfo": ["EXTRA_PNGINFO"]}},
 "input_order": {"required": ["mode", "n"], "optional": ["img", "mc"], "hidden": ["prompt", "extra_pnginfo"]},
 "output": ["INT"], "output_is_list": [false], "output_name": ["out"], "output_tooltips": [null], "name": "CapV3",
 "display_name": "Cap V3", "description": "", "python_module": "custom_nodes.cap_v3", "category": "cap",
 "output_node": true, "deprecated": false, "experimental": false, "api_node": false}
""")
"""As ComfyUI 0.3.64 answered; newer versions add keys."""

NEWER = {"is_input_list": False, "has_intermediate_output": False, "dev_only": False, "search_aliases": []}


def listed(kitchen, name):
    """A node as it arrives at a client."""
    return json.loads(json.dumps(kitchen.info(name)))


def test_the_recorded_listing(kitchen):
    assert listed(kitchen, "CapV3") == CAPTURED | NEWER | {"python_module": "custom_nodes.v3_kitchen"}


def test_facts_that_newer_versions_tell(kitchen):
    info = listed(kitchen, "V3Everything")
    told = {key: info[key] for key in ("search_aliases", "essentials_category", "experimental", "deprecated")}
    assert told == {
        "search_aliases": ["all"],
        "essentials_category": "Basics",
        "experimental": True,
        "deprecated": True,
    }
    assert info["has_intermediate_output"] is True
    assert info["output_name"] == ["told"]
    assert info["input"]["required"] == {
        "size": [
            "COMBO",
            {"default": "s", "multiselect": False, "options": ["s", "l"], "control_after_generate": True},
        ],
        "amount": [
            "FLOAT,INT,MASK",
            {"default": 0.5, "min": 0, "max": 1, "step": 0.1, "round": 0.01, "widgetType": "FLOAT"},
        ],
    }
    assert info["input"]["optional"] == {
        "raw": ["*", {"rawLink": True}],
        "cheese": ["CHEESE", {"tooltip": "smells", "advanced": True}],
        "color": ["COLOR", {"default": "#ff0000", "socketless": True}],
    }


def test_a_node_without_a_display_name(kitchen):
    info = listed(kitchen, "V3Add")
    assert info["display_name"] is None
    assert info["output_tooltips"] == ["a + b"]
    assert kitchen.definitions["V3Add"].type.title == "V3Add"


def test_dynamic_inputs(kitchen):
    assert listed(kitchen, "V3Join")["input"]["required"]["texts"] == [
        "COMFY_AUTOGROW_V3",
        {
            "template": {
                "input": {"required": {"text": ["STRING", {"multiline": False}]}},
                "prefix": "text",
                "min": 2,
                "max": 5,
            }
        },
    ]
    kind, options = listed(kitchen, "V3Resize")["input"]["required"]["how"]
    assert kind == "COMFY_DYNAMICCOMBO_V3"
    assert [option["key"] for option in options["options"]] == ["by factor", "to size", "to match"]
    assert list(options["options"][1]["inputs"]["required"]) == ["width", "height", "fit"]
    kind, options = listed(kitchen, "V3Slot")["input"]["optional"]["mask"]
    assert (kind, options["slotType"], options["forceInput"]) == ("COMFY_DYNAMICSLOT_V3", "MASK", True)
    kind, options = listed(kitchen, "V3Rows")["input"]["required"]["rows"]
    assert (kind, options["min"], options["max"]) == ("COMFY_DYNAMICGROUP_V3", 1, 4)


def test_types_that_match(kitchen):
    info = listed(kitchen, "V3Same")
    template = {"template_id": "T", "allowed_types": "IMAGE,MASK"}
    assert info["input"]["required"]["a"] == ["COMFY_MATCHTYPE_V3", {"template": template}]
    assert info["output"] == ["COMFY_MATCHTYPE_V3", "INT"]
    assert info["output_matchtypes"] == ["T", None]
    assert "output_matchtypes" not in kitchen.info("V3Add")


def test_everything_can_be_listed_and_sent(kitchen):
    from msgspec import json as fast

    from limner.graph.node_type import NodeType

    assert len(kitchen.definitions) >= 20
    for name, definition in kitchen.definitions.items():
        assert listed(kitchen, name)["name"] == name
        assert fast.decode(fast.encode(definition.type), type=NodeType) == definition.type


def test_classes_look_like_classic_ones(kitchen):
    add = kitchen.node("V3Add")
    assert add.INPUT_TYPES()["required"]["a"] == ("INT", {"default": 1})
    assert (add.RETURN_TYPES, add.RETURN_NAMES, add.CATEGORY) == (["INT"], ["sum"], "v3/math")
    assert (add.OUTPUT_NODE, add.INPUT_IS_LIST, add.OUTPUT_IS_LIST, add.DEPRECATED) == (False, False, [False], False)
    assert getattr(add(), add.FUNCTION)(a=1, b=2).result == (3,)
    slow = kitchen.node("V3SlowAdd")
    assert inspect.iscoroutinefunction(getattr(slow, slow.FUNCTION))


def test_schemas_are_asked_for_anew(kitchen, monkeypatch):
    kind = kitchen.node("CapV3")
    before = kind.define_schema()
    before.inputs[0].options = ["new"]
    monkeypatch.setattr(kind, "define_schema", classmethod(lambda cls: before))
    assert listed(kitchen, "CapV3")["input"]["required"]["mode"][1]["options"] == ["new"]


BROKEN = {
    "repeated input ids": "Every id may be used once in inputs; used more often: a",
    "repeated output ids": "Every id may be used once in outputs; used more often: o",
    "an empty node_id": "needs a node_id that is a text",
    "a class for an output": r"expected io.<Type>.Output\(...\) in outputs, got a class: add \(\)",
    "limits that cross": "'a' allows nothing: its min is 3 and its max 1",
    "no schema": "define_schema gave a dict; expected an io.Schema",
    "an unnamed input": "needs an id that is a text",
    "repeated ids in an option": "used more often: a",
    "a template that cannot grow": "grows from 9 to 3",
    "no execute": "NoExecute needs a class method execute",
}


@pytest.mark.parametrize("case", BROKEN)
def test_declarations_that_make_no_sense(broken, case):
    with pytest.raises((ValueError, TypeError, NotImplementedError), match=BROKEN[case]):
        broken.CASES[case].GET_SCHEMA()


@pytest.mark.parametrize(
    ("module", "names"),
    [
        ("comfy_api.latest", "io ui IO UI ComfyExtension ComfyAPI ComfyAPISync Input InputImpl Types _io _ui"),
        ("comfy_api.v0_0_1", "ComfyAPI ComfyAPISync Input InputImpl Types"),
        ("comfy_api.v0_0_2", "io ui IO UI ComfyExtension ComfyAPI ComfyAPISync Input InputImpl Types"),
        ("comfy_api.input", "ImageInput AudioInput MaskInput LatentInput VideoInput"),
        ("comfy_api.input_impl", "VideoFromFile VideoFromComponents"),
        ("comfy_api.util", "VideoContainer VideoCodec VideoComponents"),
        ("comfy_api.internal", "first_real_override is_class prune_dict shallow_clone_class _ComfyNodeInternal"),
        (
            "comfy_api.latest._io",
            "Int Float String Boolean Combo MultiCombo Image Mask Latent Conditioning Model Clip Vae ControlNet "
            "ClipVision ClipVisionOutput StyleModel Gligen UpscaleModel Audio Video SVG Sampler Sigmas Noise "
            "Guider LoraModel LossMap Voxel Mesh Hooks HookKeyframes TimestepsRange LatentOperation FlowControl "
            "Accumulation Load3D Load3DAnimation Load3DCamera Photomaker Point FaceAnalysis BBOX SEGS ModelPatch "
            "AudioEncoder AudioEncoderOutput WanCameraEmbedding Webcam AnyType Custom MultiType MatchType "
            "Autogrow DynamicCombo DynamicSlot DynamicGroup Schema ComfyNode NodeOutput Hidden FolderType "
            "UploadType NumberDisplay RemoteOptions comfytype ComfyTypeIO ComfyTypeI Color Colors BoundingBox "
            "Curve Range ImageCompare",
        ),
        (
            "comfy_api.latest._ui",
            "PreviewImage PreviewMask PreviewAudio PreviewVideo PreviewUI3D PreviewText SavedImages SavedAudios "
            "SavedResult ImageSaveHelper AudioSaveHelper",
        ),
    ],
)
def test_names_that_packs_import(host, module, names):
    found = importlib.import_module(module)
    assert not [name for name in names.split() if not hasattr(found, name)]


def test_a_name_that_is_missing_is_named(host):
    latest = importlib.import_module("comfy_api.latest")
    with pytest.raises(AttributeError, match=r"comfy_api.latest.io.Teleporter"):
        latest.io.Teleporter


def test_types_of_a_packs_own(host):
    io = importlib.import_module("comfy_api.latest").io

    @io.comfytype(io_type="SPOON")
    class Spoon(io.ComfyTypeIO):
        class Input(io.WidgetInput):
            """With a widget."""

    taken = Spoon.Input("spoon", default=3, widget_type="SPOONS", force_input=True, extra_dict={"shiny": True})
    assert (taken.io_type, Spoon.Output().io_type) == ("SPOON", "SPOON")
    assert taken.as_dict() == {"default": 3, "widgetType": "SPOONS", "forceInput": True, "shiny": True}
    assert io.Image.Input("image").io_type == "IMAGE"


def test_choices_of_files_and_of_remote_lists(host):
    io = importlib.import_module("comfy_api.latest").io
    file = io.Combo.Input("file", options=["a.png"], upload=io.UploadType.image, image_folder=io.FolderType.input)
    assert file.as_dict() == {"multiselect": False, "options": ["a.png"], "image_upload": True, "image_folder": "input"}
    remote = io.Combo.Input("model", remote=io.RemoteOptions(route="/x", refresh_button=True))
    assert remote.as_dict()["remote"] == {"route": "/x", "refresh_button": True, "control_after_refresh": "first"}
    assert file.choices() is None and remote.choices() is None


def test_numbers_by_position(host):
    io = importlib.import_module("comfy_api.latest").io
    seed = io.Int.Input("seed", "Seed", True, "tip", None, 1, 0, 9, 2, True, io.NumberDisplay.slider)
    assert seed.as_dict() == {
        "display_name": "Seed", "tooltip": "tip", "default": 1, "min": 0, "max": 9, "step": 2,
        "control_after_generate": True, "display": "slider",
    }  # fmt: skip
    assert seed.optional
    assert io.Float.Input("f", None, False, None, None, 1.0, 0.0, 9.0, 0.1, 0.01).as_dict()["round"] == 0.01
