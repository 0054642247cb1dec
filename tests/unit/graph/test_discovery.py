"""Leaves are found by being there."""

import importlib

import pytest

from limner.graph.declare import NodeDefinition
from limner.graph.discovery import discover
from limner.graph.errors import SettingsError

LEAF = '''
from limner.graph.declare import node

@node(title="{name}", category="test")
def {name}(*, value: int = 1) -> int:
    """Gives it back."""
    return value
'''


@pytest.fixture
def package(tmp_path, monkeypatch, request):
    """A package of node files on disk; called with file name to text."""
    name = f"leaves_{abs(hash(request.node.name))}"

    def build(**files):
        folder = tmp_path / name
        folder.mkdir()
        (folder / "__init__.py").write_text("")
        for file, text in files.items():
            (folder / f"{file}.py").write_text(text)
        monkeypatch.syspath_prepend(tmp_path)
        importlib.invalidate_caches()
        return importlib.import_module(name)

    return build


def find(package):
    return discover(package, NodeDefinition, lambda definition: definition.type.name)


def test_every_marked_object_is_found(package):
    found = find(package(b=LEAF.format(name="Second"), a=LEAF.format(name="First") + LEAF.format(name="Third")))
    assert list(found) == ["First", "Third", "Second"]
    assert found["Second"](value=3) == 3


def test_a_name_that_is_taken(package):
    with pytest.raises(SettingsError, match="b defines a second NodeDefinition named 'Same'"):
        find(package(a=LEAF.format(name="Same"), b=LEAF.format(name="Same")))
