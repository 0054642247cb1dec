"""Every SQL statement of the gallery's index, by name.

    picture  a file, what was read of it, and what people say of it; times in milliseconds
    words    its texts, for the search
    tag      its tags
    lora     adapters that it was made with
    board    boards that were made, also empty ones; a picture's board is its name, ``/`` between nested ones

``shape`` is width over height times 100. ``labels`` repeats the tags, so that the search for words finds them.
"""

APPLICATION = 0x4C4D4E47
"""``LMNG``: marks the file as ours."""

VERSION = 1

SCHEMA = f"""
CREATE TABLE picture (
    id INTEGER PRIMARY KEY,
    key TEXT NOT NULL UNIQUE,
    path TEXT NOT NULL UNIQUE,
    home TEXT NOT NULL DEFAULT '',
    name TEXT NOT NULL,
    media TEXT NOT NULL,
    size INTEGER NOT NULL,
    modified INTEGER NOT NULL,
    created INTEGER NOT NULL,
    width INTEGER NOT NULL DEFAULT 0,
    height INTEGER NOT NULL DEFAULT 0,
    shape INTEGER NOT NULL DEFAULT 100,
    prompt TEXT NOT NULL DEFAULT '',
    negative TEXT NOT NULL DEFAULT '',
    model TEXT NOT NULL DEFAULT '',
    seed TEXT NOT NULL DEFAULT '',
    app TEXT NOT NULL DEFAULT '',
    job TEXT NOT NULL DEFAULT '',
    alt TEXT NOT NULL DEFAULT '',
    labels TEXT NOT NULL DEFAULT '',
    starred INTEGER NOT NULL DEFAULT 0,
    rating INTEGER NOT NULL DEFAULT 0,
    board TEXT NOT NULL DEFAULT '',
    state TEXT NOT NULL DEFAULT 'here',
    trashed INTEGER NOT NULL DEFAULT 0,
    known INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX picture_created ON picture (state, created, id, shape);
CREATE INDEX picture_name ON picture (state, name COLLATE NOCASE, id, shape);
CREATE INDEX picture_rating ON picture (state, rating, created, id, shape);
CREATE INDEX picture_board ON picture (board, state, created, id, shape);
CREATE INDEX picture_model ON picture (state, model);
CREATE INDEX picture_app ON picture (state, app) WHERE app <> '';
CREATE INDEX picture_starred ON picture (state, created, id, shape) WHERE starred;
CREATE INDEX picture_seed ON picture (seed) WHERE seed <> '';
CREATE INDEX picture_unknown ON picture (id) WHERE NOT known;
CREATE INDEX picture_trashed ON picture (trashed) WHERE trashed;
CREATE TABLE tag (
    picture INTEGER NOT NULL REFERENCES picture (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    PRIMARY KEY (name, picture)
) WITHOUT ROWID;
CREATE INDEX tag_picture ON tag (picture, name);
CREATE TABLE lora (
    picture INTEGER NOT NULL REFERENCES picture (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    PRIMARY KEY (name, picture)
) WITHOUT ROWID;
CREATE INDEX lora_picture ON lora (picture, name);
CREATE TABLE board (name TEXT PRIMARY KEY, created INTEGER NOT NULL) WITHOUT ROWID;
CREATE VIRTUAL TABLE words USING fts5 (
    name, prompt, negative, alt, labels,
    content = 'picture', content_rowid = 'id', prefix = '2 3', tokenize = 'unicode61 remove_diacritics 2'
);
CREATE TRIGGER words_added AFTER INSERT ON picture BEGIN
    INSERT INTO words (rowid, name, prompt, negative, alt, labels)
    VALUES (new.id, new.name, new.prompt, new.negative, new.alt, new.labels);
END;
CREATE TRIGGER words_removed AFTER DELETE ON picture BEGIN
    INSERT INTO words (words, rowid, name, prompt, negative, alt, labels)
    VALUES ('delete', old.id, old.name, old.prompt, old.negative, old.alt, old.labels);
END;
CREATE TRIGGER words_changed AFTER UPDATE OF name, prompt, negative, alt, labels ON picture BEGIN
    INSERT INTO words (words, rowid, name, prompt, negative, alt, labels)
    VALUES ('delete', old.id, old.name, old.prompt, old.negative, old.alt, old.labels);
    INSERT INTO words (rowid, name, prompt, negative, alt, labels)
    VALUES (new.id, new.name, new.prompt, new.negative, new.alt, new.labels);
END;
PRAGMA application_id = {APPLICATION};
PRAGMA user_version = {VERSION};
"""

