"""The shelf of node packs: which there are, switching them on and off, installing. Loads no pack."""

import shutil
import subprocess
import tempfile
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO
from urllib.parse import urlsplit
from urllib.request import urlopen

from comfy_host.packs import FOLDER, OFF_SUFFIX, Pack, find_packs, pack_roots, record_of
from limner.app.pack_environment import install_own
from limner.app.pack_requirements import RequirementsPlan, install_requirements, plan_requirements
from limner.graph.errors import SettingsError, StorageError, UnknownNameError
from limner.storage.folders import Folders, resolve_closed

LARGEST_ARCHIVE = 2 << 30
"""Bytes of an archive, packed or unpacked."""

MOST_FILES = 100_000
"""Files in an archive."""

SECONDS = 600
"""How long fetching a pack may take."""


@dataclass(frozen=True)
class Shelved:
    """A pack on the shelf: ``on``, ``disabled`` by a person, or switched ``off`` for a reason."""

    name: str
    path: str
    state: str
    reason: str = ""


@dataclass(frozen=True)
class Installed:
    """What an installation did."""

    name: str
    path: str
    requirements: RequirementsPlan
    notes: tuple[str, ...] = ()


class PackShelf:
    """Packs in their folders; implements ``limner.server.packs.shelf.Shelf``.

    Args:
        folders: Where files lie.
        may_install: Whether packs may be installed over HTTP.
        isolated: Says which packs get environments of their own.
    """

    def __init__(
        self, folders: Folders, *, may_install: bool = False, isolated: Callable[[str], bool] = lambda name: False
    ) -> None:
        self.may_install, self._isolated = may_install, isolated
        self._folders = folders
        self._record = record_of(folders)

    def listed(self) -> list[dict[str, Any]]:
        """See ``Shelf``."""
        return [asdict(entry) for entry in self.entries()]

    def switch(self, name: str, *, on: bool) -> bool:
        """See ``Shelf``."""
        return self.enable(name) if on else self.disable(name)

    def bring(self, source: str) -> dict[str, Any]:
        """See ``Shelf``."""
        installed = self.install(source)
        plan = installed.requirements
        if self._isolated(installed.name):
            install_own(self._folders, installed.name, plan.missing, run_program)
        else:
            install_requirements(plan.missing, run_program)
        facts = {"name": installed.name, "path": installed.path, "notes": list(installed.notes)}
        return facts | {"installed": list(plan.missing), "conflicts": list(plan.conflicts)}

    def entries(self) -> list[Shelved]:
        """All packs, by name."""
        found = []
        for pack in find_packs(pack_roots(self._folders)):
            reason = self._record.reason(pack)
            found.append(Shelved(pack.name, str(pack.path), "on" if reason is None else "off", reason or ""))
        disabled = find_packs(pack_roots(self._folders), switched_off=True)
        found += [Shelved(pack.name, str(pack.path), "disabled") for pack in disabled]
        return sorted(found, key=lambda entry: entry.name.lower())

    def pack(self, name: str) -> Pack:
        """A pack that is not disabled.

        Raises:
            UnknownNameError: if there is none.
        """
        return self._find(name, disabled=False)

    def enable(self, name: str) -> bool:
        """Has a pack loaded at the next start; whether anything changed.

        Raises:
            UnknownNameError: if there is none.
        """
        changed = self._record.switch_on(name)
        if any(pack.name == name for pack in find_packs(pack_roots(self._folders))):
            return changed
        pack = self._find(name, disabled=True)
        pack.path.rename(pack.path.with_name(pack.path.name.removesuffix(OFF_SUFFIX)))
        return True

    def disable(self, name: str) -> bool:
        """Keeps a pack from being loaded at the next start; whether anything changed.

        Raises:
            UnknownNameError: if there is none.
        """
        if any(pack.name == name for pack in find_packs(pack_roots(self._folders), switched_off=True)):
            return False
        pack = self._find(name, disabled=False)
        pack.path.rename(pack.path.with_name(pack.path.name + OFF_SUFFIX))
        return True

    def install(self, source: str) -> Installed:
        """Puts a pack onto the shelf and says what it requires.

        Args:
            source: A folder, a ZIP archive (path or URL), a ``.py`` file, or the URL of a git repository. A pack that
                is on the shelf already is named by its folder there: only its requirements are looked at.

        Raises:
            SettingsError: if it is none of these, or cannot be fetched.
            StorageError: if the pack is there already.
        """
        path = Path(source).expanduser()
        root = pack_roots(self._folders)[0]
        if path.exists() and path.absolute().parent in pack_roots(self._folders):
            placed = path.absolute()
        else:
            root.mkdir(parents=True, exist_ok=True)
            placed = _fetched(source, path, root)
        notes = ("It has an install.py, which was not run.",) if (placed / "install.py").is_file() else ()
        return Installed(placed.name, str(placed), plan_requirements(placed), notes)

    def _find(self, name: str, *, disabled: bool) -> Pack:
        packs = {pack.name: pack for pack in find_packs(pack_roots(self._folders), switched_off=disabled)}
        if name not in packs:
            known = [entry.name for entry in self.entries()]
            raise UnknownNameError("node pack", name, known, f"Packs lie in {self._folders.data / FOLDER}.")
        return packs[name]


