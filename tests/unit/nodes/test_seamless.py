"""Nodes for pictures that go on at their edges."""

import pytest

from limner.graph.errors import NumericsError
from limner.models.patches.patch import patches_of
from limner.models.seamless import Edges
from limner.nodes.seamless import seamless_tiling, seamless_tiling_vae


def test_the_model_has_a_patch_that_says_which_edges(model):
    assert patches_of(seamless_tiling(model=model, x=True, y=False).options) == (Edges(x=True, y=False),)
    assert patches_of(model.options) == ()


def test_without_edges_nothing_changes(model, vae):
    assert seamless_tiling(model=model, x=False, y=False) is model
    assert seamless_tiling_vae(vae=vae, x=False, y=False) is vae


def test_a_missing_autoencoder_is_explained():
    with pytest.raises(NumericsError, match="VAE"):
        seamless_tiling_vae(vae=None)