AT_PATH = "SELECT id, size, modified, state FROM picture WHERE path = ?"
KEY_TAKEN = "SELECT 1 FROM picture WHERE key = ?"
ADD = """
INSERT INTO picture (key, path, name, media, size, modified, created, job) VALUES (?, ?, ?, ?, ?, ?, ?, ?) RETURNING id
"""
CHANGED = "UPDATE picture SET size = ?, modified = ?, known = 0, state = 'here' WHERE id = ?"
JOB = "UPDATE picture SET job = ? WHERE id = ?"
LEARN = """
UPDATE picture SET width = ?, height = ?, shape = ?, prompt = ?, negative = ?, model = ?, seed = ?,
    app = CASE WHEN ? <> '' THEN ? ELSE app END, known = 1
WHERE id = ?
"""
UNKNOWN = "SELECT id, path, name, media, job FROM picture WHERE NOT known AND state = 'here' ORDER BY id DESC LIMIT ?"
UNKNOWN_COUNT = "SELECT count(*) FROM picture WHERE NOT known AND state = 'here'"
PRESENT = "SELECT id, path, state FROM picture WHERE state <> 'trashed'"
STATE = "UPDATE picture SET state = ? WHERE id = ?"

COLUMNS = """
p.id, p.key, p.path, p.home, p.name, p.media, p.size, p.modified, p.created, p.width, p.height, p.prompt, p.model,
p.seed, p.app, p.job, p.alt, p.starred, p.rating, p.board, p.state, p.trashed, p.labels
"""
ONE = f"SELECT {COLUMNS} FROM picture p WHERE p.key = ?"
AT = f"SELECT {COLUMNS} FROM picture p WHERE p.path = ?"
PAGE = f"SELECT {COLUMNS} FROM picture p WHERE {{condition}} ORDER BY {{order}} LIMIT ? OFFSET ?"
COUNT = "SELECT count(*) FROM picture p WHERE {condition}"
POSITIONS = "SELECT {day}, p.shape FROM picture p WHERE {condition} ORDER BY {order}"
KEYS = "SELECT p.key FROM picture p WHERE {condition} ORDER BY {order} LIMIT ?"

SET = "UPDATE picture SET {column} = ? WHERE id = ?"
TAG_ADD = "INSERT OR IGNORE INTO tag (picture, name) VALUES (?, ?)"
TAG_REMOVE = "DELETE FROM tag WHERE picture = ? AND name = ?"
LABELS = """
UPDATE picture SET labels = coalesce((
    SELECT group_concat(name, char(10)) FROM (SELECT name FROM tag WHERE picture = ? ORDER BY name)
), '') WHERE id = ?
"""
LORA_ADD = "INSERT OR IGNORE INTO lora (picture, name) VALUES (?, ?)"
LORAS_REMOVE = "DELETE FROM lora WHERE picture = ?"
LORAS_OF = "SELECT name FROM lora WHERE picture = ? ORDER BY name"

BOARD_ADD = "INSERT OR IGNORE INTO board (name, created) VALUES (?, ?)"
BOARDS = "SELECT name FROM board"
BOARD_COUNTS = "SELECT board, count(*) FROM picture WHERE state = 'here' AND board <> '' GROUP BY board"
BOARD_REMOVE = "DELETE FROM board WHERE name = ? OR (name >= ? AND name < ?)"
BOARD_RENAME = "UPDATE OR REPLACE board SET name = ? || substr(name, ?) WHERE name = ? OR (name >= ? AND name < ?)"
BOARD_EMPTY = "UPDATE picture SET board = '' WHERE board = ? OR (board >= ? AND board < ?)"
BOARD_MOVE = "UPDATE picture SET board = ? || substr(board, ?) WHERE board = ? OR (board >= ? AND board < ?)"

TRASHED = "UPDATE picture SET path = ?, home = ?, state = 'trashed', trashed = ? WHERE id = ?"
RESTORED = "UPDATE picture SET path = ?, home = '', name = ?, state = 'here', trashed = 0 WHERE id = ?"
REMOVE = "DELETE FROM picture WHERE id = ?"
OLD_TRASH = f"SELECT {COLUMNS} FROM picture p WHERE p.state = 'trashed' AND p.trashed <= ?"

COUNTS = """
SELECT count(*), coalesce(sum(starred), 0), coalesce(sum(labels = ''), 0), coalesce(sum(board = ''), 0)
FROM picture WHERE state = 'here'
"""
TRASH_COUNT = "SELECT count(*) FROM picture WHERE state = 'trashed'"
MODEL_COUNTS = """
SELECT model, count(*) FROM picture WHERE state = 'here' AND model <> '' GROUP BY model ORDER BY count(*) DESC, model
"""
APP_COUNTS = """
SELECT app, count(*) FROM picture WHERE state = 'here' AND app <> '' GROUP BY app ORDER BY count(*) DESC, app
"""
TAG_COUNTS = """
SELECT t.name, count(*) FROM tag t JOIN picture p ON p.id = t.picture WHERE p.state = 'here'
GROUP BY t.name ORDER BY count(*) DESC, t.name LIMIT 500
"""
LORA_COUNTS = """
SELECT l.name, count(*) FROM lora l JOIN picture p ON p.id = l.picture WHERE p.state = 'here'
GROUP BY l.name ORDER BY count(*) DESC, l.name LIMIT 500
"""
DAY = "(p.created + {offset}) / 86400000"
DAY_COUNTS = """
SELECT {day}, count(*) FROM picture p WHERE p.state = 'here' GROUP BY 1 ORDER BY 1 DESC
"""
