"""Faces are found and swapped."""

import json

import numpy as np
import pytest
import torch
from tests.unit.nodes.drawn_faces import drawn_face
from tests.unit.nodes.onnx_files import write_network

from limner.graph.errors import ModelFileError, StepError, UnknownNameError
from limner.models.vision.face_alignment import STANDARD, moved, points_from_box, similarity, standard_points
from limner.models.vision.face_detection import CascadeDetector
from limner.nodes.faces import ALL, detect_faces, load_face_swapper, swap_faces

NEEDS_OPENCV = "limner[faces] finds faces"


@pytest.fixture
def services(folders, progress):
    pytest.importorskip("cv2", reason=NEEDS_OPENCV)
    return {"folders": folders, "progress": progress}


def test_a_transform_is_found_exactly():
    draw = np.random.default_rng(2)
    points, angle = draw.normal(size=(5, 2)), 0.4
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    targets = points @ (3.0 * turn).T + (7.0, -2.0)
    np.testing.assert_allclose(moved(points, similarity(points, targets)), targets, atol=1e-9)


def test_mirrored_points_are_turned_and_not_mirrored():
    targets = STANDARD * (-1.0, 1.0)
    found = similarity(STANDARD, targets)
    assert np.linalg.det(found[:, :2]) > 0


def test_standard_places():
    np.testing.assert_allclose(standard_points(224), STANDARD * 2)
    np.testing.assert_allclose(standard_points(128), STANDARD + np.array([8, 0]))
    eyes = points_from_box(100, 100)[:2]
    np.testing.assert_allclose(eyes.mean(axis=0), [50, 40], atol=0.2)


def test_a_face_is_found(services):
    batch = torch.cat([drawn_face(), drawn_face(at=(90, 130), radius=45), torch.full((1, 240, 240, 3), 0.5)])
    count, crops, mask, details = detect_faces(image=batch, grow=0.0, **services)
    assert count == 2
    told = [json.loads(text) for text in details]
    assert [len(found) for found in told] == [1, 1, 0]
    left, top, width, height = told[0][0]["box"]
    assert abs(left + width / 2 - 120) < 8 and abs(top + height / 2 - 125) < 12
    assert crops[0].shape[1:3] == (height, width)
    assert mask[0, 120, 120] == 1.0 and mask[0, 5, 5] == 0.0 and mask[2].max() == 0.0
    eyes = np.array(told[0][0]["points"][:2])
    np.testing.assert_allclose(eyes, [[98, 110], [142, 110]], atol=5)


def test_a_lean_is_seen(services):
    _, _, _, (details,) = detect_faces(image=drawn_face(lean=10), **services)
    (face,) = json.loads(details)
    assert 5 < face["lean"] < 15


def test_crops_stop_at_the_sides(services):
    _, (crop,), _, _ = detect_faces(image=drawn_face(), grow=3.0, **services)
    assert crop.shape == (1, 240, 240, 3)


def test_uncertain_faces_are_left_out(services):
    assert detect_faces(image=drawn_face(), least_confidence=1.0, **services)[0] == 0


def test_a_detector_that_is_missing_or_no_detector_is_named(services, folders):
    with pytest.raises(UnknownNameError, match="detection"):
        detect_faces(image=drawn_face(), detector="yunet.onnx", **services)
    path = folders.model_roots[0] / "detection" / "yunet.onnx"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"no network")
    with pytest.raises(ModelFileError, match=r"yunet\.onnx cannot be loaded as YuNet"):
        detect_faces(image=drawn_face(), detector="yunet.onnx", **services)


