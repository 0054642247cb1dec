"""FaceID adapters against diffusers, and the nodes that use them."""

import numpy as np
import pytest
import torch
from diffusers.models.embeddings import IPAdapterFaceIDPlusImageProjection
from safetensors.torch import save_file
from tests.models.control.test_unet_controls import tiny_unet
from tests.models.families.stable_diffusion import network as sd_network
from tests.models.vision.adapter_files import FACE, nested, set_scales, unet_adapter, unet_of, unet_with
from tests.models.vision.seeing import clip, drawn
from tests.models.vision.test_ip_adapters import far, ours, theirs
from tests.unit.nodes.drawn_faces import drawn_face
from tests.unit.nodes.onnx_files import write_network

from limner.graph.errors import ModelFileError, NumericsError, StepError
from limner.models.library import ModelLibrary
from limner.models.patches.patch import with_patch
from limner.models.vision.encoder import open_vision_encoder
from limner.models.vision.face_adapter import numbered, with_face_changes
from limner.models.vision.ip_adapter import open_ip_adapter
from limner.models.vision.picture_influence import Influence
from limner.nodes.ip_adapters import PLUS, SECOND, apply_ip_adapter, apply_ip_adapter_to_face, load_face_recogniser
from limner.storage.folders import Folders

KINDS = {"faceid": "face", "faceid-plus": "face plus", "faceid-plusv2": "face plus"}


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    root = tmp_path_factory.mktemp("faces")
    models = root / "models"
    for kind in ("diffusion_models", "clip_vision", "ipadapter"):
        (models / kind).mkdir(parents=True)
    save_file(tiny_unet(), models / "diffusion_models" / "tiny.safetensors")
    save_file(drawn(clip()).state_dict(), models / "clip_vision" / "clip.safetensors")
    folders = Folders.under(root, model_roots=(models,))
    with ModelLibrary(folders).diffusion_model("tiny.safetensors").network.lease() as unet:
        for name, kind in KINDS.items():
            state = unet_adapter(kind, unet, changes=True)
            torch.save(nested(state), models / "ipadapter" / f"ip-adapter-{name}_sd15.bin")
        save_file(unet_adapter("plain", unet), models / "ipadapter" / "plain.safetensors")
        save_file(unet_adapter("face", unet), models / "ipadapter" / "portrait.safetensors")
    return folders


@pytest.fixture
def library(folders):
    return ModelLibrary(folders)


@pytest.fixture
def encoder(library):
    return open_vision_encoder(library, "clip.safetensors")


def open_named(library, name):
    return open_ip_adapter(library, f"ip-adapter-{name}_sd15.bin")


def identities(count=1):
    found = torch.randn(count, FACE, generator=torch.Generator().manual_seed(7))
    return found / found.norm(dim=-1, keepdim=True)


def with_changes_formed(unet, state):
    """A network whose weights are base + up @ down, formed in float64."""
    formed = unet_of(unet.config, {name: value.clone() for name, value in unet.state_dict().items()})
    for number, name in enumerate(unet.attn_processors):
        attention = formed.get_submodule(name.removesuffix(".processor"))
        for part in ("to_q", "to_k", "to_v", "to_out"):
            up, down = (state[f"ip_adapter.{number}.{part}_lora.{side}.weight"].double() for side in ("up", "down"))
            layer = attention.to_out[0] if part == "to_out" else getattr(attention, part)
            with torch.no_grad():
                layer.weight.copy_(layer.weight.double() + up @ down)
    return formed


@pytest.mark.parametrize("name", KINDS)
def test_kinds(library, encoder, name):
    adapter, model = open_named(library, name), library.diffusion_model("tiny.safetensors")
    picture = torch.rand(1, 40, 40, 3, generator=torch.Generator().manual_seed(2))
    seen = encoder.encode(picture) if adapter.states else None
    assert adapter.second == (name == "faceid-plusv2")
    structure = 0.7 if adapter.second else None
    patched = with_patch(model, adapter.face_attention(identities(), seen, Influence(0.8), structure))
    patched = patched.with_network(with_face_changes(patched.network, adapter.changes, 1.0))
    with model.network.lease() as unet:
        state = unet_adapter(KINDS[name], unet, changes=True)
        oracle = unet_with(with_changes_formed(unet, state), state)
    set_scales(oracle, [0.8])
    inside = oracle.encoder_hid_proj.image_projection_layers[0]
    if adapter.states:
        assert isinstance(inside, IPAdapterFaceIDPlusImageProjection)
        inside.clip_embeds = seen.penultimate_hidden_states[:, None]
        inside.shortcut, inside.shortcut_scale = adapter.second, 0.7
    assert far(ours(patched), theirs(oracle, [identities()[:, None]])) < 1e-4
    assert far(ours(model), ours(patched)) > 1e-3


