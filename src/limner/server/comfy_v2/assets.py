"""Which assets a request of Comfy API v2 means, and which it may have."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from aiohttp import web

from limner.dialects.comfy_v2.asset_json import widget_value
from limner.dialects.comfy_v2.asset_request import read_hash
from limner.dialects.comfy_v2.references import Reference, references, resolved
from limner.dialects.comfy_v2.refusals import refusal
from limner.graph.errors import GraphError
from limner.jobs.journal import Journal
from limner.server.assets.parts import library_of
from limner.server.bodies import beside
from limner.server.caller import may_see
from limner.server.route import SERVICE
from limner.storage.asset_records import Asset

UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


async def find_asset(request: web.Request) -> Asset:
    """The asset that a path names.

    Raises:
        GraphError: if there is none, or it is not the caller's.
    """
    name = request.match_info["asset"].lower()
    asset = await beside(lambda: known_asset(request, name)) if UUID.fullmatch(name) else None
    if asset is None:
        raise refusal("not_found", f"There is no asset {name!r:.60}.")
    return asset


def known_asset(request: web.Request, name: str) -> Asset | None:
    """An asset by its id, if the caller may have it. Blocks."""
    asset = library_of(request).index.get(name)
    if asset is None or not asset.job:
        return asset
    job = request.app[SERVICE].dispatcher.journal.get(asset.job)
    return asset if job is None or may_see(request, job) else None


def with_files(request: web.Request, workflow: Mapping[str, Any]) -> Mapping[str, Any]:
    """A workflow whose references to assets are names of files. Blocks.

    Raises:
        GraphError: if one means no asset, or one whose bytes are gone.
    """
    wanted = dict.fromkeys(references(workflow))
    if not wanted:
        return workflow
    names = {reference: _name(request, reference) for reference in wanted}
    missing = [reference.id or reference.hash for reference, name in names.items() if name is None]
    if missing:
        raise _missing(missing)
    return resolved(workflow, lambda reference: names[reference] or "")


def is_used(journal: Journal, asset: Asset, owner: str) -> bool:
    """Whether a job that waits or runs names an asset's file. Blocks."""
    name = widget_value(asset)
    jobs = [*journal.waiting(owner), *journal.running(owner)]
    return any(name in _texts(job.submission.document.values()) for job in jobs)


def _texts(nodes: Iterable[Any]) -> Iterable[Any]:
    inputs = (node.get("inputs") for node in nodes if isinstance(node, Mapping))
    return [value for given in inputs if isinstance(given, Mapping) for value in given.values()]


def _name(request: web.Request, reference: Reference) -> str | None:
    """What a node's input has to be to mean a reference; None if nothing is."""
    library = library_of(request)
    asset = known_asset(request, reference.id) if reference.id else None
    if asset is not None and library.path(asset) is not None:
        return widget_value(asset)
    digest = read_hash(reference.hash)
    found = library.with_digest(digest) if digest else []
    return widget_value(found[0][0]) if found else None


def _missing(names: list[str]) -> GraphError:
    told = ", ".join(name[:80] for name in names[:5])
    return refusal("missing_asset", f"Nothing is here for {told}: upload it, then refer to it.", missing_ids=names)
