"""Empty model folders."""

import pytest

from limner.storage.folders import Folders


@pytest.fixture
def folders(tmp_path):
    for kind in ("diffusion_models", "controlnet"):
        (tmp_path / "models" / kind).mkdir(parents=True)
    return Folders.under(tmp_path, model_roots=(tmp_path / "models",))