@pytest.mark.parametrize("kind", ["sd15", "sdxl"])
def test_attentions_are_numbered_as_diffusers_has_them(kind):
    with torch.device("meta"):
        unet = sd_network(kind)
    wanted = [name.removesuffix(".processor") for name in unet.attn_processors]
    assert numbered(reversed(unet.state_dict())) == wanted


def test_the_networks_weights_stay_as_they_are(library):
    model = library.diffusion_model("tiny.safetensors")
    before = ours(model)
    changes = open_named(library, "faceid").changes
    changed = model.with_network(with_face_changes(model.network, changes, 0.5))
    assert far(ours(changed), before) > 1e-3
    assert torch.equal(ours(model), before)
    assert with_face_changes(model.network, changes, 0.0) is model.network
    assert open_ip_adapter(library, "portrait.safetensors").changes is None


def test_several_faces_are_seen_together(library):
    """Those of the portrait kind were trained on it."""
    model = library.diffusion_model("tiny.safetensors")
    adapter = open_ip_adapter(library, "portrait.safetensors")
    with model.network.lease() as unet:
        oracle = unet_with(unet, unet_adapter("face", unet))
    patched = with_patch(model, adapter.face_attention(identities(3), None, Influence()))
    assert far(ours(patched), theirs(oracle, [identities(3)[None]])) < 1e-4


def test_what_an_adapter_looks_at_is_said(library, encoder):
    seen = encoder.encode(torch.zeros(1, 28, 28, 3))
    with pytest.raises(NumericsError, match="looks at faces"):
        open_named(library, "faceid").attention(seen, Influence())
    with pytest.raises(NumericsError, match="not at identities"):
        open_ip_adapter(library, "plain.safetensors").face_attention(identities(), None, Influence())
    with pytest.raises(NumericsError, match="link clip_vision"):
        open_named(library, "faceid-plus").face_attention(identities(), None, Influence())


def test_changes_of_a_larger_network_are_refused(library):
    model = library.diffusion_model("tiny.safetensors")
    changes = open_named(library, "faceid").changes
    further = type(changes)(changes.name, "key", {"99.to_q": next(iter(changes.changes.values()))})
    with pytest.raises(NumericsError, match="more attentions than the 32"):
        with_face_changes(model.network, further, 1.0)


def write_recogniser(path):
    """The mean colour of a face, at three places of 512, as its identity."""
    weights = np.zeros((3, FACE), np.float32)
    weights[0, 0] = weights[1, 1] = weights[2, 2] = 1.0
    nodes = [
        ("ReduceMean", ["picture"], ["mean"], {"axes": [2, 3], "keepdims": 0}),
        ("MatMul", ["mean", "weights"], ["vector"], {}),
    ]
    return write_network(path, nodes, {"picture": [1, 3, 112, 112]}, {"vector": [1, FACE]}, {"weights": weights})


@pytest.fixture
def recogniser(folders):
    pytest.importorskip("cv2", reason="limner[faces] finds faces")
    write_recogniser(folders.model_roots[0] / "insightface" / "tiny.onnx")
    return load_face_recogniser(recogniser="tiny.onnx", folders=folders)


def test_a_face_by_nodes(library, encoder, folders, recogniser):
    given = {
        "model": library.diffusion_model("tiny.safetensors"),
        "ip_adapter": open_named(library, "faceid-plusv2"),
        "face_recogniser": recogniser,
        "image": drawn_face(),
        "clip_vision": encoder,
        "folders": folders,
    }
    model = apply_ip_adapter_to_face(**given)
    wanted, unwanted = (variation.patch.digest for variation in model.options["variations"])
    assert wanted != unwanted
    assert model.network.key != given["model"].network.key

    def digests(**other):
        return [found.patch.digest for found in apply_ip_adapter_to_face(**{**given, **other}).options["variations"]]

    assert digests(version=SECOND) == [wanted, unwanted]
    assert digests(version=PLUS)[0] != wanted
    assert digests(structure=0.5)[0] != wanted
    assert apply_ip_adapter_to_face(**given, lora_strength=0.0).network is given["model"].network
    with pytest.raises(StepError, match="No face was found in picture 1"):
        apply_ip_adapter_to_face(**{**given, "image": torch.zeros(1, 64, 64, 3)})
    with pytest.raises(NumericsError, match="looks at faces"):
        apply_ip_adapter(**{name: given[name] for name in ("model", "ip_adapter", "clip_vision", "image")})


def test_a_recogniser_is_asked_for(folders):
    with pytest.raises(ModelFileError, match=r"w600k_r50\.onnx"):
        load_face_recogniser(recogniser="absent.onnx", folders=folders)
