"""The example workflows pass the check, and their titles say what each node is for."""

import json
from pathlib import Path

import pytest
from tests.golden.running import definitions

from limner.graph.api_document import from_document
from limner.graph.catalog import Catalog
from limner.graph.check import check
from limner.sampling.registry import SamplingRegistry

EXAMPLES = sorted((Path(__file__).parents[2] / "examples").glob("*.json"))
FILES = {
    "checkpoints": ["limner-mini.safetensors"],
    "loras": ["my-style.safetensors"],
    # What `limner pull flux-dev-split` and `limner pull qwen-image` bring.
    "diffusion_models": ["flux1-dev.safetensors", "qwen_image_fp8_e4m3fn.safetensors"],
    "text_encoders": [
        "clip_l.safetensors",
        "t5xxl_fp16.safetensors",
        "qwen_2.5_vl_7b_fp8_scaled.safetensors",
    ],
    "vae": ["ae.safetensors", "qwen_image_vae.safetensors"],
}


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_example_can_run(path):
    registry = SamplingRegistry.discovered()
    catalog = Catalog(
        nodes={name: definition.type for name, definition in definitions().items()},
        samplers=registry.named_samplers(),
        schedules=registry.named_schedules(),
    )
    graph = from_document(json.loads(path.read_text()))
    checked = check(graph, catalog, lambda name: FILES.get(name, []))
    assert checked.problem is None
    assert not checked.problems
    assert all(node.title for node in graph.nodes.values())
