"""Every SQL statement of the accounts, by name. Times are milliseconds since the epoch; 0 stands for never."""

APPLICATION = 0x4C4D4E41
"""``LMNA``: marks the file as ours."""

VERSION = 1
"""Version of the schema."""

SCHEMA = f"""
CREATE TABLE user (
    name TEXT PRIMARY KEY,
    quota BLOB NOT NULL,
    created INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE key (
    id TEXT PRIMARY KEY,
    user TEXT NOT NULL REFERENCES user (name),
    digest BLOB NOT NULL,
    scopes TEXT NOT NULL,
    note TEXT NOT NULL,
    created INTEGER NOT NULL,
    expires INTEGER NOT NULL,
    used INTEGER NOT NULL DEFAULT 0,
    revoked INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;
CREATE TABLE secret (name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
PRAGMA application_id = {APPLICATION};
PRAGMA user_version = {VERSION};
"""

USERS = "SELECT name, quota, created FROM user ORDER BY name"
USER = "SELECT name, quota, created FROM user WHERE name = ?"
USER_ADD = "INSERT INTO user (name, quota, created) VALUES (?, ?, ?) ON CONFLICT (name) DO NOTHING"
USER_QUOTA = "UPDATE user SET quota = ? WHERE name = ?"

KEYS = "SELECT id, user, scopes, note, created, expires, used, revoked FROM key ORDER BY user, created, id"
KEY = "SELECT id, user, scopes, note, created, expires, used, revoked, digest FROM key WHERE id = ?"
KEY_ADD = "INSERT INTO key (id, user, digest, scopes, note, created, expires) VALUES (?, ?, ?, ?, ?, ?, ?)"
KEY_REVOKE = "UPDATE key SET revoked = ? WHERE id = ? AND revoked = 0"
KEY_USED = "UPDATE key SET used = ? WHERE id = ?"

SECRET = "SELECT value FROM secret WHERE name = ?"
SECRET_ADD = "INSERT INTO secret (name, value) VALUES (?, ?) ON CONFLICT (name) DO NOTHING"

CHANGES = "PRAGMA data_version"
"""Another number once another connection, of this program or another one, has changed the file."""
