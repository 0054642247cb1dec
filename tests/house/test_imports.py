"""The layers, the independence of families, and the two halves: the contracts of pyproject.toml."""

import subprocess
import sys
from pathlib import Path

import pytest
from importlinter.cli import EXIT_STATUS_SUCCESS, lint_imports

ROOT = Path(__file__).parents[2]
SERVICE_HALF = ("graph", "storage", "engine", "jobs", "dialects", "server")
TENSOR_LIBRARIES = ("torch", "diffusers", "transformers", "ray")


def test_every_import_contract_is_kept(monkeypatch, tmp_path):
    monkeypatch.chdir(ROOT)
    monkeypatch.setattr(sys, "path", [str(ROOT / "src"), *sys.path])
    status = lint_imports(config_filename=str(ROOT / "pyproject.toml"), cache_dir=str(tmp_path))
    assert status == EXIT_STATUS_SUCCESS


@pytest.mark.parametrize("package", SERVICE_HALF)
def test_service_half_starts_without_tensor_libraries(package):
    program = (
        "import sys, pkgutil, importlib\n"
        f"import limner.{package} as package\n"
        "for entry in pkgutil.walk_packages(package.__path__, package.__name__ + '.'):\n"
        "    importlib.import_module(entry.name)\n"
        f"print(sorted(set({TENSOR_LIBRARIES!r}) & set(sys.modules)))\n"
    )
    answer = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT)
    assert answer.stdout.strip() == "[]"
