"""The index of assets: a SQLite file of its own beside the journal. What it holds can be found again in the folders,
but for names, tags and metadata that clients gave; so a damaged file is put aside and begun anew.

All methods block, may be called from any thread, and raise StorageError if the file cannot be used.
"""

import json
import sqlite3
import threading
import time
import uuid
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import Any

from limner.graph.errors import StorageError
from limner.storage import asset_statements as sql
from limner.storage.asset_file import Layout, open_index
from limner.storage.asset_queries import conditions, order
from limner.storage.asset_records import MISSING, Asset, AssetPage, Details, Sighting, Wanted, place_tags
from limner.storage.media_types import media_type

LAYOUT = Layout(sql.SCHEMA, sql.APPLICATION, sql.VERSION)


class AssetIndex:
    """Knows assets. Opens its file at the first use."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.RLock()
        self._connection: sqlite3.Connection | None = None

    def see(self, sightings: Iterable[Sighting]) -> int:
        """Notes files that lie in folders; gives how many were new. Assets that were deleted do not come back."""
        with self._transaction() as connection:
            return sum(_see(connection, seen) for seen in sightings)

    def register(self, seen: Sighting, details: Details) -> tuple[Asset, bool]:
        """The asset of a file that somebody put there, and whether it is new.

        One with the name that is asked for is found again; tags and the job are added to it. What earlier jobs made
        under the file's name is gone if this job made something else.
        """
        with self._transaction() as connection:
            before = connection.execute(sql.FILE_OF, (seen.place, seen.name)).fetchone()
            file, _ = _file(connection, seen)
            if details.job and before is not None and before[3] != seen.digest:
                connection.execute(sql.ASSETS_OUTDATED, (file, details.job))
            return self._over(connection, file, seen, details)

    def mint(self, asset: Asset, details: Details) -> tuple[Asset, bool]:
        """An asset over the file of another one, and whether it is new."""
        seen = Sighting(place=asset.place, name=asset.path, size=asset.size, modified=0)
        with self._transaction() as connection:
            return self._over(connection, asset.file, seen, details)

    def get(self, asset: str) -> Asset | None:
        """An asset by its id."""
        with self._transaction() as connection:
            return _one(connection, asset)

    def at(self, place: str, name: str) -> list[Asset]:
        """The assets over a file, the oldest first."""
        with self._transaction() as connection:
            rows = connection.execute(sql.ASSETS_AT, (place, name)).fetchall()
            return [_asset(connection, row) for row in rows]

    def with_digest(self, digest: str) -> list[Asset]:
        """An asset of each file with this content, also of those whose assets were deleted."""
        with self._transaction() as connection:
            rows = connection.execute(sql.FILES_WITH_DIGEST, (digest,)).fetchall()
            return [
                _blank(file, Sighting(place=place, name=name, size=size, modified=modified, digest=digest))
                for file, place, name, size, modified in rows
            ]

    def page(self, wanted: Wanted) -> AssetPage:
        """A page of assets."""
        condition, values = conditions(wanted)
        with self._transaction() as connection:
            total = connection.execute(sql.ASSETS_COUNT.format(condition=condition), values).fetchone()[0]
            condition, values = conditions(wanted, cursor=True)
            page = sql.ASSETS_PAGE.format(condition=condition, order=order(wanted))
            offset = 0 if wanted.after is not None else wanted.offset
            rows = connection.execute(page, [*values, wanted.limit + 1, offset]).fetchall()
            assets = [_asset(connection, row) for row in rows[: wanted.limit]]
        return AssetPage(assets, total, len(rows) > wanted.limit)

    def change(self, asset: str, details: Details) -> Asset | None:
        """Gives an asset another name, metadata and preview; None if there is none."""
        with self._transaction() as connection:
            data = json.dumps(details.user_metadata)
            connection.execute(sql.ASSET_CHANGED, (details.name, data, details.preview, _now(), asset))
            return _one(connection, asset)

    def touch(self, asset: str) -> None:
        """Notes that somebody read an asset."""
        with self._transaction() as connection:
            connection.execute(sql.ASSET_ACCESSED, (_now(), asset))

    def delete(self, asset: str) -> bool:
        """Forgets an asset and leaves its file; False if there was none."""
        with self._transaction() as connection:
            return connection.execute(sql.ASSET_DELETE, (asset,)).rowcount > 0

    def tag(self, asset: str, add: Sequence[str] = (), remove: Sequence[str] = ()) -> None:
        """Adds and removes tags of an asset that exists."""
        with self._transaction() as connection:
            connection.executemany(sql.TAG_ADD, [(asset, name) for name in add])
            connection.executemany(sql.TAG_REMOVE, [(asset, name) for name in remove])

    def tag_counts(self, prefix: str = "") -> dict[str, int]:
        """How many assets have each tag that begins so."""
        pattern = "".join(f"[{letter}]" if letter in "*?[" else letter for letter in prefix) + "*"
        with self._transaction() as connection:
            return dict(connection.execute(sql.TAG_COUNTS, (pattern,)).fetchall())

    def histogram(self, wanted: Wanted) -> dict[str, int]:
        """How often each tag occurs among the wanted assets, the most frequent first, at most ``wanted.limit``."""
        condition, values = conditions(wanted)
        with self._transaction() as connection:
            rows = connection.execute(sql.TAG_HISTOGRAM.format(condition=condition), [*values, wanted.limit])
            return dict(rows.fetchall())

    def settle(self, place: str, present: set[str]) -> int:
        """Marks what is not in a place any more, and unmarks what is there again; gives how many files are gone."""
        with self._transaction() as connection:
            files = connection.execute(sql.FILES_IN, (MISSING, place)).fetchall()
            gone = [file for file, name, marked in files if name not in present and not marked]
            back = [file for file, name, marked in files if name in present and marked]
            connection.executemany(sql.TAG_FILE_ADD, [(MISSING, file) for file in gone])
            connection.executemany(sql.TAG_FILE_REMOVE, [(MISSING, file) for file in back])
            return sum(name not in present for _, name, _ in files)

    def mark_missing(self, files: Iterable[int]) -> None:
        """Marks files that are gone."""
        with self._transaction() as connection:
            connection.executemany(sql.TAG_FILE_ADD, [(MISSING, file) for file in files])

    def forget(self, place: str) -> None:
        """Forgets all files and assets of a place."""
        with self._transaction() as connection:
            connection.execute(sql.PLACE_FORGET, (place,))

    def undigested(self, place: str, limit: int) -> list[Sighting]:
        """Files with assets, whose content is not known yet."""
        with self._transaction() as connection:
            rows = connection.execute(sql.FILES_UNDIGESTED, (place, limit)).fetchall()
        return [Sighting(place=row[0], name=row[1], size=row[2], modified=row[3]) for row in rows]

    def learn(self, seen: Sighting, metadata: dict[str, Any]) -> None:
        """Notes a file's content, unless it has changed since."""
        with self._transaction() as connection:
            values = (seen.digest, seen.place, seen.name, seen.size, seen.modified)
            connection.execute(sql.FILE_DIGEST, values)
            if metadata:
                connection.execute(sql.FILE_METADATA, (json.dumps(metadata), seen.place, seen.name))

    def close(self) -> None:
        """Lets go of the file."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    def _over(self, connection: sqlite3.Connection, file: int, seen: Sighting, details: Details) -> tuple[Asset, bool]:
        name = details.name or PurePosixPath(seen.name).name
        known = {own: asset for asset, own in connection.execute(sql.ASSETS_OF_FILE, (file,))}
        asset, new = known.get(name), name not in known
        if asset is None:
            asset = _add(connection, file, seen, details)
        connection.executemany(sql.TAG_ADD, [(asset, tag) for tag in (*place_tags(seen.place), *details.tags)])
        connection.execute(sql.TAG_REMOVE, (asset, MISSING))
        connection.execute(sql.ASSET_JOB, (details.job, asset))
        if details.metadata:
            connection.execute(sql.FILE_METADATA, (json.dumps(details.metadata), seen.place, seen.name))
        found = _one(connection, asset)
        assert found is not None
        return found, new

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with self._lock:
            try:
                if self._connection is None:
                    self._connection = open_index(self._path, LAYOUT)
                with self._connection as connection:
                    yield connection
            except (sqlite3.Error, OSError) as error:
                raise StorageError(
                    f"The index of assets {self._path} cannot be used ({error}). Check the disk and the permissions; "
                    "if it is damaged, move it away and it is made anew."
                ) from error


def _see(connection: sqlite3.Connection, seen: Sighting) -> bool:
    """Notes a file; a new one gets its asset. Gives whether it is new."""
    file, new = _file(connection, seen)
    if new:
        _add(connection, file, seen, Details())
    return new


def _file(connection: sqlite3.Connection, seen: Sighting) -> tuple[int, bool]:
    """The file's number, and whether it is new."""
    known = connection.execute(sql.FILE_OF, (seen.place, seen.name)).fetchone()
    if known is None:
        values = (seen.place, seen.name, seen.size, seen.modified, seen.digest or None)
        return connection.execute(sql.FILE_ADD, values).fetchone()[0], True
    file, size, modified, digest = known
    same = (size, modified) == (seen.size, seen.modified)
    if not same or (seen.digest and seen.digest != digest):
        connection.execute(sql.FILE_CHANGED, (seen.size, seen.modified, seen.digest or None, file))
        connection.execute(sql.ASSET_TOUCHED, (_now(), file))
    return file, False


