"""How long results are remembered."""

import pytest

from limner.backends.in_process_policy import CachePolicy
from limner.backends.in_process_results import LOOK_SECONDS, Results
from limner.engine.step import Held
from limner.graph.errors import SettingsError


def fill(results: Results, names: str, size: int = 0, root: str | None = None) -> None:
    for name in names:
        results.store(name.encode(), [[b"x" * size]], Held(), ephemeral=False, root=root)
        results.drop([name.encode()])


def held(results: Results, names: str) -> str:
    return "".join(name for name in names if results.get(name.encode()) is not None)


def test_lru_keeps_the_latest():
    results = Results(CachePolicy.of("lru", capacity=1 << 20, nodes=3))
    fill(results, "abcd")
    results.recall([b"b"])
    fill(results, "e")
    assert held(results, "abcde") == "bde"


def test_lru_without_nodes_is_classic():
    assert CachePolicy.of("lru", capacity=1) == CachePolicy.of("classic", capacity=1)


def test_classic_drops_what_a_prompt_does_not_hold():
    results = Results(CachePolicy.of("classic", capacity=1 << 20))
    fill(results, "abc")
    fill(results, "i", root="1")
    fill(results, "j", root="2")
    results.keep(b"c")
    results.begin([b"a"], {"1"})
    assert held(results, "abcij") == "aci"


def test_other_modes_drop_nothing_when_a_run_begins():
    results = Results(CachePolicy.of("ram", capacity=1 << 20))
    fill(results, "abc")
    results.begin([], ())
    assert held(results, "abc") == "abc"


def test_none_holds_results_only_while_they_are_kept():
    results = Results(CachePolicy.of("none", capacity=1 << 20))
    results.store(b"a", [[1]], Held(), ephemeral=False)
    assert held(results, "a") == "a"
    results.drop([b"a"])
    assert held(results, "a") == "" and results.size == 0


def test_short_memory_takes_what_is_old_and_large(monkeypatch):
    free, moment = [1 << 20], [0.0]
    monkeypatch.setattr("limner.backends.in_process_results.time.monotonic", lambda: moment[0])
    policy = CachePolicy.of("ram", capacity=1 << 30, headroom=1 << 20, available=lambda: free[0])
    results = Results(policy)
    fill(results, "a", 10)
    fill(results, "b", 50_000)
    fill(results, "c", 10)
    fill(results, "d", 60_000)
    free[0] -= 40_000
    fill(results, "e")
    assert held(results, "abcde") == "abcde"  # the machine was asked a moment ago
    moment[0] += 2 * LOOK_SECONDS
    fill(results, "f")
    assert held(results, "abcdef") == "acdef"


def test_an_unknown_mode_is_refused():
    with pytest.raises(SettingsError, match="ram, classic, lru, none"):
        CachePolicy.of("much", capacity=1)
