"""Every node runs on a tiny example made from what it declares, and gives what it promises."""

import io
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from tests.golden.running import definitions
from tests.unit.nodes.conftest import AveragingAutoencoder, DoublingNetwork, LevelDenoiser, RecordingProgress

from limner.graph.declare import NodeDefinition, NodeResult
from limner.graph.node_type import Input
from limner.graph.progress import Progress
from limner.media.latents import encode_latent
from limner.media.videos import Video, VideoParts
from limner.models.hooks import Keyframe
from limner.models.library import ModelLibrary
from limner.models.upscalers.upscaler import Upscaler
from limner.nodes.growing import AUTOGROW, DYNAMIC_COMBO
from limner.nodes.sampling import SeededNoise
from limner.nodes.sampling_parts import GuidedModel
from limner.sampling.guiders.basic import BasicGuider
from limner.sampling.loop import DenoisingLoop
from limner.sampling.registry import SamplingRegistry
from limner.storage.folders import Folders

DEFINITIONS = definitions()
OF_FILES = {
    "CLIP_VISION",
    "CLIP_VISION_OUTPUT",
    "CONTROL_NET",
    "GLIGEN",
    "HOOKS",
    "IP_ADAPTER",
    "LATENT_UPSCALE_MODEL",
    "MODEL_PATCH",
    "PHOTOMAKER",
    "STYLE_MODEL",
}
"""Sockets whose values come from model files only."""


def needs_files(definition: NodeDefinition) -> bool:
    """Whether a node opens model files, changes their weights, or takes what comes of them."""
    opens = ModelLibrary in definition.services.values()
    takes = any(entry.type in OF_FILES for entry in definition.type.inputs if entry.name != "hooks" or entry.required)
    module = definition.function.__module__.rpartition(".")[2]
    return (
        opens
        or takes
        or module
        in (
            "merging",
            "merging_families",
            "save_models",
            "lora_save",
            "attention_weights",
            "pixart",
            "seamless",
            "text_families",
            "text_pictures",
        )
    )


FROM_MODEL_FILES = {name for name, definition in DEFINITIONS.items() if needs_files(definition)}
"""They have tests of their own (``tests/unit/nodes``, ``tests/models``)."""
WITH_OTHERS = {
    "DescribeImage",
    "LoadBackgroundRemovalModel",
    "LoadCaptioner",
    "LoadFaceRecogniser",
    "LoadFaceSwapper",
    "LoadVideo",
    "RemoveBackground",
    "ReplaceBackground",
    "SwapFaces",
} | {
    name
    for name, definition in DEFINITIONS.items()
    if definition.function.__module__.rpartition(".")[2]
    in (
        "elsewhere_pictures",
        "elsewhere_steps",
        "loops",
        "loops_while",
        "tensor_files",
        "videos_ltx",
        "videos_cosmos",
        "videos_wan",
        "videos_wan_control",
        "videos_wan_subjects",
        "xy_plot",
    )
}
"""Nodes that need files, what such a node gives, or a graph around them; they have tests of their own as well."""
ALONE = sorted(set(DEFINITIONS) - FROM_MODEL_FILES - WITH_OTHERS)

SMALL = {"steps": 3, "width": 64, "height": 64, "sharpen_radius": 1, "blur_radius": 1, "overlap": 0, "length": 7}
"""Numbers that keep an example tiny, where a node allows them."""
TEXTS = {
    "expression": "a * 2",
    "regex_pattern": "a(.)",
    "string": "abc abd",
    "find": "b",
    "replace": "x",
    "substring": "AB",
}


class TinyText:
    """A text encoder that knows how long a text is."""

    def encode(self, text: str) -> list:
        return [[torch.full((1, 3, 2), float(len(text))), {"pooled_output": torch.ones(1, 2)}]]

    def encode_pair(self, text_l: str, text_g: str) -> list:
        return self.encode(text_l + text_g)

    def with_last_layer(self, layer: int) -> "TinyText":
        return self


@pytest.fixture
def services(tmp_path):
    folders = Folders.under(tmp_path)
    folders.create()
    pixels = np.random.default_rng(0).integers(0, 255, (16, 24, 4), dtype=np.uint8)
    for folder in (folders.input, folders.output):
        Image.fromarray(pixels).save(folder / "a.png")
    (folders.input / "a.latent").write_bytes(encode_latent(torch.rand(1, 4, 8, 8)))
    loop = DenoisingLoop()
    yield {
        Folders: folders,
        DenoisingLoop: loop,
        SamplingRegistry: SamplingRegistry.discovered(),
        Progress: RecordingProgress(),
    }
    loop.close()


