"""Node types from annotated functions."""

from typing import Annotated, Any

import msgspec
import pytest

from limner.graph.declare import Choice, Flags, Hidden, NodeResult, Number, Service, Socket, Text, node
from limner.graph.errors import SettingsError
from limner.graph.node_type import NodeType, fits


class Folders:
    """Some service."""


def checks(file, folders, **others):
    return True


@node(
    title="Sample", category="test", outputs=("picture",), list_outputs=(True,), output=True, version=3, validate=checks
)
def Sample(
    *,
    image: Annotated[Any, Socket("IMAGE"), Flags(lazy=True, tooltip="what comes in")],
    width: Annotated[int, Number(min=8, max=64, step=8, options={"round": 1})] = 16,
    text: Annotated[str, Text(multiline=True, dynamic_prompts=True)] = "",
    file: Annotated[str, Choice(source="checkpoints")],
    mode: Annotated[str, Choice("a", "b", multiselect=True)] = "b",
    amount: Annotated[float, Flags(optional=True, force_input=True)] = 0.5,
    flag: bool = True,
    prompt: Annotated[Any, Hidden("PROMPT")] = None,
    folders: Annotated[Folders, Service()],
) -> tuple[Annotated[Any, Socket("IMAGE")], int]:
    """What it does.

    At length.
    """
    return image, width


def test_inputs():
    found = {entry.name: entry for entry in Sample.type.inputs}
    assert list(found) == ["image", "width", "text", "file", "mode", "amount", "flag"]
    assert [entry.type for entry in found.values()] == ["IMAGE", "INT", "STRING", "COMBO", "COMBO", "FLOAT", "BOOLEAN"]
    assert found["image"].lazy
    assert found["image"].options == {"tooltip": "what comes in", "lazy": True}
    assert found["width"].options == {"default": 16, "min": 8, "max": 64, "step": 8, "round": 1}
    assert found["text"].options == {"default": "", "multiline": True, "dynamicPrompts": True}
    assert (found["file"].choices, found["file"].choices_from) == (None, "checkpoints")
    assert (found["mode"].choices, found["mode"].options) == (("a", "b"), {"default": "b", "multiselect": True})
    assert not found["amount"].required
    assert found["amount"].options == {"default": 0.5, "forceInput": True}


def test_the_rest():
    found = Sample.type
    assert (found.name, found.title, found.doc, found.version) == ("Sample", "Sample", "What it does.\n\nAt length.", 3)
    assert [(output.name, output.type, output.is_list) for output in found.outputs] == [
        ("picture", "IMAGE", True),
        ("INT", "INT", False),
    ]
    assert found.hidden == {"prompt": "PROMPT"}
    assert Sample.services == {"folders": Folders}
    assert found.asks_validation
    assert found.validated == ("file", "*")
    assert Sample(image=1, width=2, file="", folders=Folders()) == (1, 2)


def test_a_type_survives_the_way_between_processes():
    assert msgspec.json.decode(msgspec.json.encode(Sample.type), type=NodeType) == Sample.type


def test_outputs_of_a_result_or_nothing():
    @node(title="", category="")
    def Nothing() -> None:
        """Gives nothing."""

    @node(title="", category="", name="Other")
    def Shown() -> NodeResult:
        """Gives what it shows."""

    assert Nothing.type.outputs == Shown.type.outputs == ()
    assert Shown.type.name == "Other"


def test_an_annotation_that_says_nothing():
    with pytest.raises(SettingsError, match=r"Wrong\.thing: annotate it"):

        @node(title="", category="")
        def Wrong(*, thing: dict) -> None:
            """Says nothing."""

    with pytest.raises(SettingsError, match="Output 0"):

        @node(title="", category="")
        def Worse() -> dict:
            """Says nothing either."""


@pytest.mark.parametrize(
    ("received", "declared", "does"),
    [
        ("IMAGE", "IMAGE", True),
        ("IMAGE", "COMFY_MATCHTYPE_V3", True),
        ("COMFY_MATCHTYPE_V3", "IMAGE", True),
        ("IMAGE", "MASK", False),
        ("*", "MASK", True),
        ("IMAGE", "*", True),
        ("IMAGE,MASK", "MASK", True),
        ("IMAGE", "MASK, IMAGE", True),
        ("IMAGE,*", "MASK", True),
        ("IMAGE,MASK", "LATENT,CLIP", False),
    ],
)
def test_what_fits(received, declared, does):
    assert fits(received, declared) is does
