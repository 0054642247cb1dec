"""Which node packs run in processes of their own, and the programs that these are. Imports no tensor library."""

from collections.abc import Sequence
from pathlib import Path

import msgspec

from comfy_host.packs import Pack
from comfy_host.prestartup import chosen_packs
from limner.app.pack_environment import python_of
from limner.app.settings import Settings
from limner.storage.folders import Folders

EVERY = "*"
"""Among the names of isolated packs: all of them."""


def is_isolated(settings: Settings, name: str) -> bool:
    """Whether a pack runs in a process of its own."""
    return EVERY in settings.isolate_packs or name in settings.isolate_packs


def parted_packs(settings: Settings, folders: Folders) -> tuple[list[Pack], list[Pack]]:
    """The packs that settings let in: those that run in the worker, and those that run in processes of their own."""
    packs = chosen_packs(folders, disabled=settings.disable_all_custom_nodes, whitelist=settings.whitelist_custom_nodes)
    return (
        [pack for pack in packs if not is_isolated(settings, pack.name)],
        [pack for pack in packs if is_isolated(settings, pack.name)],
    )


def pack_command(settings: Settings, folders: Folders, pack: Pack, sockets: Path, label: str) -> Sequence[str]:
    """What starts a pack's process, with its own environment's Python if it has one; see ``pack_entry``."""
    text = msgspec.json.encode(settings).decode()
    program = [python_of(folders, pack.name), "-m", "limner.app.pack_entry", "--settings", text]
    return [*program, "--pack", str(pack.path), "--sockets", str(sockets), "--label", label]
