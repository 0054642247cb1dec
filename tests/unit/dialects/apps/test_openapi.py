"""OpenAPI documents of apps: valid, and under all rules of the strictest importer."""

import copy

import pytest
from openapi_spec_validator import validate
from tests.golden.dify.rules import broken
from tests.unit.dialects.apps.conftest import LISTS, loading, workflow

from limner.dialects.apps.builtin import builtin_apps
from limner.dialects.apps.declaration import read_declaration
from limner.dialects.apps.openapi import Listed, openapi_document
from limner.dialects.apps.records import App, AppInput

SERVER = "http://limner.example:8188"


def listed(read, name, source, declared=None):
    app = App(name=name, version=1, workflow={}, declaration=read_declaration(declared))
    return Listed(app, read(source, declared).inputs, app.declaration.title or name)


@pytest.fixture
def document(read):
    pictures = workflow("{{prompt}}") | loading("7", "8")
    typed = workflow(n4="$width", n5="$sampler_name, $cfg")
    apps = [
        listed(read, "pictures", pictures, {"title": "Two pictures", "description": "Joins two pictures"}),
        listed(read, "x" * 48, typed),
        listed(read, "with-nothing", {"6": workflow()["6"]}),
    ]
    return openapi_document(apps, SERVER)


def test_it_is_valid_and_imports(document):
    validate(document)
    assert broken(document, SERVER) == []


def test_apps_have_a_tool_that_waits_one_that_does_not_and_one_for_files(document):
    names = [operation["operationId"] for item in document["paths"].values() for operation in item.values()]
    assert names == [
        "run_pictures", "start_pictures", "upload_pictures", f"run_{'x' * 48}", f"start_{'x' * 48}",
        "run_with-nothing", "start_with-nothing", "get_run", "cancel_run",
    ]  # fmt: skip


def test_pictures_are_addresses_in_json_and_files_in_forms(document):
    plain = document["paths"]["/apps/pictures/run"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    form = document["paths"]["/apps/pictures/upload"]["post"]["requestBody"]["content"]["multipart/form-data"]["schema"]
    assert "format" not in plain["properties"]["image"]
    assert form["properties"]["image_2"]["format"] == "binary"
    assert plain["required"] == form["required"] == ["prompt", "image", "image_2"]


def test_the_document_of_one_app_is_called_like_it(read):
    told = openapi_document([listed(read, "cat", workflow(), {"title": "Cats", "description": "Draws cats"})], SERVER)
    assert (told["info"]["title"], told["info"]["description"]) == ("Cats", "Draws cats.")
    assert "security" not in told
    locked = openapi_document([], SERVER, locked=True)
    validate(locked)
    assert locked["security"] == [{"key": []}]


def test_apps_of_the_program_import_too(read):
    apps = [
        Listed(app, read(app.workflow, read_declaration(None)).inputs, app.declaration.title)
        for app in builtin_apps(LISTS["checkpoints"], "").values()
    ]
    told = openapi_document(apps, SERVER)
    validate(told)
    assert broken(told) == []


def test_choices_of_all_kinds_and_many_of_them(read):
    def choice(name, *choices, default=None):
        return AppInput(name=name, kind="choice", places=(), choices=choices, default=default)

    many = choice("many", *(f"name {number}" for number in range(500)), default="other")
    asked = [choice("number", 1, 2), choice("float", 1, 2.5), choice("flag", True, False), choice("none"), many]
    told = openapi_document([Listed(App(name="c", version=1, workflow={}), asked, "c")], SERVER)
    validate(told)
    assert broken(told) == []
    shown = told["paths"]["/apps/c/run"]["post"]["requestBody"]["content"]["application/json"]["schema"]["properties"]
    assert [shown[name]["type"] for name in ("number", "float", "flag", "none", "many")] == [
        "integer", "number", "boolean", "string", "string",
    ]  # fmt: skip
    assert "enum" not in shown["many"]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda found: found.update(servers=[]), "servers"),
        (lambda found: found["servers"][0].update(url="http://elsewhere"), "and not"),
        (lambda found: run(found).update(operationId="a b"), "cannot be the name"),
        (lambda found: run(found).update(operationId="get_run"), "stands twice"),
        (lambda found: run(found).update(summary="", description=""), "summary"),
        (lambda found: content(found).update({"multipart/form-data": {}}), "kinds of bodies"),
        (lambda found: prompt(found).update(anyOf=[]), "anyOf"),
        (lambda found: prompt(found).update(type="array"), "'array'"),
        (lambda found: prompt(found).update(format="binary"), "only forms"),
        (lambda found: prompt(found).update(enum=["zebra"]), "does not say"),
        (lambda found: prompt(found).update(description=""), "not described"),
        (lambda found: prompt(found).update(minimum=77), "minimum"),
    ],
)
def test_the_rules_notice(document, change, said):
    changed = copy.deepcopy(document)
    change(changed)
    assert any(said in rule for rule in broken(changed, SERVER))


def run(document):
    return document["paths"]["/apps/pictures/run"]["post"]


def content(document):
    return run(document)["requestBody"]["content"]


def prompt(document):
    return content(document)["application/json"]["schema"]["properties"]["prompt"]
