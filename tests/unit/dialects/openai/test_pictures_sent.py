"""Pictures that JSON bodies name, in the ways that clients have."""

import pytest

from limner.dialects.openai.pictures_sent import named_mask, named_pictures
from limner.graph.errors import GraphError


@pytest.mark.parametrize(
    "body",
    [
        {"image": "u"},
        {"image": ["u"]},
        {"images": [{"image_url": "u"}]},
        {"images": [{"image_url": {"url": "u"}}]},
        {"image": {"url": "u"}, "image2": None, "image3": ""},
        {"input_image": {"b64_json": "u"}},
    ],
)
def test_ways_to_name_a_picture(body):
    assert named_pictures(body) == ("u",)


def test_several_pictures_keep_their_order():
    assert named_pictures({"image": "a", "image3": "c", "image2": "b"}) == ("a", "b", "c")
    assert named_mask({"mask": {"image_url": "m"}}) == "m"
    assert named_mask({"mask": ""}) is None


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ({"image": 5}, "must name a picture"),
        ({"images": [{}]}, "must name a picture"),
        ({"images": [{"file_id": "file-1"}]}, "keeps none"),
        ({"images": ["u"] * 17}, "at most 16"),
    ],
)
def test_what_names_none(body, told):
    with pytest.raises(GraphError, match=told):
        named_pictures(body)
