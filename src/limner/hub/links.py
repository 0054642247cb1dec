"""One file in two places, its bytes on the disk once.

First a clone (file systems that share blocks: whoever writes to one name leaves the other as it was), then a hard link,
then a symbolic link to another disk.
"""

import contextlib
import errno
import os
import secrets
from pathlib import Path

from limner.hub.room import unwritable

try:
    import fcntl
except ImportError:
    fcntl = None

FICLONE = 0x40049409
"""The request that shares a file's blocks. Source: Linux, ioctl_ficlone(2)."""

CLONE, HARD, SYMBOLIC = "clone", "hard link", "symbolic link"


def link(source: Path, target: Path) -> str:
    """Makes a file appear in a second place; says how.

    Args:
        source: The file that is there.
        target: Where it is to appear; nothing may be there yet.

    Raises:
        FileExistsError: if something is there.
        PullError: if none of the ways works.
    """
    source = source.resolve()
    target.parent.mkdir(parents=True, exist_ok=True)
    last: OSError | None = None
    for way, make in ((CLONE, _clone), (HARD, os.link), (SYMBOLIC, os.symlink)):
        try:
            make(source, target)
        except FileExistsError:
            raise
        except OSError as error:
            last = error
        else:
            return way
    raise unwritable(target, last or OSError(errno.EIO, ""))


def replace_by_link(source: Path, target: Path) -> str:
    """Puts a link to one file in the place of another with the same bytes; says how.

    Raises:
        PullError: if it cannot be done; the file stays as it was.
    """
    beside = target.with_name(f".{secrets.token_hex(8)}.link")
    way = link(source, beside)
    try:
        beside.replace(target)
    except OSError as error:
        raise unwritable(target, error) from error
    finally:
        beside.unlink(missing_ok=True)
    return way


def shares_bytes(one: Path, other: Path) -> bool:
    """Whether two names are one file already. Clones are not told from copies."""
    with contextlib.suppress(OSError):
        return one.samefile(other)
    return False


def _clone(source: Path, target: Path) -> None:
    if fcntl is None:
        raise OSError(errno.ENOTSUP, "no clones here")
    with source.open("rb") as file:
        number = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
        try:
            fcntl.ioctl(number, FICLONE, file.fileno())
        except OSError:
            target.unlink()
            raise
        finally:
            os.close(number)
