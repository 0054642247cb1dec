"""What stands in for a model file that a workflow misses: the same bytes under another name, or one of a like name."""

import re
from difflib import SequenceMatcher
from pathlib import PurePosixPath
from typing import Any

import msgspec

from limner.hub.holdings import Holding, Holdings
from limner.hub.missing import Missing

NEAR = 0.55
"""Likeness of names from which on a file is proposed, 0..1."""

PROPOSED = 3

_NOISE = re.compile(r"(fp16|fp8|bf16|fp32|pruned|emaonly|e4m3fn|e5m2|scaled|safetensors|[^a-z0-9]+)")


def told_missing(missing: Missing, holdings: Holdings) -> dict[str, Any]:
    """A missing file as JSON, with ``same``: files that are it, and ``near``: those that may do."""
    held = list(holdings)
    same = [one for one in held if _is_same(missing, one, holdings)]
    alike = [one for one in held if one.kind == missing.kind and one not in same]
    ranked = sorted(alike, key=lambda one: -_likeness(missing.name, one.name))
    near = [one for one in ranked if _likeness(missing.name, one.name) >= NEAR][:PROPOSED]
    return {**msgspec.to_builtins(missing), "same": list(map(_named, same)), "near": list(map(_named, near))}


def _is_same(missing: Missing, held: Holding, holdings: Holdings) -> bool:
    """By its digest if that is stated and known; else by its own name in another folder of the kind."""
    known = holdings.records.digests_of(held.path) if missing.sha256 else None
    if known is not None:
        return known.sha256 == missing.sha256
    return held.kind == missing.kind and _bare(held.name) == _bare(missing.name)


def _named(held: Holding) -> dict[str, str]:
    return {"kind": held.kind, "name": held.name}


def _bare(name: str) -> str:
    return PurePosixPath(name.replace("\\", "/")).name.lower()


def _likeness(one: str, other: str) -> float:
    first, second = (_NOISE.sub("", _bare(name)) for name in (one, other))
    return SequenceMatcher(None, first, second).ratio() if first and second else 0.0
