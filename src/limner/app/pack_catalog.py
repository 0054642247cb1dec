"""The Catalog for commands that run nothing: node packs are loaded only if a workflow asks for what they may bring."""

from pathlib import Path

from comfy_host.packs import find_packs, pack_roots
from limner.app.catalogue import local_catalog
from limner.app.preparation import read_file
from limner.app.settings import Settings
from limner.graph.catalog import Catalog, Lists
from limner.graph.document import read_workflow
from limner.graph.errors import LimnerError


def catalog_for(file: Path, settings: Settings, lists: Lists) -> Catalog:
    """What this installation can do, with its node packs if a workflow names node types that only they can know.

    Args:
        file: The workflow. One that cannot be read needs no packs: whoever asks reads it next and says what is wrong.
        settings: Where packs lie, and which may be loaded.
        lists: Named lists.
    """
    catalog = local_catalog()
    if not find_packs(pack_roots(settings.folders())):
        return catalog
    try:
        unknown = read_workflow(read_file(file), catalog, lists).unknown
    except LimnerError:
        return catalog
    if not unknown:
        return catalog
    from limner.app.composition import build_worker

    worker = build_worker(settings)
    try:
        return worker.describe()
    finally:
        worker.close()
