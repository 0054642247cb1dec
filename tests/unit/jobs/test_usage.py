"""What jobs cost, as figures, and in the journal's file."""

import pytest

from limner.engine.events import Charged, NodeOutput, NodePlace, Requeued, Started, Succeeded
from limner.graph.charge import Charge
from limner.graph.errors import UnknownNameError
from limner.jobs.records import Submission
from limner.jobs.sqlite_journal import SqliteJournal
from limner.jobs.sqlite_usage import read_usage
from limner.jobs.usage import LOCAL, summed

DAY = 1_700_000_000_000


def run(journal, name, *events, owner="default", document=None):
    """A job that a worker took, told these events of, and ended."""
    journal.submit(Submission(id=name, document=document or {}, targets=(), owner=owner, created=DAY))
    epoch = journal.claim("worker").epoch
    ended = [Started(job=name, time=DAY), *events, Succeeded(job=name, time=DAY + 3000)]
    assert journal.append(name, epoch, ended)


def charged(job, **changes):
    facts = {"provider": "studio", "model": "sketch", "images": 1, "seconds": 1.0, "cost": 0.04}
    return Charged(job=job, time=DAY, charge=Charge(**(facts | changes)))


@pytest.fixture
def journal(tmp_path):
    journal = SqliteJournal(tmp_path / "journal.sqlite")
    yield journal
    journal.close()


def test_what_this_machine_drew(journal, tmp_path):
    drawn = NodeOutput(job="a", time=DAY, place=NodePlace.of("9"), ui={"images": [{"filename": "a.png"}] * 2})
    document = {"4": {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": "folder/sdxl.safetensors"}}}
    run(journal, "a", drawn, document=document)
    (row,) = read_usage(tmp_path / "journal.sqlite")
    assert (row.provider, row.model, row.requests, row.images, row.seconds) == (LOCAL, "sdxl.safetensors", 1, 2, 3.0)
    assert row.cost is None


def test_requests_to_providers_are_kept_with_what_failed(journal, tmp_path):
    run(journal, "a", charged("a", failure="status 500", images=0, cost=None), charged("a"))
    assert journal.get("a").charges[1].cost == 0.04
    sums = {found.name: found for found in summed(read_usage(tmp_path / "journal.sqlite"), "provider")}
    assert (sums["studio"].requests, sums["studio"].failures, sums["studio"].images) == (2, 1, 1)
    assert sums["studio"].cost == {"USD": 0.04}
    assert sums[LOCAL].requests == 0
    assert sums[LOCAL].seconds == 1.0, "what was spent waiting for others is theirs"


def test_what_a_lost_attempt_cost_stays(journal, tmp_path):
    journal.submit(Submission(id="a", document={}, targets=()))
    epoch = journal.claim("worker").epoch
    journal.append("a", epoch, [Started(job="a", time=DAY), charged("a")])
    assert isinstance(journal.lost("a", epoch, "It died.").event, Requeued)
    epoch = journal.claim("worker").epoch
    journal.append("a", epoch, [Started(job="a", time=DAY), charged("a"), Succeeded(job="a", time=DAY + 10)])
    assert summed(read_usage(tmp_path / "journal.sqlite"), "provider")[0].images == 2


def test_usage_outlives_the_history(journal, tmp_path):
    run(journal, "a", charged("a"))
    journal.delete_history()
    assert len(read_usage(tmp_path / "journal.sqlite")) == 2


def test_usage_by_owner_day_model_and_since(journal, tmp_path):
    run(journal, "a", charged("a"), owner="ann")
    run(journal, "b", charged("b", model="photo", currency="EUR"), owner="ben")
    path = tmp_path / "journal.sqlite"
    assert {row.owner for row in read_usage(path, owner="ann")} == {"ann"}
    assert read_usage(path, since=DAY + 3001) == []
    rows = read_usage(path)
    assert {found.name for found in summed(rows, "owner")} == {"ann", "ben"}
    assert [found.name for found in summed(rows, "day")] == ["2023-11-14"]
    assert {"studio/sketch", "studio/photo"} <= {found.name for found in summed(rows, "model")}
    assert summed(rows, "day")[0].cost == {"USD": 0.04, "EUR": 0.04}
    with pytest.raises(UnknownNameError, match="provider"):
        summed(rows, "providers")


def test_latency_is_that_of_requests_that_went_well(journal, tmp_path):
    for number in range(100):
        run(journal, str(number), charged(str(number), seconds=float(number + 1)))
    run(journal, "bad", charged("bad", seconds=500.0, failure="timeout"))
    found = summed(read_usage(tmp_path / "journal.sqlite"), "provider")[0]
    assert found.latency == {"p50": 50.0, "p90": 90.0, "p99": 99.0, "max": 100.0}


def test_a_file_that_is_not_there_has_no_usage(tmp_path):
    assert read_usage(tmp_path / "nothing.sqlite") == []
