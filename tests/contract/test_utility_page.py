"""The page about utility nodes names every one of them, with all its inputs."""

import re
from pathlib import Path

import pytest
from tests.golden.running import definitions

PAGE = (Path(__file__).parents[2] / "docs" / "utility-nodes.md").read_text("utf-8")
TABLE = PAGE.partition("\n## ")[0]
ROWS = dict(re.findall(r"^\| `(\w+)` \| (.*) \|.*\|$", TABLE, re.MULTILINE))
NODES = {
    name: definition.type
    for name, definition in definitions().items()
    if not definition.type.category.endswith("/inside")
}
TOPICS = {definition.function.__module__ for name, definition in definitions().items() if name in ROWS}
NUMBERED = re.compile(r"(value|carried)s?[_.]\w*\d")
"""Inputs of which the page names the first and the last."""


def test_every_node_of_these_topics_has_a_row():
    found = {name for name, definition in definitions().items() if definition.function.__module__ in TOPICS}
    assert found & NODES.keys() == ROWS.keys()
    assert len(ROWS) > 30


@pytest.mark.parametrize("name", sorted(ROWS))
def test_a_row_names_all_inputs_and_no_others(name):
    inputs = {entry.name for entry in NODES[name].inputs if not NUMBERED.fullmatch(entry.name)}
    named = {word for word in re.findall(r"`(\w+)`", ROWS[name]) if not NUMBERED.fullmatch(word)}
    folders = {"captioners", "background_removal", "insightface"}
    assert inputs <= named <= inputs | folders


def test_files_that_the_page_links_to_are_there():
    folder = Path(__file__).parents[2] / "docs"
    links = re.findall(r"\]\(([^)#]+)\)", PAGE)
    assert links
    assert [link for link in links if not (folder / link).is_file()] == []
