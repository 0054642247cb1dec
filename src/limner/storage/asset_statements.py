"""Every SQL statement of the asset index, by name.

    file     what lies in folders: place, name, size in bytes, time in nanoseconds, BLAKE3 in hexadecimal digits or NULL
    asset    what clients know; times in microseconds, ``user_metadata`` and ``metadata`` as JSON
    tag      an asset's tags

A file whose assets were all deleted keeps its row, so that looking through folders does not bring them back.
"""

APPLICATION = 0x4C4D4E41
"""``LMNA``: marks the file as ours."""

VERSION = 1

SCHEMA = f"""
CREATE TABLE file (
    id INTEGER PRIMARY KEY,
    place TEXT NOT NULL,
    name TEXT NOT NULL,
    size INTEGER NOT NULL,
    modified INTEGER NOT NULL,
    digest TEXT,
    UNIQUE (place, name)
);
CREATE INDEX file_digest ON file (digest) WHERE digest IS NOT NULL;
CREATE TABLE asset (
    id TEXT PRIMARY KEY,
    file INTEGER NOT NULL REFERENCES file (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    mime TEXT NOT NULL,
    preview TEXT NOT NULL DEFAULT '',
    user_metadata TEXT NOT NULL DEFAULT '{{}}',
    metadata TEXT NOT NULL DEFAULT '{{}}',
    job TEXT NOT NULL DEFAULT '',
    created INTEGER NOT NULL,
    updated INTEGER NOT NULL,
    accessed INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX asset_file ON asset (file);
CREATE INDEX asset_created ON asset (created, id);
CREATE INDEX asset_updated ON asset (updated, id);
CREATE INDEX asset_name ON asset (name, id);
CREATE TABLE tag (
    asset TEXT NOT NULL REFERENCES asset (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    PRIMARY KEY (asset, name)
) WITHOUT ROWID;
CREATE INDEX tag_name ON tag (name, asset);
PRAGMA application_id = {APPLICATION};
PRAGMA user_version = {VERSION};
"""

FILE_OF = "SELECT id, size, modified, digest FROM file WHERE place = ? AND name = ?"
FILE_ADD = "INSERT INTO file (place, name, size, modified, digest) VALUES (?, ?, ?, ?, ?) RETURNING id"
FILE_CHANGED = "UPDATE file SET size = ?, modified = ?, digest = ? WHERE id = ?"
FILE_DIGEST = "UPDATE file SET digest = ? WHERE place = ? AND name = ? AND size = ? AND modified = ?"
FILE_METADATA = "UPDATE asset SET metadata = ? WHERE file IN (SELECT id FROM file WHERE place = ? AND name = ?)"
FILES_IN = """
SELECT id, name, EXISTS (SELECT 1 FROM asset a JOIN tag t ON t.asset = a.id WHERE a.file = file.id AND t.name = ?)
FROM file WHERE place = ?
"""
FILES_UNDIGESTED = """
SELECT place, name, size, modified FROM file WHERE place = ? AND digest IS NULL
    AND EXISTS (SELECT 1 FROM asset WHERE asset.file = file.id) ORDER BY id LIMIT ?
"""
FILES_WITH_DIGEST = "SELECT id, place, name, size, modified FROM file WHERE digest = ? ORDER BY id"
PLACE_FORGET = "DELETE FROM file WHERE place = ?"

ASSET_ADD = """
INSERT INTO asset (id, file, name, mime, preview, user_metadata, job, created, updated, accessed)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
ASSET_TOUCHED = "UPDATE asset SET updated = ? WHERE file = ?"
ASSET_ACCESSED = "UPDATE asset SET accessed = ? WHERE id = ?"
ASSET_CHANGED = "UPDATE asset SET name = ?, user_metadata = ?, preview = ?, updated = ? WHERE id = ?"
ASSET_JOB = "UPDATE asset SET job = ? WHERE id = ? AND job = ''"
ASSETS_OUTDATED = "DELETE FROM asset WHERE file = ? AND job NOT IN ('', ?)"
ASSET_DELETE = "DELETE FROM asset WHERE id = ?"
ASSETS_OF_FILE = "SELECT id, name FROM asset WHERE file = ? ORDER BY created, id"

ASSETS = """
SELECT a.id, a.file, a.name, f.place, f.name, f.size, coalesce(f.digest, ''), a.mime, a.preview, a.user_metadata,
    a.metadata, a.job, a.created, a.updated, a.accessed, f.modified
FROM asset a JOIN file f ON f.id = a.file WHERE {condition}
"""
ASSETS_AT = ASSETS.format(condition="f.place = ? AND f.name = ? ORDER BY a.created, a.id")
ASSETS_PAGE = ASSETS + "ORDER BY {order} LIMIT ? OFFSET ?"
ASSETS_COUNT = "SELECT count(*) FROM asset a JOIN file f ON f.id = a.file WHERE {condition}"

TAG_ADD = "INSERT OR IGNORE INTO tag (asset, name) VALUES (?, ?)"
TAG_REMOVE = "DELETE FROM tag WHERE asset = ? AND name = ?"
TAGS_OF = "SELECT name FROM tag WHERE asset = ? ORDER BY name"
TAG_FILE_ADD = "INSERT OR IGNORE INTO tag (asset, name) SELECT id, ? FROM asset WHERE file = ?"
TAG_FILE_REMOVE = "DELETE FROM tag WHERE name = ? AND asset IN (SELECT id FROM asset WHERE file = ?)"
TAG_COUNTS = "SELECT name, count(*) FROM tag WHERE name GLOB ? GROUP BY name"
TAG_HISTOGRAM = """
SELECT t.name, count(*) FROM tag t WHERE t.asset IN (
    SELECT a.id FROM asset a JOIN file f ON f.id = a.file WHERE {condition}
) GROUP BY t.name ORDER BY count(*) DESC, t.name LIMIT ?
"""