def values(kind: str) -> Any:
    """A tiny value of a socket type."""
    draw = torch.Generator().manual_seed(1)
    latent = {"samples": torch.rand(2, 4, 8, 8, generator=draw)}
    conditioning = [[torch.rand(1, 3, 2, generator=draw), {"pooled_output": torch.ones(1, 2)}]]
    model = LevelDenoiser()
    audio = {"waveform": torch.rand(1, 2, 800, generator=draw), "sample_rate": 8000}
    made = {
        "IMAGE": torch.rand(2, 64, 72, 3, generator=draw),
        "MASK": torch.rand(2, 64, 72, generator=draw),
        "LATENT": latent,
        "CONDITIONING": conditioning,
        "SIGMAS": torch.tensor([3.0, 1.0, 0.5, 0.0]),
        "MODEL": model,
        "VAE": AveragingAutoencoder(),
        "CLIP": TinyText(),
        "SAMPLER": SamplingRegistry.discovered().sampler("euler"),
        "NOISE": SeededNoise(3),
        "GUIDER": GuidedModel(model, BasicGuider(conditioning)),
        "UPSCALE_MODEL": Upscaler("doubling", DoublingNetwork(), 2),
        "LATENT_OPERATION": lambda latent, **_: latent * 2,
        "TIMESTEPS_RANGE": (0.2, 0.8),
        "VIDEO": Video(VideoParts(torch.rand(2, 64, 72, 3, generator=draw), Fraction(8), audio)),
        "AUDIO": audio,
        "FLOATS": [0.5, 1.0],
        "HOOK_KEYFRAMES": (Keyframe(0.5, 0.0),),
        "SVG": [io.BytesIO(b"<svg/>")],
        "*": {"a": 1},
    }
    return made[kind.split(",")[0]]


def example(entry: Input) -> Any:
    """A value of an input."""
    if "," in entry.type and set(entry.type.split(",")) <= {"INT", "FLOAT", "STRING", "BOOLEAN"}:
        return 2
    if entry.type in ("COMBO", DYNAMIC_COMBO):
        if entry.choices:
            return entry.choices[0]
        named = {"samplers": "euler", "schedules": "karras", "input latents": "a.latent"}
        return named.get(entry.choices_from or "", "a.png [output]" if entry.choices_from is None else "a.png")
    if entry.type in ("INT", "FLOAT"):
        number = entry.options.get("default", 1)
        small = SMALL.get(entry.name)
        if small is not None and entry.options.get("min", 0) <= small:
            number = small
        return int(number) if entry.type == "INT" else float(number)
    if entry.type == "STRING":
        return TEXTS.get(entry.name, entry.options.get("default", "a"))
    if entry.type == "BOOLEAN":
        return entry.options.get("default", True)
    return values(entry.type)


def examples(definition: NodeDefinition, *, optional: bool) -> dict[str, Any]:
    """Values of a node's inputs; those that a choice brings with it belong to the choice."""
    inputs = definition.type.inputs
    choices = tuple(f"{entry.name}." for entry in inputs if entry.type == DYNAMIC_COMBO)
    given = {
        entry.name: example(entry)
        for entry in inputs
        if entry.type != AUTOGROW
        and entry.name != "hooks"
        and (entry.required or optional or entry.name.startswith(choices))
    }
    return {name: [value] for name, value in given.items()} if definition.type.takes_lists else given


def called(definition: NodeDefinition, services: dict, *, optional: bool) -> tuple:
    """What a node gives for its example, one value per output."""
    given = examples(definition, optional=optional)
    given |= {name: services[kind] for name, kind in definition.services.items()}
    result = definition(**given)
    if isinstance(result, NodeResult):
        return result.values
    count = len(definition.type.outputs)
    if count == 0:
        return ()
    return result if count > 1 or (isinstance(result, tuple) and len(result) == 1) else (result,)


def _is_image(value: Any) -> bool:
    return value.ndim == 4 and value.shape[-1] in (1, 3, 4) and bool(torch.isfinite(value).all())


CHECKS = {
    "IMAGE": _is_image,
    "MASK": lambda value: value.ndim == 3 and bool(torch.isfinite(value).all()),
    "LATENT": lambda value: bool(torch.isfinite(value["samples"]).all()),
    "SIGMAS": lambda value: value.ndim == 1 and value.dtype == torch.float32,
    "CONDITIONING": lambda value: all(isinstance(options, dict) for _, options in value),
    "INT": lambda value: type(value) is int,
    "FLOAT": lambda value: type(value) is float,
    "STRING": lambda value: type(value) is str,
    "BOOLEAN": lambda value: type(value) is bool,
}


@pytest.mark.parametrize("name", ALONE)
@pytest.mark.parametrize("optional", [True, False], ids=["all inputs", "required inputs"])
def test_node_gives_what_it_promises(name, optional, services):
    definition = DEFINITIONS[name]
    outputs = called(definition, services, optional=optional)
    assert len(outputs) == len(definition.type.outputs)
    for output, value in zip(definition.type.outputs, outputs, strict=True):
        for item in value if output.is_list else [value]:
            assert CHECKS.get(output.type, lambda item: item is not None)(item), (output, item)


@pytest.mark.parametrize("name", ALONE)
def test_node_leaves_its_inputs_as_they_are(name, services):
    definition = DEFINITIONS[name]
    given = examples(definition, optional=True)
    before = {key: copied(value) for key, value in given.items()}
    definition(**given, **{key: services[kind] for key, kind in definition.services.items()})
    for key, value in before.items():
        assert same(value, given[key]), key


def copied(value: Any) -> Any:
    """A copy of a value's tensors, in the same containers."""
    if isinstance(value, torch.Tensor):
        return value.clone()
    if isinstance(value, dict):
        return {key: copied(item) for key, item in value.items()}
    if isinstance(value, list):
        return [copied(item) for item in value]
    return value


def same(one: Any, other: Any) -> bool:
    """Whether two values hold the same."""
    if isinstance(one, torch.Tensor):
        return torch.equal(one, other)
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(same(item, other[key]) for key, item in one.items())
    if isinstance(one, list):
        return len(one) == len(other) and all(map(same, one, other))
    return one is other or one == other
