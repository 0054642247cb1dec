"""Runs the ``prestartup_script.py`` of packs, before any tensor library is loaded."""

from __future__ import annotations

import importlib.util
import sys
import traceback
from collections.abc import Iterable, Sequence
from pathlib import Path

from comfy_host.context import install_folders
from comfy_host.extras import ExtrasFinder
from comfy_host.missing import forbid_missing
from comfy_host.packs import PRESTARTUP, Pack, PackRecord, find_packs, pack_roots, record_of
from comfy_host.watch import ImportWatch
from limner.storage.folders import Folders

SURFACE = Path(__file__).parent / "surface"


def chosen_packs(folders: Folders, *, disabled: bool = False, whitelist: Sequence[str] = ()) -> list[Pack]:
    """The packs that settings let in.

    Args:
        folders: Where files lie.
        disabled: None, but for those in the whitelist.
        whitelist: Names of packs that are let in all the same.
    """
    packs = find_packs(pack_roots(folders))
    return [pack for pack in packs if not disabled or pack.name in whitelist or pack.path.name in whitelist]


def open_surface(folders: Folders) -> None:
    """Makes the host modules importable by the names that packs use, before anything else of these names."""
    install_folders(folders)
    if str(SURFACE) not in sys.path:
        sys.path.insert(0, str(SURFACE))
    for root in pack_roots(folders):
        if str(root.parent) not in sys.path:
            sys.path.append(str(root.parent))  # some packs import each other as custom_nodes.<name>
    for own in sorted((folders.data / "packs" / "site").glob("*/")):
        sys.path.append(str(own))  # what packs require and the environment does not have
    forbid_missing(SURFACE, ExtrasFinder())


def run_prestartup(
    packs: Iterable[Pack], folders: Folders, seconds: float, record: PackRecord | None = None
) -> dict[str, str]:
    """Runs the scripts; gives the errors by the name of the pack. A pack that ended the last process is left out."""
    packs = list(packs)
    record = record or record_of(folders)
    record.blame(packs)
    watch = ImportWatch(record, seconds)
    errors: dict[str, str] = {}
    for pack in packs:
        script = pack.path / PRESTARTUP
        if not script.is_file() or record.reason(pack) is not None:
            continue
        with watch.over(pack):
            try:
                _run(script)
            except KeyboardInterrupt:
                raise
            except BaseException as error:  # somebody else's script may raise anything, SystemExit as well
                errors[pack.name] = f"{PRESTARTUP}: {type(error).__name__}: {error}"
                traceback.print_exception(error)
    return errors


def _run(script: Path) -> None:
    spec = importlib.util.spec_from_file_location(str(script).removesuffix(".py"), script)
    if spec is None or spec.loader is None:
        raise ImportError(f"{script} cannot be read as Python.")
    spec.loader.exec_module(importlib.util.module_from_spec(spec))
