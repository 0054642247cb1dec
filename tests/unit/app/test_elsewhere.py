"""``limner providers`` and ``limner usage``."""

import json

import pytest
from tests.picture_service import PictureService

from limner.app.command import main
from limner.engine.events import Charged, Started, Succeeded
from limner.graph.charge import Charge
from limner.jobs.records import Submission
from limner.jobs.sqlite_journal import SqliteJournal
from limner.jobs.sqlite_usage import JOURNAL


@pytest.fixture
def data(tmp_path):
    with PictureService() as service:
        (tmp_path / "providers.yaml").write_text(
            f"""
providers:
  fine: {{kind: openai_images, base_url: "{service.url("fine")}", key: FINE_KEY}}
  dead: {{kind: comfyui, base_url: "http://127.0.0.1:9"}}
models:
  photo: {{route: latency, targets: [fine/photo, dead/x]}}
"""
        )
        yield tmp_path


def test_services_are_told_with_what_they_lack(data, capsys, monkeypatch):
    monkeypatch.delenv("FINE_KEY", raising=False)
    assert main(["providers", "--data", str(data)]) == 0
    told = capsys.readouterr().out
    assert "key FINE_KEY is not set" in told
    assert "dead: comfyui at http://127.0.0.1:9, whole graphs" in told
    assert "photo (latency): fine/photo, dead/x" in told


def test_services_are_asked_whether_they_answer(data, capsys, monkeypatch):
    monkeypatch.setenv("FINE_KEY", "sk-1234567")
    assert main(["providers", "--data", str(data), "--check"]) == 1
    told = capsys.readouterr().out
    assert "2 models: sketch, photo" in told
    assert "dead cannot be reached" in told
    assert "sk-1234567" not in told


def test_without_services_it_says_where_to_read(tmp_path, capsys):
    assert main(["providers", "--data", str(tmp_path), "--check"]) == 0
    assert "docs/providers.md" in capsys.readouterr().out


def test_usage_as_a_table_and_as_json(tmp_path, capsys):
    assert main(["usage", "--data", str(tmp_path)]) == 0
    assert "Nothing" in capsys.readouterr().out
    journal = SqliteJournal(tmp_path / JOURNAL)
    journal.submit(Submission(id="a", document={}, targets=()))
    epoch = journal.claim("w").epoch
    charge = Charge(provider="fine", model="photo", images=1, seconds=2.0, cost=0.04)
    events = [Started(job="a", time=10), Charged(job="a", time=11, charge=charge), Succeeded(job="a", time=2510)]
    assert journal.append("a", epoch, events)
    try:
        assert main(["usage", "--data", str(tmp_path)]) == 0
        heading, fine, local = capsys.readouterr().out.splitlines()
        assert heading.split()[:3] == ["provider", "requests", "failed"]
        assert fine.split() == ["fine", "1", "0", "1", "2.0", "2.00", "2.00", "2.00", "0.0400", "USD"]
        assert local.split()[:5] == ["local", "0", "0", "0", "0.5"]
        assert main(["usage", "--data", str(tmp_path), "--by", "model", "--json"]) == 0
        assert json.loads(capsys.readouterr().out)[0]["name"] == "fine/photo"
        assert main(["usage", "--data", str(tmp_path), "--since", "1h"]) == 0
        assert "Nothing" in capsys.readouterr().out
        assert main(["usage", "--data", str(tmp_path), "--since", "soon"]) == 1
    finally:
        journal.close()