def write_yunet(path):
    """Takes for a face, as large as its stride of 32, what is red; in YuNet's layout: four outputs for each stride."""
    nodes, outputs = [], {}
    widths = {"cls": 1, "obj": 1, "bbox": 4, "kps": 10}
    constants = {}
    for name, width in widths.items():
        constants[f"{name}_shape"] = np.array([1, -1, width], np.int64)
        weights = np.zeros((width, 3, 1, 1), np.float32)
        if width == 1:
            weights[0, :, 0, 0] = (-0.1, -0.1, 0.1)
        constants[f"{name}_weights"] = weights
    for stride in (8, 16, 32):
        square = {"kernel_shape": [stride, stride], "strides": [stride, stride]}
        nodes.append(("AveragePool", ["input"], [f"pool_{stride}"], square))
        for name, width in widths.items():
            plane, last = f"{name}_plane_{stride}", f"{name}_last_{stride}"
            nodes.append(("Conv", [f"pool_{stride}", f"{name}_weights"], [plane], {}))
            nodes.append(("Transpose", [plane], [last], {"perm": [0, 2, 3, 1]}))
            flat = f"{name}_flat_{stride}" if width == 1 else f"{name}_{stride}"
            nodes.append(("Reshape", [last, f"{name}_shape"], [flat], {}))
            if width == 1:
                nodes.append(("Sigmoid" if stride == 32 else "Neg", [flat], [f"{name}_{stride}"], {}))
            outputs[f"{name}_{stride}"] = [1, (96 // stride) ** 2, width]
    order = [f"{name}_{stride}" for name in widths for stride in (8, 16, 32)]
    return write_network(path, nodes, {"input": [1, 3, 96, 96]}, {name: outputs[name] for name in order}, constants)


def test_yunet_tells_places_and_points(services, folders):
    write_yunet(folders.model_roots[0] / "detection" / "yunet.onnx")
    image = torch.zeros(1, 96, 96, 3)
    image[0, 32:64, 64:96, 0] = 1.0
    count, _, _, (details,) = detect_faces(image=image, detector="yunet.onnx", least_confidence=0.9, **services)
    (face,) = json.loads(details)
    assert count == 1
    # The cell in the second row and the third column; a face lies around its upper left corner.
    assert face["box"] == [48, 16, 32, 32]
    assert face["points"] == [[64.0, 32.0]] * 5
    assert face["confidence"] > 0.99


def write_recogniser(path):
    """The mean colour of a face as its identity."""
    weights = np.zeros((3, 512), np.float32)
    weights[0, 0] = weights[1, 1] = weights[2, 2] = 1.0
    nodes = [
        ("ReduceMean", ["picture"], ["mean"], {"axes": [2, 3], "keepdims": 0}),
        ("MatMul", ["mean", "weights"], ["vector"], {}),
    ]
    return write_network(path, nodes, {"picture": [1, 3, 112, 112]}, {"vector": [1, 512]}, {"weights": weights})


def write_swapper(path, *, matrix=True):
    """Colours a face as its identity says: 0.5 + source / 2, in the layout of inswapper_128.onnx."""
    weights = np.zeros((512, 3), np.float32)
    weights[0, 2] = weights[1, 1] = weights[2, 0] = 0.5  # The matrix below has exchanged the first and the third.
    constants = {
        "weights": weights,
        "half": np.full((1, 3, 1, 1), 0.5, np.float32),
        "shape": np.array([1, 3, 1, 1], np.int64),
        "nothing": np.zeros((1, 3, 1, 1), np.float32),
    }
    if matrix:
        exchanged = np.eye(512, dtype=np.float32)
        exchanged[[0, 2]] = exchanged[[2, 0]]
        constants["emap"] = exchanged
    nodes = [
        ("MatMul", ["source", "weights"], ["flat"], {}),
        ("Reshape", ["flat", "shape"], ["colour"], {}),
        ("Mul", ["target", "nothing"], ["black"], {}),
        ("Add", ["black", "half"], ["grey"], {}),
        ("Add", ["grey", "colour"], ["output"], {}),
    ]
    inputs = {"target": [1, 3, 128, 128], "source": [1, 512]}
    return write_network(path, nodes, inputs, {"output": [1, 3, 128, 128]}, constants)


@pytest.fixture
def swapper(services, folders):
    folder = folders.model_roots[0] / "insightface"
    write_swapper(folder / "inswapper_128.onnx")
    write_recogniser(folder / "models" / "buffalo_l" / "w600k_r50.onnx")
    names = {"swapper": "inswapper_128.onnx", "recogniser": "models/buffalo_l/w600k_r50.onnx"}
    assert sorted(names.values()) == sorted(folders.list("insightface"))
    return load_face_swapper(**names, folders=folders)


def test_a_face_is_redrawn_by_its_identity(swapper, services):
    green = drawn_face(skin=(60, 220, 60))
    image = torch.cat([drawn_face(at=(110, 115)), torch.zeros(1, 240, 240, 3)])
    swapped = swap_faces(image=image, face=green, face_swapper=swapper, **services)
    assert swapped.shape == image.shape
    middle = swapped[0, 120, 110]
    # The identity is the direction of the mean colour in -1..1: mostly green, and less red than that.
    assert middle[1] > middle[0] + 0.1 and middle[1] > middle[2] + 0.1
    assert torch.equal(swapped[0, :20], image[0, :20]), "what is far from the face stays"
    assert torch.equal(swapped[1], image[1])
    soft = swap_faces(image=image, face=green, face_swapper=swapper, blending=0.0, which=ALL, **services)
    assert not torch.equal(soft, swapped)


def test_an_identity_is_a_direction(swapper, services):
    pixels = (drawn_face()[0].numpy() * 255).astype(np.uint8)
    (face,) = CascadeDetector().faces(pixels)
    identity = swapper.identity(pixels, face)
    assert identity.shape == (1, 512) and identity.dtype == np.float32
    assert abs(float(np.linalg.norm(identity)) - 1) < 1e-5


def test_a_source_without_a_face_is_refused(swapper, services):
    with pytest.raises(StepError, match="No face was found"):
        swap_faces(image=drawn_face(), face=torch.zeros(1, 64, 64, 3), face_swapper=swapper, **services)


def test_missing_weights_are_named_with_their_folder(folders):
    with pytest.raises(ModelFileError, match=r"'insightface': inswapper_128\.onnx.*w600k_r50\.onnx.*non-commercial"):
        load_face_swapper(swapper="inswapper_128.onnx", recogniser="w600k_r50.onnx", folders=folders)


def test_networks_of_another_kind_are_refused(services, folders):
    folder = folders.model_roots[0] / "insightface"
    write_recogniser(folder / "r.onnx")
    write_swapper(folder / "s.onnx", matrix=False)
    with pytest.raises(ModelFileError, match="a picture and a vector of 512 were expected"):
        load_face_swapper(swapper="r.onnx", recogniser="r.onnx", folders=folders)
    with pytest.raises(ModelFileError, match=r"s\.onnx holds no matrix"):
        load_face_swapper(swapper="s.onnx", recogniser="r.onnx", folders=folders)
