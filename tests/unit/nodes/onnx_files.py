"""Tiny ONNX files with the inputs and outputs of networks whose weights cannot be kept here."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

NEEDS_ONNX = "the package onnx writes the test's networks; it is in limner[dev]"


def write_network(path: Path, nodes: list, inputs: dict, outputs: dict, constants: dict[str, np.ndarray]) -> Path:
    """Writes a network.

    Args:
        path: Where to.
        nodes: Tuples of operator, inputs, outputs and attributes.
        inputs: Shapes by name.
        outputs: The same.
        constants: Tensors by name, in the order of the file.
    """
    onnx: Any = pytest.importorskip("onnx", reason=NEEDS_ONNX)
    pytest.importorskip("onnxruntime", reason="limner[background] runs networks of ONNX files")
    helper, numpy_helper = onnx.helper, onnx.numpy_helper
    graph = helper.make_graph(
        [helper.make_node(kind, given, made, **facts) for kind, given, made, facts in nodes],
        "test",
        [helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, shape) for name, shape in inputs.items()],
        [helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, shape) for name, shape in outputs.items()],
        [numpy_helper.from_array(value, name) for name, value in constants.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    path.parent.mkdir(parents=True, exist_ok=True)
    onnx.save(model, str(path))
    return path


def write_background_network(path: Path, side: int = 32, *, logits: bool = False) -> Path:
    """Takes for subject what is red: the mean over channels, with weights."""
    weights = np.array([6.0, -3.0, -3.0], np.float32).reshape(1, 3, 1, 1)
    nodes = [("Conv", ["input", "weights"], ["plane"], {})]
    if not logits:
        nodes.append(("Sigmoid", ["plane"], ["mask"], {}))
    name = "plane" if logits else "mask"
    shape = [1, 1, side, side]
    return write_network(path, nodes, {"input": [1, 3, side, side]}, {name: shape}, {"weights": weights})
