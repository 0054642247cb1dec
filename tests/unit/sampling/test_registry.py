"""Names lead to samplers and schedules."""

import pytest

from limner.graph.errors import UnknownNameError


def test_euler_is_the_first_sampler(registry):
    assert next(iter(registry.samplers)) == "euler"


def test_the_samplers_of_this_issue_exist(registry):
    names = "euler euler_ancestral heun dpm_2 lms dpmpp_2s_ancestral dpmpp_sde dpmpp_2m dpmpp_2m_sde dpmpp_3m_sde ddim"
    assert {*names.split(), "uni_pc", "lcm"} <= set(registry.samplers)


def test_names_of_other_dialects_are_known(registry):
    assert registry.sampler("Euler a").name == "euler_ancestral"
    aliases = [alias for found in registry.samplers.values() for names in found.aliases.values() for alias in names]
    assert len(aliases) == len(set(aliases))


def test_an_unknown_name_says_what_is_near(registry):
    with pytest.raises(UnknownNameError, match="Nearest: euler"):
        registry.sampler("eulr")
    with pytest.raises(UnknownNameError, match="karras"):
        registry.schedule("karas")


def test_everything_is_listed_as_data(registry):
    assert [named.name for named in registry.named_samplers()] == list(registry.samplers)
    assert all(named.doc and named.source for named in (*registry.named_samplers(), *registry.named_schedules()))
