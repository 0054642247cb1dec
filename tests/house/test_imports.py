"""The layers, the independence of families, and the two halves: the contracts of pyproject.toml."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SERVICE_HALF = ("graph", "storage", "engine", "hub", "jobs", "dialects", "server")
TENSOR_LIBRARIES = ("torch", "diffusers", "transformers", "ray")


def test_every_import_contract_is_kept(tmp_path):
    # In a process of its own: the linter configures logging, which silences every logger that is there already.
    program = (
        "import sys\nfrom importlinter.cli import lint_imports\n"
        "sys.exit(lint_imports(config_filename=sys.argv[1], cache_dir=sys.argv[2]))"
    )
    arguments = [str(ROOT / "pyproject.toml"), str(tmp_path)]
    path = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    answer = subprocess.run(
        [sys.executable, "-c", program, *arguments], capture_output=True, text=True, cwd=ROOT, env=path
    )
    assert answer.returncode == 0, answer.stdout + answer.stderr


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
