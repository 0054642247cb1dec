"""The catalogue of well-known names, read from ``catalogue.yaml``; the table says what its columns mean."""

from importlib.resources import files

import msgspec
import yaml

from limner.graph.errors import SettingsError

TABLE = "catalogue.yaml"


class CatalogueFile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A file of a well-known model.

    Attributes:
        place: Its repository on the hub and its path there.
        kind: Model kind.
        gb: About how many gigabytes (10^9 bytes) it has.
        sha256: Its digest, where its publisher has published it; else empty.
    """

    place: str = msgspec.field(name="from")
    kind: str
    gb: float
    sha256: str = ""

    @property
    def name(self) -> str:
        """The file's own name."""
        return self.place.rpartition("/")[2]


class CatalogueEntry(msgspec.Struct, frozen=True, kw_only=True):
    """A well-known model: its short name, what it is, its licence, its files. ``restricted``: that forbids things."""

    name: str
    title: str
    licence: str
    files: tuple[CatalogueFile, ...]
    restricted: bool = False

    @property
    def gb(self) -> float:
        """About how many gigabytes (10^9 bytes) all of it has."""
        return round(sum(file.gb for file in self.files), 1)

    @property
    def page(self) -> str:
        """Where people read about it."""
        return "https://huggingface.co/" + "/".join(self.files[0].place.split("/")[:2])


class _Row(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    title: str
    licence: str
    files: tuple[str, ...]
    restricted: bool = False


class _Table(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    files: dict[str, CatalogueFile]
    models: dict[str, _Row]


def read_catalogue() -> list[CatalogueEntry]:
    """All entries, by name.

    Raises:
        SettingsError: if the table cannot be read.
    """
    text = files(__package__ or "limner.hub").joinpath(TABLE).read_text(encoding="utf-8")
    try:
        table = msgspec.convert(yaml.safe_load(text), _Table)
        return [_entry(name, row, table) for name, row in sorted(table.models.items())]
    except (yaml.YAMLError, msgspec.ValidationError, KeyError) as error:
        raise SettingsError(f"{TABLE} of this installation is damaged ({error}). Install Limner again.") from error


def _entry(name: str, row: _Row, table: _Table) -> CatalogueEntry:
    parts = tuple(table.files[key] for key in row.files)
    return CatalogueEntry(name=name, title=row.title, licence=row.licence, files=parts, restricted=row.restricted)


def find_entry(name: str) -> CatalogueEntry | None:
    """The entry of a name, in whatever case; None if there is none."""
    wanted = name.strip().lower()
    return next((entry for entry in read_catalogue() if entry.name == wanted), None)


def find_file(name: str, kind: str = "") -> CatalogueFile | None:
    """A well-known file by its own name, of a kind if one is named; None if none is known."""
    bare = name.replace("\\", "/").rpartition("/")[2]
    known = (file for entry in read_catalogue() for file in entry.files)
    return next((file for file in known if file.name == bare and kind in ("", file.kind)), None)
