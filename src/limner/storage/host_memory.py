"""How much main memory this process may use: the machine's, or less where a container sets a limit.

The kernel ends a process that takes more than its control group may have, however much the machine has free. So every
budget and every statement about free memory starts here, not at the machine.
Source: Linux, Documentation/admin-guide/cgroup-v2.rst (``memory.max``, ``memory.current``, ``memory.stat``) and
cgroup-v1/memory.rst (``memory.limit_in_bytes`` ...).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil

_VERSION_2 = ("memory.max", "memory.current", "inactive_file")
_VERSION_1 = ("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file")


@dataclass(frozen=True)
class HostMemory:
    """Main memory in bytes.

    Attributes:
        total: What this process and its neighbours in the container may have in all.
        available: What could be taken without pushing anything out.
    """

    total: int
    available: int


def host_memory(root: Path = Path("/")) -> HostMemory:
    """Main memory as it is now. Cost: a few small files are read.

    Args:
        root: Where ``proc`` and ``sys`` are mounted.
    """
    machine = psutil.virtual_memory()
    total, available = machine.total, machine.available
    for folder, names in _groups(root):
        found = _limit(folder, names)
        if found is not None and found[0] < machine.total:
            limit, left = found
            total, available = min(total, limit), min(available, left)
    return HostMemory(total, available)


def _groups(root: Path) -> Iterator[tuple[Path, tuple[str, str, str]]]:
    """Folders of the control groups that this process is in, from its own up to the outermost; for either version."""
    try:
        lines = (root / "proc/self/cgroup").read_text().splitlines()
    except OSError:
        return  # not Linux
    for line in lines:
        _, _, rest = line.partition(":")
        controllers, _, path = rest.partition(":")
        if controllers == "":
            yield from ((folder, _VERSION_2) for folder in _upwards(root / "sys/fs/cgroup", path))
        elif "memory" in controllers.split(","):
            yield from ((folder, _VERSION_1) for folder in _upwards(root / "sys/fs/cgroup/memory", path))


def _upwards(mount: Path, path: str) -> Iterator[Path]:
    """The folder and those around it. Inside a container the path may be the host's; then only the mount is there."""
    parts = [part for part in path.split("/") if part not in ("", "..")]
    for count in range(len(parts), -1, -1):
        yield mount.joinpath(*parts[:count])


def _limit(folder: Path, names: tuple[str, str, str]) -> tuple[int, int] | None:
    """Limit and what is left of it; None if the group has none. Files that can be read again do not count as used."""
    limit, used, reclaimable = names
    try:
        most = int((folder / limit).read_text())
        taken = int((folder / used).read_text()) - _statistic(folder / "memory.stat", reclaimable)
    except (OSError, ValueError):  # no such group here, or "max"
        return None
    return most, max(0, most - taken)


def _statistic(file: Path, name: str) -> int:
    for line in file.read_text().splitlines():
        key, _, value = line.partition(" ")
        if key == name:
            return int(value)
    return 0
