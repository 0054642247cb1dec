"""The plugin for Dify as far as it can be seen without Dify's SDK: names, files, forms. `make dify-test` runs it."""

import ast
import re
from pathlib import Path

import pytest
import yaml
from tests.e2e.conftest import ROOT

PLUGIN = ROOT / "integrations" / "dify"
PROVIDER = yaml.safe_load((PLUGIN / "provider" / "limner.yaml").read_text())
TOOLS = PROVIDER["tools"]

TYPES = {"string", "number", "boolean", "select", "secret-input", "file", "files", "dynamic-select"}
FORMS = {"schema", "form", "llm"}


def read(path):
    return yaml.safe_load((PLUGIN / path).read_text())


def test_the_manifest_names_what_is_there():
    manifest = read("manifest.yaml")
    assert re.fullmatch(r"[a-z0-9_-]{1,128}", manifest["name"])
    assert re.fullmatch(r"[a-zA-Z0-9_-]{1,64}", manifest["author"])
    assert manifest["plugins"]["tools"] == ["provider/limner.yaml"]
    assert (PLUGIN / f"{manifest['meta']['runner']['entrypoint']}.py").is_file()
    for path in ("requirements.txt", "README.md", manifest["privacy"], f"_assets/{manifest['icon']}"):
        assert (PLUGIN / path).is_file(), path
    assert (PLUGIN / "_assets" / PROVIDER["identity"]["icon"]).is_file()
    assert (manifest["author"], manifest["name"]) == (PROVIDER["identity"]["author"], PROVIDER["identity"]["name"])


def test_the_provider_asks_for_an_address_and_hides_the_key():
    credentials = PROVIDER["credentials_for_provider"]
    assert (credentials["base_url"]["type"], credentials["base_url"]["required"]) == ("text-input", True)
    assert (credentials["api_key"]["type"], credentials["api_key"]["required"]) == ("secret-input", False)
    assert (PLUGIN / PROVIDER["extra"]["python"]["source"]).is_file()


def test_every_tool_is_listed():
    assert sorted(TOOLS) == sorted(path.relative_to(PLUGIN).as_posix() for path in (PLUGIN / "tools").glob("*.yaml"))


@pytest.mark.parametrize("path", TOOLS)
def test_a_tool_has_a_class_of_its_own_and_parameters_that_dify_knows(path):
    tool = read(path)
    assert re.fullmatch(r"[a-zA-Z0-9_-]{1,64}", tool["identity"]["name"])
    source = PLUGIN / tool["extra"]["python"]["source"]
    classes = [node for node in ast.parse(source.read_text()).body if isinstance(node, ast.ClassDef)]
    assert [[base.id for base in found.bases] for found in classes] == [["Tool"]]
    methods = {node.name for node in classes[0].body if isinstance(node, ast.FunctionDef)}
    names = [parameter["name"] for parameter in tool["parameters"]]
    assert len(names) == len(set(names))
    for parameter in tool["parameters"]:
        assert re.fullmatch(r"[a-z_]+", parameter["name"])
        assert parameter["type"] in TYPES
        assert parameter["form"] in FORMS
        assert parameter["label"]["en_US"]
        assert parameter["human_description"]["en_US"]
        assert (parameter["form"] == "llm") == ("llm_description" in parameter), parameter["name"]
        assert (parameter["type"] == "select") == ("options" in parameter), parameter["name"]
    has_choices = any(parameter["type"] == "dynamic-select" for parameter in tool["parameters"])
    assert has_choices == ("_fetch_parameter_options" in methods)
    assert tool.get("has_runtime_parameters", False) == ("_get_runtime_parameters" in methods)


def test_names_that_a_tool_takes_for_its_own_are_its_parameters():
    source = ast.parse((PLUGIN / "tools" / "run_app.py").read_text())
    own = next(node for node in source.body if isinstance(node, ast.Assign) and node.targets[0].id == "OWN")
    names = set(ast.literal_eval(own.value.args[0]))
    assert names == {parameter["name"] for parameter in read("tools/run_app.yaml")["parameters"]}


def test_the_icon_is_a_small_picture_that_fetches_nothing():
    icon = (PLUGIN / "_assets" / "icon.svg").read_text()
    assert len(icon) < 4000
    assert not re.search(r"<script|href|url\(|<image|<!", icon)


@pytest.mark.parametrize("path", sorted(path.relative_to(PLUGIN).as_posix() for path in PLUGIN.rglob("*.py")))
def test_every_module_compiles_and_says_why_it_exists(path):
    assert ast.get_docstring(ast.parse((PLUGIN / Path(path)).read_text()))
