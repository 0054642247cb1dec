"""The page about nodes is current."""

from tests.golden.node_page import PAGE, page


def test_the_page_is_what_the_program_writes():
    assert PAGE.read_text() == page(), "run python -m tests.golden.node_page"
