"""Tests that need an accelerator; without one they are skipped, and nothing here has run on one yet."""

import pytest
import torch

from limner.models.memory.devices import best_device


def pytest_collection_modifyitems(items):
    if best_device() == "cpu":
        for item in items:
            if "gpu" in item.path.parts:
                item.add_marker(pytest.mark.skip(reason="torch sees no accelerator here"))


@pytest.fixture
def device():
    """The accelerator."""
    return torch.device(best_device())
