"""Compiled networks: the same results, keys of their own, and clear words where nothing can be compiled."""

import gc
import shutil
import weakref

import pytest
import torch
from tests.unit.models.conftest import tiny_state
from torch import nn

from limner.graph.errors import SettingsError
from limner.models.library import ModelLibrary
from limner.models.load.model_file import ModelFile
from limner.models.patches.compiled import Compiled, check_compiler
from limner.models.patches.patch import PATCHES, stepped_into, with_patch, wrapped
from limner.nodes.compiling import torch_compile_model
from limner.storage.folders import Folders


@pytest.fixture(autouse=True)
def fresh():
    """What was compiled before is forgotten."""
    torch.compiler.reset()
    yield
    torch.compiler.reset()


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    library = ModelLibrary(Folders.under(tmp_path_factory.mktemp("compiled")))
    return library.checkpoint_in(ModelFile.of(tiny_state(), "tiny")).model


class Counting:
    """A backend that compiles nothing and counts what it is given."""

    def __init__(self):
        self.graphs = 0

    def __call__(self, graph, inputs):
        self.graphs += 1
        return graph.forward


class Halves(nn.Module):
    """A network in small; a UNet takes half a minute to be looked through."""

    def __init__(self, seed):
        super().__init__()
        torch.manual_seed(seed)
        self.first, self.second = nn.Linear(6, 8), nn.Linear(8, 6)

    def forward(self, x, *, scale=1.0):
        return self.second(torch.nn.functional.silu(self.first(x))) * scale


def run(network, patch=None, scale=1.0):
    x = torch.randn(4, 6, generator=torch.Generator().manual_seed(3))
    options = {} if patch is None else {PATCHES: (patch,)}
    with torch.no_grad(), stepped_into(network, options):
        return network(x, scale=scale)


def test_the_same_is_said_and_compiled_once():
    backend, network = Counting(), Halves(0)
    patch = Compiled(backend)
    for _ in range(3):
        torch.testing.assert_close(run(network, patch), run(network))
    assert backend.graphs == 1


def test_two_networks_of_one_class_keep_their_weights():
    patch, first, second = Compiled(Counting()), Halves(0), Halves(1)
    for _ in range(2):
        for network in (first, second):
            torch.testing.assert_close(run(network, patch), run(network))
    assert not torch.allclose(run(first, patch), run(second, patch))


def test_a_network_that_is_gone_leaves_nothing_behind():
    patch, network = Compiled(Counting()), Halves(0)
    run(network, patch)
    gone = weakref.ref(network)
    del network
    gc.collect()
    assert gone() is None


def test_a_network_whose_parts_are_brought_in_runs_as_it_is():
    backend, network = Counting(), Halves(0)
    network.first.register_forward_pre_hook(lambda module, inputs: None)
    torch.testing.assert_close(run(network, Compiled(backend)), run(network))
    assert backend.graphs == 0


def test_a_network_that_is_wrapped_already_runs_as_it_is():
    backend, network = Counting(), Halves(0)
    with torch.no_grad(), wrapped(network, lambda own, *args, **kwargs: own(*args, **kwargs) * 2):
        twice = run(network, Compiled(backend))
    torch.testing.assert_close(twice, run(network, scale=2.0))
    assert backend.graphs == 0


def test_what_cannot_be_compiled_is_said():
    def broken(graph, inputs):
        raise ValueError("no such instruction")

    with pytest.raises(SettingsError, match=r"cannot compile Halves with .*no such instruction"):
        run(Halves(0), Compiled(broken))


def test_what_is_missing_is_said_before_anything_runs(model, monkeypatch):
    with pytest.raises(SettingsError, match="for CUDA, but the network runs on cpu"):
        torch_compile_model(model=model, backend="cudagraphs")
    monkeypatch.setattr("limner.models.patches.compiled.find_spec", lambda name: None)
    with pytest.raises(SettingsError, match="needs the package triton"):
        check_compiler("inductor", torch.device("cuda"))
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(SettingsError, match=r"needs a C\+\+ compiler"):
        torch_compile_model(model=model, backend="inductor")
    monkeypatch.setattr(shutil, "which", lambda name: name)
    assert torch_compile_model(model=model, backend="inductor").key != model.key


def test_equal_backends_have_equal_keys(model):
    one, same = (with_patch(model, Compiled("inductor")) for _ in range(2))
    assert one.key == same.key != model.key
    assert with_patch(model, Compiled("cudagraphs")).key != one.key


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("c++") is None, reason="there is no C++ compiler here")
@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::UserWarning")
def test_a_real_compiler():
    network = Halves(0)
    torch.testing.assert_close(run(network, Compiled("inductor")), run(network), rtol=1e-4, atol=1e-5)
