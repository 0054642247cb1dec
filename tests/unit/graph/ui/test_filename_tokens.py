"""What the page fills into file name prefixes, and what it leaves to the server."""

from datetime import datetime

import pytest

from limner.graph.ui.filename_tokens import resolve_tokens

WIDGETS = {("KSampler", "seed"): 42, ("a.b", "c"): "no", ("Text", "text"): 'a/b: "c"?'}


@pytest.mark.parametrize(
    ("text", "filled"),
    [
        ("plain", "plain"),
        ("100%", "100%"),
        ("%date:yyyy-MM-dd%", "2026-03-09"),
        ("%date:yy/M/d h.m.s%", "26/3/9 4.5.6"),
        ("%date:hhmmss%", "040506"),
        ("%date:%", "%date:%"),
        ("%KSampler.seed%_x", "42_x"),
        ("%Text.text%", "a_b_ _c__"),
        ("%Nobody.seed%", "%Nobody.seed%"),
        ("%width%x%height%_%batch_num%", "%width%x%height%_%batch_num%"),
        ("%year%%KSampler.seed%", "%year%42"),
    ],
)
def test_tokens(text, filled):
    found = resolve_tokens(text, datetime(2026, 3, 9, 4, 5, 6), lambda *place: WIDGETS.get(place))
    assert found == filled
