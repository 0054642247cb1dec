"""Finds files that are here twice, and keeps their bytes once."""

from dataclasses import dataclass

from limner.hub.holdings import Asked, Holding, Holdings, unasked
from limner.hub.links import replace_by_link, shares_bytes


@dataclass(frozen=True)
class Twins:
    """Files with the same bytes. The first one stays; the others become links to it."""

    sha256: str
    size: int
    files: tuple[Holding, ...]

    @property
    def gain(self) -> int:
        """Bytes that uniting them sets free."""
        return self.size * (len(self.files) - 1)


def find_twins(holdings: Holdings, reading: Asked = unasked) -> list[Twins]:
    """Files with the same bytes that are not one file already. Cost: reads files that have another's size.

    Files in folders of other programs come first, since they are not ours to change.
    """
    sizes: dict[int, list[Holding]] = {}
    for held in holdings:
        if not held.path.is_symlink():
            sizes.setdefault(held.path.stat().st_size, []).append(held)
    digests: dict[str, list[Holding]] = {}
    for several in sizes.values():
        for held in several if len(several) > 1 else ():
            digests.setdefault(holdings.digests(held.path, reading).sha256, []).append(held)
    groups = ((sha256, _apart(sorted(several, key=lambda held: held.is_own))) for sha256, several in digests.items())
    return [Twins(sha256, several[0].path.stat().st_size, several) for sha256, several in groups if len(several) > 1]


def unite(holdings: Holdings, twins: Twins) -> list[str]:
    """Puts links in the place of copies; says what was done, a line a file.

    Raises:
        PullError: if a link cannot be made; the file stays.
    """
    first, *others = twins.files
    done = []
    for held in others:
        if not held.is_own:
            done.append(f"{held.path} is another program's, and stays")
            continue
        way = replace_by_link(first.path, held.path)
        holdings.records.note(held.path, holdings.digests(first.path))
        done.append(f"{held.path} is a {way} to {first.path} now")
    return done


def _apart(files: list[Holding]) -> tuple[Holding, ...]:
    """Files without those that are one with an earlier one."""
    kept: list[Holding] = []
    for held in files:
        if not any(shares_bytes(held.path, other.path) for other in kept):
            kept.append(held)
    return tuple(kept)
