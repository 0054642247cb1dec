"""Workflows as people save them: those that were given, and the templates of ComfyUI's page where installed."""

import pytest
from tests.golden.workflow_shares import LISTING, OWN, is_good, measure_all, read_catalog, templates


@pytest.fixture(scope="module")
def listing():
    return read_catalog(LISTING)


def test_own_workflows(listing):
    tally = measure_all([OWN], *listing)
    assert (tally.files, tally.known, tally.unreadable, tally.incomplete) == (1, 1, [], {})


def test_templates(listing):
    folders = templates()
    if not folders:
        pytest.skip("the package comfyui-workflow-templates-json is not installed")
    tally = measure_all(folders, *listing)
    assert tally.files >= 300
    assert is_good(tally)
    named_well = {kind: count for kind, count in tally.differing.items() if not kind.startswith("SaveVideo")}
    assert named_well == {}  # SaveVideo has other widgets in newer versions
