"""The doctor's advice names the folder where a pack lies, not the one in which it was examined."""

import pytest

from comfy_host.packs import find_packs
from limner.app.pack_doctor import examine
from limner.app.settings import read_settings


@pytest.fixture
def settings(tmp_path):
    return read_settings({"data": str(tmp_path)})


def test_a_missing_module_is_told_with_what_to_do(tmp_path, settings):
    pack = tmp_path / "custom_nodes" / "needy"
    pack.mkdir(parents=True)
    (pack / "__init__.py").write_text("import no_such_module_at_all\n")
    found = examine(find_packs([pack.parent])[0], settings)
    assert found.report.state == "failed"
    assert f"`limner nodes install {pack}`" in found.report.reason
    assert any("Traceback" in line for line in found.output)
    assert not any("limner-doctor-" in line for line in found.output)
