"""What counts as an output, and of which kind it is."""

import pytest

from limner.dialects.comfy_v2.outputs import kind_of, outputs_of
from limner.jobs.records import Job, Submission


def job(**outputs):
    return Job(submission=Submission(id="j", document={}, targets=()), outputs=outputs)


def test_files_texts_and_facts_are_outputs_and_flags_are_not():
    told = {
        "images": [{"filename": "a.png", "subfolder": "x\\y", "type": "output"}, {"filename": "b.png"}],
        "animated": (True,),
        "text": ["words", ""],
        "facts": [{"width": 3}, {}],
    }
    made = outputs_of(job(**{"9": told}))
    assert [(one.node, one.place, one.name, one.text) for one in made[:2]] == [
        ("9", "output", "a.png", None),
        ("9", "output", "b.png", None),
    ]
    assert made[0].path == "x/y/a.png"
    assert [(one.text, one.path.rpartition(".")[2]) for one in made[2:]] == [("words", "txt"), ('{"width": 3}', "json")]


def test_ids_stay_what_they_are_and_differ():
    told = {"text": ["same", "same"], "images": [{"filename": "a.png", "type": "temp"}]}
    ids = [made.id for made in outputs_of(job(**{"1": told}))]
    assert ids == [made.id for made in outputs_of(job(**{"1": told}))]
    assert len(set(ids)) == 3


def test_a_file_that_is_told_of_twice_is_one_output():
    file = {"filename": "a.png", "type": "output"}
    assert len(outputs_of(job(**{"1": {"images": [file, file]}}))) == 1


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("a.png", "image"), ("a.webp", "image"), ("a.mp4", "video"), ("a.webm", "video"), ("a.flac", "audio"),
        ("a.txt", "text"), ("a.latent", "latent"), ("a.glb", "file"), ("a.safetensors", "file"), ("a", "file"),
        ("a.json", "file"), ("A.LATENT", "latent"),
    ],
)  # fmt: skip
def test_kinds(name, kind):
    assert kind_of(name) == kind
