"""What OpenAI's clients are told of a graph that cannot run."""

from limner.dialects.openai.refusals import refusal_of
from limner.graph.errors import GraphError
from limner.graph.problem import Problem


def test_a_name_that_is_not_there_is_answered_with_the_nearest():
    problem = Problem(code="value_not_in_list", message="Value not in list", extra={"nearest": ["euler", "heun"]})
    status, body = refusal_of(GraphError("sampler_name: 'eulr' is not there", [problem]))
    assert status == 400
    assert body["error"]["message"] == "sampler_name: 'eulr' is not there. Nearest: euler, heun"


def test_without_near_names_there_is_nothing_to_add():
    _, body = refusal_of(GraphError("no", [Problem(code="value_not_in_list", message="no", extra={})]))
    assert body["error"]["message"] == "no"
