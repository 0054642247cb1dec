"""Alpha and Sigma, where tensors do not tell them apart: by what lies beside them, or by the user's word."""

import json

import pytest
import torch
from tests.models.families import pixart
from tests.models.families.case import randomised

from limner.graph.errors import NumericsError
from limner.models.library import ModelLibrary
from limner.models.load.layout import Layout
from limner.models.load.model_file import ModelFile
from limner.models.parts.pixart import pixart_blueprint
from limner.models.registry import load_families
from limner.nodes.pixart import pixart_version
from limner.storage.folders import Folders


@pytest.fixture(scope="module")
def shapes():
    return {name: tuple(tensor.shape) for name, tensor in pixart.network(sizes=False).state_dict().items()}


def recognised(shapes, **metadata):
    layout = Layout(shapes, {name.replace("_", "."): text for name, text in metadata.items()})
    return [family.name for family in load_families().values() if family.recognise(layout)]


def test_what_lies_beside_a_network_says_which_it_is(shapes):
    assert recognised(shapes) == ["pixart_sigma"]
    assert recognised(shapes, limner_family="pixart_alpha") == ["pixart_alpha"]
    folder = {f"transformer.{name}": shape for name, shape in shapes.items()}
    for scale, family in ((0.18215, "pixart_alpha"), (0.13025, "pixart_sigma")):
        assert recognised(folder, vae_config=json.dumps({"scaling_factor": scale})) == [family]
    sized = {**shapes, "adaln_single.emb.resolution_embedder.linear_1.weight": (48, 256)}
    assert recognised(sized) == ["pixart_alpha"]
    assert recognised(sized, limner_family="pixart_sigma") == ["pixart_sigma"]


@pytest.mark.parametrize(
    ("stated", "side", "scale"),
    [
        ({}, 128, 2),
        ({"sample_size": 32}, 32, 1),
        ({"sample_size": 32, "interpolation_scale": 0.5}, 32, 0.5),
        ({"sample_size": 128, "interpolation_scale": None}, 128, 2),
    ],
)
def test_places_are_those_of_the_folders_configuration(shapes, stated, side, scale):
    metadata = {"transformer.config": json.dumps(stated)}
    blueprint = pixart_blueprint(Layout({f"transformer.{name}": shape for name, shape in shapes.items()}, metadata))
    with torch.device("meta"):
        network = blueprint.build()
    assert (network.config.sample_size, network.config.interpolation_scale) == (side, scale)


def test_a_user_can_say_so(tmp_path):
    library = ModelLibrary(Folders.under(tmp_path, model_roots=()))
    state = randomised(pixart.network(sizes=False)).state_dict()
    model = library.diffusion_model_in(ModelFile.of(state))
    assert model.latent_format.scale == 0.13025
    alpha = pixart_version(model=model, version="alpha")
    assert (alpha.family.name, alpha.latent_format.scale) == ("pixart_alpha", 0.18215)
    assert alpha.network is model.network
    assert pixart_version(model=alpha, version="sigma").latent_format.scale == 0.13025
    conditioning = pixart.ALPHA.texts(torch.Generator().manual_seed(1))[0]
    assert alpha.inputs(conditioning[1], conditioning[0], torch.zeros(1, 4, 8, 8)).keys() == {"context"}


def test_other_networks_are_refused(tmp_path):
    class Other:
        class family:  # noqa: N801, a stand-in for a record
            name = "flux"

    with pytest.raises(NumericsError, match="one of flux"):
        pixart_version(model=Other(), version="alpha")