def _add(connection: sqlite3.Connection, file: int, seen: Sighting, details: Details) -> str:
    asset, now = details.id or str(uuid.uuid4()), _now()
    # What was there before the index is as old as its file.
    created = now if details.job or details.name else min(now, seen.modified // 1000 or now)
    name = details.name or PurePosixPath(seen.name).name
    mime = details.mime or media_type(seen.name)
    data = json.dumps(details.user_metadata)
    values = (asset, file, name, mime, details.preview, data, details.job, created, created, created)
    connection.execute(sql.ASSET_ADD, values)
    connection.executemany(sql.TAG_ADD, [(asset, tag) for tag in place_tags(seen.place)])
    return asset


def _one(connection: sqlite3.Connection, asset: str) -> Asset | None:
    row = connection.execute(sql.ASSETS.format(condition="a.id = ?"), (asset,)).fetchone()
    return None if row is None else _asset(connection, row)


def _asset(connection: sqlite3.Connection, row: tuple[Any, ...]) -> Asset:
    tags = tuple(name for (name,) in connection.execute(sql.TAGS_OF, (row[0],)))
    return Asset(
        id=row[0],
        file=row[1],
        name=row[2],
        place=row[3],
        path=row[4],
        size=row[5],
        digest=row[6],
        mime=row[7],
        preview=row[8],
        user_metadata=json.loads(row[9]),
        metadata=json.loads(row[10]),
        job=row[11],
        created=row[12],
        updated=row[13],
        accessed=row[14],
        modified=row[15],
        tags=tags,
    )


def _blank(file: int, seen: Sighting) -> Asset:
    """An asset that is not in the index: a file to mint one over."""
    return Asset(
        id="",
        file=file,
        name=PurePosixPath(seen.name).name,
        place=seen.place,
        path=seen.name,
        size=seen.size,
        modified=seen.modified,
        digest=seen.digest,
        mime=media_type(seen.name),
        tags=(),
        preview="",
        user_metadata={},
        metadata={},
        job="",
        created=0,
        updated=0,
        accessed=0,
    )


def _now() -> int:
    return time.time_ns() // 1000
