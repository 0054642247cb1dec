"""What requests for pictures say to apps."""

import pytest

from limner.dialects.openai.app_request import is_seeded, named, refused_by_app, said
from limner.dialects.openai.images_request import read_images_request
from limner.graph.errors import GraphError
from limner.graph.problem import Problem


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"prompt": "a", "quality": "high", "negative_prompt": ""}, {"prompt": "a"}),
        ({"prompt": " ", "steps": "4"}, {"steps": 4}),
        (
            {"prompt": "a", "sampling_steps": 8, "cfg_scale": 2, "sample_method": "heun", "scheduler": "karras"},
            {"prompt": "a", "steps": 8, "guidance": 2.0, "sampler": "heun", "schedule": "karras"},
        ),
        ({"prompt": "a", "strength": 0.5, "negative_prompt": "b"}, {"prompt": "a", "denoise": 0.5, "negative": "b"}),
    ],
)
def test_only_what_was_sent_is_said(body, expected):
    assert said(read_images_request(body)) == expected


def test_fields_that_an_app_may_know_and_those_that_mean_something_here():
    body = {"prompt": "a", "model": "app/x", "quality": "high", "n": 1, "user": "me", "label": "Limner", "steps": 4}
    asked = read_images_request(body)
    assert named(asked) == {"label": "Limner", "steps": 4}
    assert not is_seeded(asked)
    assert is_seeded(read_images_request({**body, "seed": 0}))


def test_refusals_name_the_app_and_the_input():
    problem = Problem(code="invalid_input", message="m", extra={"input_name": "width"})
    error = refused_by_app(GraphError("Input 'width' cannot be 9", [problem]), "poster")
    assert str(error) == "App 'poster': Input 'width' cannot be 9"
    assert error.problems[0].code == "invalid_input"
    assert error.problems[0].extra == {"param": "width", "status": 400}
    assert refused_by_app(GraphError("no"), "poster").problems[0].code == "invalid_value"
