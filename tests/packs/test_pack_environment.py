"""Requirements of packs, installed by real programs from the real index; torch stays, whatever they ask for."""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import zipfile
from importlib import metadata, util
from types import SimpleNamespace

import pytest
from tests.e2e.conftest import LiveServer
from tests.packs.test_isolated_packs import node, texts

from limner.app import pack_environment
from limner.app.commands.nodes import NODES
from limner.app.node_packs import PackShelf, run_program
from limner.app.pack_environment import environment_of, install_own, python_of
from limner.app.pack_requirements import install_requirements
from limner.graph.errors import SettingsError
from limner.storage.folders import Folders

pytestmark = pytest.mark.slow

TINY = "roman"
"""A package of one file that nothing here needs."""

PACK = f"""
import {TINY}


class Roman:
    CATEGORY = "test"
    FUNCTION = "run"
    RETURN_TYPES = ("STRING",)

    @classmethod
    def INPUT_TYPES(cls):
        return {{"required": {{"number": ("INT", {{"default": 1}})}}}}

    def run(self, number):
        return ({TINY}.toRoman(number),)


NODE_CLASS_MAPPINGS = {{"Roman": Roman}}
"""


@pytest.fixture(params=["pip", "uv"], autouse=True)
def installer(request, monkeypatch):
    """Each of the two programs; pip comes first where both are there, but for Limner's own environment."""
    if request.param == "pip":
        found = shutil.which
        monkeypatch.setattr(shutil, "which", lambda name, *rest: None if name == "uv" else found(name, *rest))
    elif shutil.which("uv") is None:
        pytest.skip("uv is not installed")
    else:
        monkeypatch.setattr(pack_environment, "util", SimpleNamespace(find_spec=lambda name: None))
    return request.param


@pytest.fixture
def source(tmp_path):
    folder = tmp_path / "sources" / "numerals"
    folder.mkdir(parents=True)
    (folder / "__init__.py").write_text(PACK)
    (folder / "requirements.txt").write_text(f"{TINY}>=4\ntorch<2  # what packs write\n")
    return folder


def wheel(folder, requires):
    """A package that requires something."""
    path = folder / "greedy-1.0-py3-none-any.whl"
    facts = "greedy-1.0.dist-info"
    with zipfile.ZipFile(path, "w") as packed:
        packed.writestr("greedy.py", "")
        packed.writestr(
            f"{facts}/METADATA", f"Metadata-Version: 2.1\nName: greedy\nVersion: 1.0\nRequires-Dist: {requires}\n"
        )
        packed.writestr(
            f"{facts}/WHEEL", "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        packed.writestr(f"{facts}/RECORD", "")
    return f"greedy @ {path.as_uri()}"


def brought(folders, name):
    """The packages in a pack's own environment."""
    return {entry.name.split("-")[0] for entry in environment_of(folders, name).rglob("*.dist-info")}


def printed_by(python, program):
    done = subprocess.run([python, "-c", program], capture_output=True, text=True, check=True, cwd="/")
    return done.stdout.strip()


def test_an_isolated_pack_gets_what_it_requires_and_limner_does_not(source, tmp_path, capsys):
    data = tmp_path / "data"
    assert util.find_spec(TINY) is None
    torch = metadata.version("torch")
    parser = argparse.ArgumentParser()
    NODES.configure(parser)
    assert NODES.run(parser.parse_args(["install", "--isolate", "--data", str(data), str(source)])) == 0
    printed = capsys.readouterr().out
    assert "kept as it is, though the pack asks for torch<2" in printed
    python = python_of(Folders.under(data), "numerals")
    assert python != sys.executable
    assert util.find_spec(TINY) is None
    program = f"import torch, {TINY}; print(torch.__version__, torch.__file__, {TINY}.__file__)"
    version, torch_file, tiny_file = printed_by(python, program).split()
    assert version == torch == metadata.version("torch")
    assert str(data) in tiny_file
    assert str(data) not in torch_file
    server = LiveServer(data, "--isolate-packs", "--device", "cpu")
    try:
        assert texts(server, text=node("Roman", number=14)) == ["XIV"]
    finally:
        server.close()


@pytest.mark.parametrize("requires", ["torch==2.0.0", "numpy<1"])
def test_nothing_that_a_pack_requires_brings_another_torch(tmp_path, requires, installer):
    folders = Folders.under(tmp_path / "data")
    before = {name: metadata.version(name) for name in ("torch", "numpy")}
    if installer == "pip":
        with pytest.raises(SettingsError):
            install_own(folders, "greedy", [wheel(tmp_path, requires)], run_program)
        assert not environment_of(folders, "greedy").exists()
    else:  # uv is told that nobody needs them
        install_own(folders, "greedy", [wheel(tmp_path, requires)], run_program)
        assert brought(folders, "greedy") == {"greedy"}
    with pytest.raises(SettingsError):
        install_requirements([wheel(tmp_path, requires)], run_program)
    assert {name: metadata.version(name) for name in before} == before
    assert util.find_spec("greedy") is None


def test_what_is_there_is_not_brought_again(tmp_path):
    folders = Folders.under(tmp_path / "data")
    install_own(folders, "modest", [wheel(tmp_path, "torch")], run_program)
    assert brought(folders, "modest") == {"greedy"}


def test_over_http_the_environment_is_made_too(source, tmp_path):
    folders = Folders.under(tmp_path / "data")
    brought = PackShelf(folders, may_install=True, isolated=lambda name: True).bring(str(source))
    assert brought["installed"] == [f"{TINY}>=4"]
    assert python_of(folders, "numerals") != sys.executable
