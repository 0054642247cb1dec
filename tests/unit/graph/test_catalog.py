"""Choices of an input: fixed, from the catalog, from a list."""

import pytest

from limner.graph.catalog import SUFFIXES, Catalog, Named
from limner.graph.node_type import Input

CATALOG = Catalog(samplers=(Named(name="euler"),), schedules=(Named(name="karras"),))


@pytest.mark.parametrize(
    ("entry", "choices"),
    [
        ({"choices": ("a", "b")}, ["a", "b"]),
        ({"choices": ()}, []),
        ({"choices_from": "samplers"}, ["euler"]),
        ({"choices_from": "schedules"}, ["karras"]),
        ({"choices_from": "checkpoints"}, ["checkpoints.safetensors"]),
        (
            {"choices_from": "checkpoints", "options": {SUFFIXES: [".gguf", "s.safetensors"]}},
            ["checkpoints.safetensors"],
        ),
        ({"choices_from": "checkpoints", "options": {SUFFIXES: [".gguf"]}}, []),
        ({}, []),
    ],
)
def test_choices(entry, choices):
    found = CATALOG.choices(Input(name="x", type="COMBO", **entry), lambda name: [f"{name}.safetensors"])
    assert list(found) == choices
