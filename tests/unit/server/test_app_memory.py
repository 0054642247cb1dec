"""Workflows that were read are remembered as long as the worker can do the same."""

import msgspec
import pytest
from tests.unit.server.conftest import CATALOG, graph

from limner.dialects.apps.records import App
from limner.graph.errors import DocumentError
from limner.server.apps import memory as app_memory
from limner.server.apps.memory import AppMemory

APP = App(name="cats", version=1, workflow=graph("EmptyImage", "SaveImage"))


def nothing(name):
    return []


def test_a_workflow_is_read_once_for_a_catalog(tmp_path):
    memory = AppMemory()
    first = memory.workflow(tmp_path, APP, CATALOG, nothing)
    assert memory.workflow(tmp_path, APP, CATALOG, nothing) is first
    assert memory.workflow(tmp_path / "other", APP, CATALOG, nothing) is not first
    other = msgspec.structs.replace(APP, version=2)
    assert memory.workflow(tmp_path, other, CATALOG, nothing) is not first
    assert memory.workflow(tmp_path, APP, msgspec.structs.replace(CATALOG), nothing) is not first


def test_the_oldest_go(tmp_path, monkeypatch):
    monkeypatch.setattr(app_memory, "MOST", 2)
    memory = AppMemory()
    apps = [msgspec.structs.replace(APP, version=number) for number in (1, 2, 3)]
    read = [memory.workflow(tmp_path, app, CATALOG, nothing) for app in apps]
    assert memory.workflow(tmp_path, apps[2], CATALOG, nothing) is read[2]
    assert memory.workflow(tmp_path, apps[0], CATALOG, nothing) is not read[0]


def test_what_is_no_workflow_is_not_remembered(tmp_path):
    with pytest.raises(DocumentError):
        AppMemory().workflow(tmp_path, msgspec.structs.replace(APP, workflow={"x": 1}), CATALOG, nothing)
