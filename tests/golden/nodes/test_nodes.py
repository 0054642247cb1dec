"""Image and mask nodes give what was recorded, to within one of 255 levels."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from tests.golden.running import Runner

from limner.storage.folders import Folders

HERE = Path(__file__).parent
CASES = sorted(path.stem for path in HERE.glob("*.json"))


@pytest.fixture(scope="module")
def runner(tmp_path_factory):
    folders = Folders.under(tmp_path_factory.mktemp("golden"), input=HERE.parent / "cases")
    made = Runner(folders)
    yield made
    made.close()


@pytest.mark.parametrize("case", CASES)
def test_node_gives_the_recorded_picture(case, runner):
    told = runner.run(json.loads((HERE / f"{case}.json").read_text()))

    paths = [runner.folders.output / entry["filename"] for entry in told["9"]["images"]]
    ours = np.stack([np.asarray(Image.open(path)) for path in paths])
    recorded = np.load(HERE / f"{case}.npz")["image_9"]
    assert ours.shape == recorded.shape
    assert np.abs(ours.astype(int) - recorded.astype(int)).max() <= 1
