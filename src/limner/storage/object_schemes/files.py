"""A folder that some other program serves or takes away: ``file:///srv/pictures?public_url=https://...``."""

import hashlib
import os
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote

from limner.graph.errors import SettingsError, StorageError
from limner.storage.object_place import ObjectPlace
from limner.storage.object_store import ObjectScheme, ObjectStore, StoredObject


class FileObjects:
    """An ObjectStore in folders; keys are whole paths without the first slash."""

    def __init__(self, place: ObjectPlace) -> None:
        self._place = place

    def put(self, key: str, path: Path, media_type: str) -> StoredObject:
        """Brings a file; see ObjectStore."""
        target = Path("/", key)
        with path.open("rb") as source:
            etag = hashlib.file_digest(source, "md5").hexdigest()
            source.seek(0)
            try:
                target.parent.mkdir(parents=True, exist_ok=True)
                with tempfile.NamedTemporaryFile(dir=target.parent, prefix=".", delete=False) as file:
                    shutil.copyfileobj(source, file)
                    file.flush()
                    os.fsync(file.fileno())
                Path(file.name).chmod(0o644)
                Path(file.name).replace(target)
            except OSError as error:
                raise StorageError(f"{target} cannot be written ({error.strerror or error}).") from error
        return StoredObject(key, etag, target.stat().st_size)

    def address(self, key: str) -> str:
        """An address of the file."""
        if not self._place.public_url:
            return Path("/", key).as_uri()
        return f"{self._place.public_url}/{quote(key.removeprefix(self._place.prefix).lstrip('/'))}"


def _open(place: ObjectPlace, keys: Mapping[str, str]) -> ObjectStore:
    if place.bucket:
        raise SettingsError(f"file://{place.bucket}/ has a host: expected file:///folder, with three slashes.")
    return FileObjects(place)


SCHEME = ObjectScheme("file", "a folder", (), (), 0, _open, remote=False)
