"""Loading takes little more memory than the file has bytes: measured in a process of its own, for every way of loading.

Pages of the file that were only looked at count too, until they are given back.
"""

import json
import subprocess
import sys

import pytest
import torch
from safetensors.torch import save_file

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="measured as Linux counts")

LAYERS, WIDTH = 36, 2048
"""36 matrices of 8 MiB in float16: 302 MB."""

MEASURE = """
import json, sys
from pathlib import Path
import torch
from torch import nn
from limner.models.load.blueprint import Blueprint, Source, load_network
from limner.models.load.building import built
from limner.models.load.model_file import ModelFile

path, width, dtype, storage, fused = Path(sys.argv[1]), *json.loads(sys.argv[2])

def memory(field):
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(field)) * 1024

def build():
    rows, count = (width // 2, layers * 2) if fused else (width, layers)
    return nn.ModuleList(nn.Linear(width, rows, bias=False) for _ in range(count))

torch.ones(4).half().bfloat16().float().sum()
torch.ones(4, 4) @ torch.ones(4, 4)
built(lambda: nn.Linear(2, 2))  # the first network of a process imports libraries
file = ModelFile.open(path)
layers = len(file.tensors)
keys = {f"{n}.weight": Source((f"{n}.weight",)) for n in range(layers)}
if fused:
    half = lambda index: lambda weight: weight.chunk(2)[index]
    keys = {f"{2 * n + part}.weight": Source((f"{n}.weight",), half(part)) for n in range(layers) for part in (0, 1)}
Path("/proc/self/clear_refs").write_text("5")  # the greatest size so far is forgotten
before = memory("VmRSS")
network = load_network(Blueprint(keys, build), file, getattr(torch, dtype), torch.device("cpu"), storage)
for layer in network:
    layer.weight.sum() if storage is None else layer.weight.codes.view(torch.uint8).max()
print(json.dumps({"peak": memory("VmHWM") - before, "kept": sum(weight.nbytes for weight in network.parameters())}))
"""


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    """A file of 302 MB."""
    path = tmp_path_factory.mktemp("large") / "large.safetensors"
    weight = torch.randn(WIDTH, WIDTH, dtype=torch.float16)
    save_file({f"{n}.weight": weight + n for n in range(LAYERS)}, path)
    yield path
    path.unlink()


@pytest.mark.parametrize(
    ("dtype", "storage", "fused", "limit"),
    [
        pytest.param("float16", None, False, 1.15, id="as stored"),
        pytest.param("bfloat16", None, False, 1.15, id="converted"),
        pytest.param("bfloat16", "fp8_e4m3fn", False, 0.75, id="packed as fp8"),
        pytest.param("bfloat16", "nf4", False, 0.65, id="packed as nf4"),
        pytest.param("bfloat16", None, True, 1.15, id="taken apart"),
    ],
)
def test_peak_stays_near_the_size_of_the_file(path, dtype, storage, fused, limit):
    arguments = [sys.executable, "-c", MEASURE, str(path), json.dumps([WIDTH, dtype, storage, fused])]
    answer = subprocess.run(arguments, capture_output=True, text=True, check=False, env={"OMP_NUM_THREADS": "1"})
    assert answer.returncode == 0, answer.stderr
    measured = json.loads(answer.stdout)
    assert measured["peak"] < limit * path.stat().st_size
    assert measured["peak"] > 0.9 * measured["kept"]  # everything is really there
