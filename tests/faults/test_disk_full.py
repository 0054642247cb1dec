"""A full disk: what was accepted stays, what is not accepted is refused in words, and it goes on when there is room."""

import subprocess
import sys
import textwrap

import pytest

from limner.engine.events import Succeeded
from limner.graph.errors import StorageError
from limner.jobs.records import JobState, Submission
from limner.jobs.sqlite_journal import SqliteJournal


@pytest.fixture
def small_disk(tmp_path):
    """A file system of 9 MB; only root can make one."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=9m", "tmpfs", str(folder)], capture_output=True)
    if mounted.returncode:
        pytest.skip("a small file system needs the right to mount")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def asked(name, size=100):
    return Submission(id=name, document={}, targets=(), extra={"text": "x" * size})


def fill(folder):
    """Takes all space that is left, as pictures would."""
    with (folder / "pictures").open("wb", buffering=0) as file, pytest.raises(OSError, match="No space"):
        while True:
            file.write(bytes(4096))


def test_a_full_disk_refuses_in_words_and_loses_nothing(small_disk):
    journal = SqliteJournal(small_disk / "queue.db")
    for name in "ab":
        journal.submit(asked(name))
    running = journal.claim("w")
    fill(small_disk)
    with pytest.raises(StorageError, match=r"disk is full.*Free some space"):
        for index in range(100):
            journal.submit(asked(f"more-{index}", 50_000))
    accepted = [job.submission.id for job in journal.waiting()]
    assert journal.counts().waiting == len(accepted)

    # The reserve lets jobs end all the same.
    text = "y" * 50_000
    assert journal.append("a", running.epoch, [Succeeded(job="a", time=1)])
    assert journal.interrupt_waiting("b") is not None
    assert not (small_disk / "queue.db.reserve").exists()

    (small_disk / "pictures").unlink()
    journal.submit(asked("after", len(text)))
    journal.close()
    journal = SqliteJournal(small_disk / "queue.db")
    assert [job.submission.id for job in journal.waiting()] == [*accepted[1:], "after"]
    assert [job.state for job in journal.history()] == [JobState.SUCCEEDED, JobState.INTERRUPTED]
    journal.close()


def test_a_limit_on_file_sizes_is_told_the_same_way(tmp_path):
    """Needs no rights: the limit of the process stands for the disk."""
    script = """
        import resource, sys
        from pathlib import Path
        from limner.graph.errors import StorageError
        from limner.jobs.records import Submission
        from limner.jobs.sqlite_journal import SqliteJournal
        journal = SqliteJournal(Path(sys.argv[1]))
        resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, 300_000))
        count = 0
        try:
            while True:
                journal.submit(Submission(id=str(count), document={}, targets=(), extra={"text": "x" * 10_000}))
                count += 1
        except StorageError as error:
            print(count, error)
        assert journal.counts().waiting == len(journal.waiting()) == count
    """
    path = tmp_path / "queue.db"
    command = [sys.executable, "-c", textwrap.dedent(script), str(path)]
    answer = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout
    count, _, message = answer.partition(" ")
    assert "disk is full or a limit is reached" in message
    journal = SqliteJournal(path)
    assert [job.submission.id for job in journal.waiting()] == [str(index) for index in range(int(count))]
    journal.submit(asked("after"))
    journal.close()


def test_a_file_that_is_no_journal_is_left_alone(tmp_path):
    path = tmp_path / "queue.db"
    path.write_bytes(b"this is not a database " * 400)
    with pytest.raises(StorageError, match=r"damaged or is no journal\. Move it away"):
        SqliteJournal(path)
    assert path.read_bytes().startswith(b"this is not")


def test_a_torn_journal_is_an_error_in_words(tmp_path):
    path = tmp_path / "queue.db"
    journal = SqliteJournal(path)
    for index in range(200):
        journal.submit(asked(str(index), 2000))
    journal.close()
    content = bytearray(path.read_bytes())
    content[8192:-4096] = bytes(len(content) - 12288)
    path.write_bytes(content)
    with pytest.raises(StorageError, match="damaged"):
        journal = SqliteJournal(path)
        try:
            journal.waiting()
        finally:
            journal.close()


def test_a_folder_that_cannot_be_written(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(StorageError, match="--data"):
        SqliteJournal(tmp_path / "file" / "queue.db")


def test_a_second_server_is_kept_out(tmp_path):
    journal = SqliteJournal(tmp_path / "queue.db")
    with pytest.raises(StorageError, match="Another server uses"):
        SqliteJournal(tmp_path / "queue.db")
    journal.close()
    SqliteJournal(tmp_path / "queue.db").close()
