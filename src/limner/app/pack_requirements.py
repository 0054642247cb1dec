"""What a node pack requires, what of it is there, and installing the rest without touching what Limner stands on."""

import re
import shutil
import sys
import tempfile
import tomllib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from packaging.requirements import InvalidRequirement, Requirement

PROTECTED = ("torch", "torchvision", "torchaudio", "numpy", "diffusers", "transformers", "tokenizers", "safetensors")
"""Packages whose installed version is kept, whatever a pack asks for."""

HOSTED = frozenset({"comfyui", "comfyui-frontend-package", "comfyui-workflow-templates", "comfy"})
"""What Limner is itself, as far as packs are concerned."""


@dataclass(frozen=True)
class RequirementsPlan:
    """What a pack requires.

    Attributes:
        wanted: Lines of its requirements file.
        missing: Those that nothing installed fulfils.
        conflicts: Those that want another version of a protected package, with what is installed.
        unread: Lines that are no requirement (options, paths).
    """

    wanted: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    conflicts: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()


def plan_requirements(pack: Path) -> RequirementsPlan:
    """Compares what a pack requires with what is installed."""
    wanted: list[str] = []
    missing: list[str] = []
    conflicts: list[str] = []
    unread: list[str] = []
    for line in _lines(pack):
        requirement = _read(line)
        if requirement is None:
            unread.append(line)
            continue
        if not _applies(requirement):
            continue
        wanted.append(line)
        installed = _installed(requirement.name)
        if installed is not None and requirement.specifier.contains(installed, prereleases=True):
            continue
        if installed is not None and plain_name(requirement.name) in PROTECTED:
            conflicts.append(f"{line} (installed: {installed})")
        else:
            missing.append(line)
    return RequirementsPlan(tuple(wanted), tuple(missing), tuple(conflicts), tuple(unread))


def install_requirements(
    missing: Sequence[str], run: Callable[[Sequence[str]], str], target: Path | None = None
) -> str:
    """Installs what is missing, with uv if it is there, else with pip; gives what it printed.

    Args:
        missing: Requirements.
        run: Runs a program.
        target: A folder of the pack's own; the environment that Limner runs in if absent.

    Raises:
        SettingsError: if they cannot be installed beside what Limner stands on.
    """
    if not missing:
        return ""
    with tempfile.TemporaryDirectory() as folder:
        constraints = written_constraints(Path(folder))
        uv = shutil.which("uv")
        program = [uv, "pip", "install", "--python", sys.executable] if uv else [sys.executable, "-m", "pip", "install"]
        place = ["--target", str(target)] if target is not None else []
        return run([*program, "--constraint", str(constraints), *place, *missing])


def written_constraints(folder: Path) -> Path:
    """A file for pip and uv that keeps protected packages at the versions that are installed."""
    constraints = folder / "constraints.txt"
    constraints.write_text("\n".join(_constraints()) + "\n", encoding="utf-8")
    return constraints


def _constraints() -> Iterable[str]:
    for name in PROTECTED:
        version = _installed(name)
        if version is not None:
            yield f"{name}=={version}"


def _lines(pack: Path) -> list[str]:
    """The requirements that a pack writes down, in its requirements file or else in its project file."""
    try:
        text = (pack / "requirements.txt").read_text(encoding="utf-8", errors="replace")
        lines = [re.split(r"(?:^|\s)#", line, maxsplit=1)[0].strip() for line in text.splitlines()]
        return [line for line in lines if line]
    except OSError:
        pass
    try:
        project = tomllib.loads((pack / "pyproject.toml").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return []
    listed = project.get("project", {}).get("dependencies", [])
    return [str(line) for line in listed] if isinstance(listed, list) else []


def _read(line: str) -> Requirement | None:
    try:
        return Requirement(line)
    except InvalidRequirement:
        return None


def _applies(requirement: Requirement) -> bool:
    if plain_name(requirement.name) in HOSTED:
        return False
    return requirement.marker is None or requirement.marker.evaluate()


def _installed(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def plain_name(name: str) -> str:
    """The name of a package as indexes compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()
