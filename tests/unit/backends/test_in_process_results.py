import numpy as np
import pytest
import torch

from limner.backends.in_process_results import Results, size_of
from limner.engine.step import Held


def held_keys(results, *names):
    return [name for name, found in zip(names, results.recall(names), strict=True) if found]


def filled(capacity, *names, size=1000):
    results = Results(capacity)
    for name in names:
        results.store(name, [[bytes(size)]], Held(), ephemeral=False)
        results.drop([name])
    return results


def test_least_recently_used_is_evicted_first():
    results = filled(5000, b"a", b"b")
    results.recall([b"a"])
    results.store(b"c", [[bytes(1000)]], Held(), ephemeral=False)
    results.drop([b"c"])
    assert held_keys(results, b"a", b"b", b"c") == [b"a", b"c"]
    assert results.size <= 5000


def test_kept_results_may_exceed_the_capacity():
    results = Results(10)
    results.store(b"a", [[bytes(1000)]], Held({"text": ["x"]}), ephemeral=False)
    assert results.keep(b"a") == Held({"text": ["x"]})
    results.drop([b"a"])
    assert results.status()["kept"] > 1000
    results.drop([b"a"])
    assert len(results) == 0 and results.size == 0 and results.keep(b"a") is None


def test_release_spares_what_is_kept():
    results = filled(10**6, b"a", b"b")
    results.keep(b"a")
    results.release()
    assert held_keys(results, b"a", b"b") == [b"a"]


def test_ephemeral_results_go_with_their_last_keeper():
    results = Results(10**6)
    results.store(b"a", [[1]], Held(), ephemeral=True)
    results.drop([b"a"])
    assert len(results) == 0 and results.size == 0


def test_storing_again_replaces_and_counts_once():
    results = Results(10**6)
    for _ in range(3):
        results.store(b"a", [[bytes(1000)]], Held(), ephemeral=False)
    assert len(results) == 1 and results.size < 3000
    results.drop([b"a", b"a", b"a"])
    results.release()
    assert results.size == 0


@pytest.mark.parametrize(
    ("value", "least", "most"),
    [
        (torch.zeros(10, 100), 4000, 4200),
        (np.zeros((10, 100)), 8000, 8200),
        ({"samples": torch.zeros(1000), "noise_mask": [torch.zeros(500)]}, 6000, 6500),
        ([[torch.zeros(1000), {"pooled_output": torch.zeros(1000)}]], 8000, 8500),
        ("x" * 5000, 5000, 5100),
        (torch.nn.Linear(100, 100), 0, 200),
        (3, 1, 100),
        (None, 1, 100),
    ],
)
def test_sizes(value, least, most):
    assert least <= size_of(value) <= most


def test_a_value_that_is_there_twice_counts_once():
    tensor = torch.zeros(1000)
    assert size_of([tensor, tensor]) < 5000


def test_sizes_of_endless_values_are_found_in_bounded_time():
    loop: list = []
    loop.append(loop)
    assert size_of(loop) < 1000
    assert size_of([0.5] * 3_000_000) > 3_000_000
    deep: list = []
    for _ in range(100_000):
        deep = [deep]
    assert size_of(deep) > 0