def _fetched(source: str, path: Path, root: Path) -> Path:
    """Brings a pack from where it is to its place."""
    if path.is_dir():
        return _place(path.name, root, lambda to: shutil.copytree(path, to, ignore=shutil.ignore_patterns(".git")))
    if path.is_file() and path.suffix == ".py":
        return _place(path.name, root, lambda to: shutil.copyfile(path, to))
    if path.is_file() and zipfile.is_zipfile(path):
        return _place(path.stem, root, lambda to: _unpack(path, to))
    address = urlsplit(source)
    if address.scheme in ("http", "https", "ssh", "git", "file") or source.startswith("git@"):
        name = PurePosixPath(address.path or source).name
        if address.scheme in ("http", "https") and name.endswith(".zip"):
            return _place(name.removesuffix(".zip"), root, lambda to: _download(source, to))
        return _place(name.removesuffix(".git"), root, lambda to: _clone(source, to))
    raise SettingsError(
        f"{source} is no node pack: give a folder, a .py file, a ZIP archive, or the URL of a git repository."
    )


def _place(name: str, root: Path, bring: Callable[[Path], object]) -> Path:
    """Brings a pack beside its place first, so that half of one never lies there."""
    place = root / name
    if not name.strip("."):
        raise SettingsError("The source names no pack.")
    if place.exists() or place.with_name(name + OFF_SUFFIX).exists():
        raise StorageError(f"There is a pack {name} in {root} already. Remove it first, or enable it.")
    with tempfile.TemporaryDirectory(dir=root, prefix=".install-") as temporary:
        fresh = Path(temporary) / name
        bring(fresh)
        fresh.rename(place)
    return place


def _unpack(archive: Path, place: Path) -> None:
    """Unpacks an archive; one folder that holds everything is left out.

    Raises:
        SettingsError: if it is too large.
        StorageError: if a name in it leaves the place.
    """
    if not zipfile.is_zipfile(archive):
        raise SettingsError(f"What came as {archive.name} is no ZIP archive.")
    with zipfile.ZipFile(archive) as packed:
        entries = [entry for entry in packed.infolist() if not entry.is_dir() and PurePosixPath(entry.filename).parts]
        if sum(entry.file_size for entry in entries) > LARGEST_ARCHIVE or len(entries) > MOST_FILES:
            raise SettingsError(
                f"{archive.name} unpacks to more than {LARGEST_ARCHIVE >> 20} MiB, or {MOST_FILES} files."
            )
        tops = {PurePosixPath(entry.filename).parts[0] for entry in entries}
        inside = len(tops) == 1 and all(len(PurePosixPath(entry.filename).parts) > 1 for entry in entries)
        place.mkdir()
        for entry in entries:
            name = PurePosixPath(entry.filename)
            target = resolve_closed(place, str(PurePosixPath(*name.parts[1:]) if inside else name))
            target.parent.mkdir(parents=True, exist_ok=True)
            with packed.open(entry) as content, target.open("wb") as file:
                shutil.copyfileobj(content, file)


def _download(source: str, place: Path) -> None:
    archive = place.with_suffix(".download")
    try:
        with urlopen(source, timeout=60) as answer, archive.open("wb") as file:
            _copy_bounded(answer, file, source)
    except OSError as error:
        raise SettingsError(f"{source} cannot be fetched: {error}.") from error
    _unpack(archive, place)


def _copy_bounded(answer: Any, file: BinaryIO, source: str) -> None:
    while piece := answer.read(1 << 20):
        file.write(piece)
        if file.tell() > LARGEST_ARCHIVE:
            raise SettingsError(f"{source} is larger than {LARGEST_ARCHIVE >> 20} MiB.")


def _clone(source: str, place: Path) -> None:
    try:
        run_program(["git", "clone", "--depth", "1", "--", source, str(place)])
    except FileNotFoundError as error:
        raise SettingsError("git is not installed; give a folder or a ZIP archive instead.") from error


def run_program(command: Sequence[str]) -> str:
    """Runs a program to its end and gives what it printed.

    Raises:
        SettingsError: if it fails.
    """
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=SECONDS, check=False, stdin=subprocess.DEVNULL
        )
    except subprocess.TimeoutExpired as error:
        raise SettingsError(f"{command[0]} took longer than {SECONDS} s.") from error
    if done.returncode:
        lines = (done.stderr or done.stdout).strip().splitlines()[-8:]
        raise SettingsError(f"`{' '.join(command)}` failed ({done.returncode}):\n" + "\n".join(lines))
    return done.stdout
