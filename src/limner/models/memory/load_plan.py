"""How much of a thing is loaded: whole, in part, or not at all, with the numbers."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from limner.graph.errors import SettingsError

GIB = 1 << 30
MIB = 1 << 20


class MemoryRefusal(SettingsError, MemoryError):  # noqa: N818 - it is a decision; callers who can do with less catch it
    """Something does not fit the memory that it may use. Being a MemoryError it makes batches and tiles smaller."""


@dataclass(frozen=True)
class Room:
    """What a device's memory allows, in bytes.

    Attributes:
        device: Its name, for people.
        capacity: What may be used in all; None: no limit.
        free: What is left of it once everything idle is gone.
    """

    device: str
    capacity: int | None
    free: int


@dataclass(frozen=True)
class Plan:
    """A decision.

    Attributes:
        bytes: How much it may take.
        partly: Not all of it comes.
        overdrawn: It takes more than there is, because others use the rest just now.
    """

    bytes: int
    partly: bool = False
    overdrawn: bool = False


@dataclass(frozen=True)
class Part:
    """How a thing is loaded in part.

    Attributes:
        least: Gives the fewest bytes with which it works; called often.
        load: Makes it with at most so many bytes. The result is Resizable.
        most: Gives the bytes that it should take at most, however much room there is; None: all.
    """

    least: Callable[[], int]
    load: Callable[[int], Any]
    most: Callable[[], int] | None = None


def plan_load(what: str, whole: int, part: Part | None, work: int, room: Room) -> Plan:
    """Decides on one load.

    Args:
        what: Its name, for people.
        whole: Bytes that all of it takes.
        part: How it comes in part; None: it cannot.
        work: Bytes that should stay free for using it.
        room: What there is.

    Raises:
        MemoryRefusal: if it could not work even alone.
    """
    most = whole if part is None or part.most is None else min(whole, part.most())
    if most == whole and (room.capacity is None or whole + work <= room.free):
        return Plan(whole)
    smallest = whole if part is None else min(whole, part.least())
    if room.capacity is not None and smallest > room.capacity:
        raise refusal(what, smallest, 0, room, whole=whole)
    if part is None:
        return Plan(whole, overdrawn=whole > room.free)
    allowed = max(smallest, most if room.capacity is None else min(most, room.free - work))
    if allowed >= whole:  # the weights fit; what an evaluation takes beside them is found out when it comes
        return Plan(whole)
    return Plan(allowed, partly=True, overdrawn=smallest > room.free)


def refusal(what: str, weights: int, work: int, room: Room, *, whole: int | None = None) -> MemoryRefusal:
    """The error that says what is needed, what there is, and what to do."""
    capacity = 0 if room.capacity is None else room.capacity
    needs = f"{shown(weights)} for weights"
    if whole is not None and whole > weights:
        needs += f" even block by block (whole: {shown(whole)})"
    if work:
        needs += f" and {shown(work)} for one evaluation of this size"
    option = "--ram" if room.device.startswith("cpu") else "--vram"
    return MemoryRefusal(
        f"{what} does not fit {room.device}: it needs {needs}, {shown(weights + work)} in all, and may use "
        f"{shown(capacity)}. Allow it more ({option}), make the picture or the batch smaller, store its weights in 8 "
        "bits (weight_dtype fp8, --network-storage fp8_e4m3fn), or use a smaller model. "
        "`limner memory` shows what a server holds."
    )


def shown(size: int) -> str:
    """A size for people."""
    return f"{size / GIB:.2f} GiB" if size >= GIB else f"{size / MIB:.0f} MiB" if size >= MIB else f"{size} bytes"
