"""What other services took for pictures is told to OpenAI's clients."""

import pytest

from limner.dialects.openai.images_answer import Made
from limner.dialects.openai.images_request import ImagesRequest
from limner.graph.charge import Charge
from limner.graph.graph import Graph
from limner.jobs.records import Job, Submission
from limner.server.openai.drawing import Drawing

DRAWING = Drawing(
    ImagesRequest(prompt="x"),
    "far/big",
    Graph(),
    Made(size=(64, 64), format="png", prompt="x", count=1),
)


def job(*charges):
    return Job(submission=Submission(id="a", document={}, targets=()), charges=charges)


def charge(cost, failure=""):
    return Charge(provider="far", model="big", cost=cost, failure=failure)


@pytest.mark.parametrize(
    ("charges", "cost"),
    [((), None), ((charge(None),), None), ((charge(None, "timeout"), charge(0.04)), 0.04), ((charge(0), charge(1)), 1)],
)
def test_the_usage_tells_the_cost_where_it_is_known(charges, cost):
    usage = DRAWING.paid(job(*charges)).made.usage()
    assert usage.get("cost") == cost
    assert ("cost" in usage) == (cost is not None)
