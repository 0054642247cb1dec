"""App mode: what is read of it, and that writing changes nothing else."""

import pytest

from limner.graph.ui.app_mode import AppInput, AppMode, read_app_mode, with_app_mode

MODE = AppMode((AppInput("3", "seed"), AppInput("12:6", "text", 200)), ("9",), is_open=True)
WRITTEN = {
    "linearMode": True,
    "linearData": {"inputs": [[3, "seed"], ["12:6", "text", {"height": 200}]], "outputs": [9]},
}


def test_reading_and_writing():
    document = {"nodes": [], "extra": {"ds": {"scale": 1}}}
    written = with_app_mode(document, MODE)
    assert written == {"nodes": [], "extra": {"ds": {"scale": 1}, **WRITTEN}}
    assert read_app_mode(written) == MODE
    assert document == {"nodes": [], "extra": {"ds": {"scale": 1}}}
    assert with_app_mode({"extra": None}, AppMode())["extra"]["linearMode"] is False


@pytest.mark.parametrize("document", [{}, {"extra": None}, {"extra": {"linearData": 5}}])
def test_no_app_mode(document):
    assert read_app_mode(document) is None


def test_rubbish_is_left_out():
    data = {"inputs": [5, [], [1], [None, "a"], [1, 2], [1, "a", 5]], "outputs": [None, "7"]}
    assert read_app_mode({"extra": {"linearData": data}}) == AppMode((AppInput("1", "a"),), ("7",))
    assert read_app_mode({"extra": {"linearMode": 1}}) == AppMode()
