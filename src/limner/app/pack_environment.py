"""The environment of an isolated node pack: its requirements beside the packages that Limner runs with.

It sees those packages, PyTorch above all, and its own come first; so a pack may have another version of nearly
everything, and never another PyTorch.
"""

import shutil
import site
import sys
import sysconfig
import tempfile
from collections.abc import Callable, Sequence
from importlib import metadata, util
from pathlib import Path

from limner.app.pack_requirements import PROTECTED, plain_name, written_constraints
from limner.graph.errors import SettingsError
from limner.storage.folders import Folders

Run = Callable[[Sequence[str]], str]
"""Runs a program to its end and gives what it printed."""

INHERITED = "limner_inherited.pth"


def environment_of(folders: Folders, name: str) -> Path:
    """Where the environment of a pack lies, whether it is there or not."""
    return folders.data / "packs" / "isolated" / name / "environment"


def python_of(folders: Folders, name: str) -> str:
    """The Python that a pack's process runs with: its environment's, or Limner's own if it has none."""
    python = _python(environment_of(folders, name))
    return str(python) if python.is_file() else sys.executable


def install_own(folders: Folders, name: str, missing: Sequence[str], run: Run) -> str:
    """Installs requirements into a pack's own environment, which is made if it is not there; gives what was printed.

    Raises:
        SettingsError: if they cannot be installed, or brought a package that Limner's own has to be used for. The
            environment is removed then.
    """
    if not missing:
        return ""
    place = environment_of(folders, name)
    try:
        _make(place, run)
        printed = _install(place, missing, run)
        _refuse_protected(place, name)
    except SettingsError:
        shutil.rmtree(place, ignore_errors=True)
        raise
    return printed


def _make(place: Path, run: Run) -> None:
    """Makes an environment that inherits the packages of this one."""
    if _python(place).is_file():
        return
    place.parent.mkdir(parents=True, exist_ok=True)
    run([sys.executable, "-m", "venv", "--without-pip", str(place)])
    # --system-site-packages would inherit from the system's Python, not from a virtual environment like ours.
    folders = dict.fromkeys([sysconfig.get_path("purelib"), sysconfig.get_path("platlib"), *site.getsitepackages()])
    lines = [f"import site; site.addsitedir({folder!r})" for folder in folders if Path(folder).is_dir()]
    (_packages(place) / INHERITED).write_text("\n".join(lines) + "\n", encoding="utf-8")


def _install(place: Path, missing: Sequence[str], run: Run) -> str:
    python = str(_python(place))
    uv = shutil.which("uv")
    with tempfile.TemporaryDirectory() as folder:
        constraints = written_constraints(Path(folder))
        if util.find_spec("pip") is not None:  # it sees what is inherited, which uv does not
            program = [sys.executable, "-m", "pip", "--python", python, "install", "--disable-pip-version-check"]
        elif uv:
            never = Path(folder) / "overrides.txt"
            never.write_text("".join(f"{name}; python_version < '3'\n" for name in PROTECTED), encoding="utf-8")
            program = [uv, "pip", "install", "--python", python, "--overrides", str(never)]
        else:
            raise SettingsError("Neither pip nor uv is there to install what the pack requires: install one of them.")
        return run([*program, "--constraint", str(constraints), *missing])


def _refuse_protected(place: Path, name: str) -> None:
    own = {plain_name(found.metadata["Name"]) for found in metadata.distributions(path=[str(_packages(place))])}
    brought = sorted(own.intersection(PROTECTED))
    if brought:
        raise SettingsError(
            f"What node pack {name} requires would bring its own {', '.join(brought)}; tensors could not cross then. "
            "Nothing was installed."
        )


def _python(place: Path) -> Path:
    return place / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")


def _packages(place: Path) -> Path:
    variables = {"base": str(place), "platbase": str(place)}
    return Path(sysconfig.get_path("purelib", "venv", variables))
