"""Noise is fixed by its seed, and follows the recorded conventions."""

import pytest
import torch

from limner.sampling.brownian import BrownianTree
from limner.sampling.noise import initial_noise

CPU = torch.device("cpu")


def tree(seed: int = 42) -> BrownianTree:
    return BrownianTree((1, 4, 8, 12), torch.float32, CPU, 0.0291675, 14.614642, entropy=seed)


def test_initial_noise_is_the_beginning_of_the_seed_s_sequence():
    latent = torch.zeros(2, 4, 3, 3)
    noise = initial_noise(latent, 7)
    with torch.random.fork_rng():
        torch.manual_seed(7)
        assert torch.equal(noise, torch.randn(2, 4, 3, 3))


def test_a_batch_index_picks_draws_and_shares_equal_ones():
    latent = torch.zeros(3, 4, 3, 3)
    noise = initial_noise(latent, 7, [2, 0, 2])
    assert torch.equal(noise[0], noise[2])
    assert torch.equal(noise[1], initial_noise(latent[:1], 7)[0])
    assert torch.equal(noise[1:2], initial_noise(latent[:1], 7, [0]))


def test_the_largest_seed_is_taken():
    assert torch.isfinite(initial_noise(torch.zeros(1, 4, 2, 2), 2**64 - 1)).all()


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (5.1234567, 14.614642, [2.6442213, 0.6947347, -1.6002494, -3.3828926]),
        (0.0291675, 0.7, [-0.0450725, 0.8932636, 0.1045705, 0.3877649]),
        (1.2, 5.1234567, [1.3930727, 0.0725116, 1.7957183, -0.9090642]),
    ],
)
def test_a_path_has_the_recorded_numbers(low, high, expected):
    # Recorded from torchsde 0.2.6, BrownianTree(0.0291675, zeros(1, 4, 8, 12), 14.614642, entropy=42).
    torch.testing.assert_close(tree().increment(low, high).flatten()[:4], torch.tensor(expected), rtol=0, atol=1e-6)


def test_a_path_does_not_depend_on_the_order_of_questions():
    asked = tree()
    asked.increment(0.03, 0.5)
    asked.increment(7.7, 11.0)
    late = asked.increment(1.0, 3.0)
    assert torch.equal(late, tree().increment(1.0, 3.0))


def test_parts_of_a_path_add_up():
    path = tree()
    whole = path.increment(1.0, 9.0)
    torch.testing.assert_close(path.increment(1.0, 2.345678) + path.increment(2.345678, 9.0), whole, rtol=0, atol=1e-5)


def test_increments_have_the_variance_of_their_length():
    path = BrownianTree((200, 200), torch.float32, CPU, 0.0, 10.0, entropy=3)
    assert float(path.increment(2.0, 6.0).var()) == pytest.approx(4.0, rel=0.05)


def test_nothing_is_gained_in_no_time():
    assert not tree().increment(3.0, 3.0).any()
