"""A1111's names of samplers and schedules."""

import pytest

from limner.dialects.a1111.errors import refusal_of
from limner.dialects.a1111.names import choose_walk, sampler_list, schedule_list
from limner.dialects.a1111.names_keys import SAMPLERS, SCHEDULES
from limner.graph.errors import GraphError


@pytest.mark.parametrize(
    ("asked", "schedule", "expected"),
    [
        (None, None, ("euler", "normal")),
        ("DPM++ 2M Karras", None, ("dpmpp_2m", "karras")),
        ("DPM++ 2M Karras", "Automatic", ("dpmpp_2m", "karras")),
        ("DPM++ 2M Karras", "Exponential", ("dpmpp_2m", "exponential")),
        ("DPM++ 2M SDE Heun Exponential", None, ("dpmpp_2m_sde_heun", "exponential")),
        ("DPM++ 2M SDE", "automatic", ("dpmpp_2m_sde", "exponential")),
        ("k_euler_a", "SGMUniform", ("euler_ancestral", "sgm_uniform")),
        ("euler A", "DDIM", ("euler_ancestral", "ddim_uniform")),
        ("dpm++2m", "discrete", ("dpmpp_2m", "normal")),
        ("ddim", None, ("ddim", "ddim_uniform")),
        ("DDIM CFG++", None, ("euler_cfg_pp", "ddim_uniform")),
        ("euler_cfg_pp", None, ("euler_cfg_pp", "ddim_uniform")),
        ("euler_ancestral", "ddim_uniform", ("euler_ancestral", "ddim_uniform")),
        ("er_sde", "linear_quadratic", ("er_sde", "linear_quadratic")),
    ],
)
def test_a_name_means_a_sampler_and_a_schedule(asked, schedule, expected):
    walk = choose_walk(asked, schedule, ["euler", "er_sde"], ["normal", "linear_quadratic"])
    assert (walk.sampler, walk.schedule) == expected


def test_a_walk_keeps_the_labels_that_pictures_name():
    walk = choose_walk("k_dpmpp_2m", "karras")
    assert (walk.sampler_label, walk.schedule_label) == ("DPM++ 2M", "Karras")
    assert choose_walk("dpmpp_2m", None).schedule_label == "Automatic"


@pytest.mark.parametrize(("sampler", "schedule"), [("Eulerian", None), ("Euler", "Carrots"), ("Karras", None)])
def test_names_that_nobody_has_are_told_with_those_there_are(sampler, schedule):
    with pytest.raises(GraphError, match=r"not found.*There are: .*(Euler|Karras)") as caught:
        choose_walk(sampler, schedule)
    assert refusal_of(caught.value)[0] == 404


def test_lists_hold_what_the_worker_has():
    names = [entry["name"] for entry in sampler_list(["euler", "ipndm", "er_sde"])]
    assert names == ["Euler", "IPNDM", "PLMS", "er_sde"]
    labels = [entry["label"] for entry in schedule_list(["karras", "turbo"])]
    assert labels == ["Automatic", "Karras", "turbo"]


def test_no_label_or_alias_means_two_things():
    words = [word.casefold() for row in SAMPLERS for word in {row.label.casefold(), *row.aliases}]
    assert len(words) == len(set(words))
    names = {row.name for row in SCHEDULES}
    assert {row.schedule for row in SAMPLERS} <= names
    assert len(names) == len(SCHEDULES)
