"""A server that has models, an installation that has none, and a puller between them that never really waits."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from tests.unit.hub.remote import Remote

from limner.hub.events import FileFinished, PullEvent
from limner.hub.patience import Patience
from limner.hub.plan import Choice, Plan
from limner.hub.puller import Puller
from limner.hub.source import Accounts, Wanted
from limner.storage.folders import Folders


@pytest.fixture(autouse=True)
def no_accounts(monkeypatch, tmp_path):
    """Nobody's tokens, proxies and settings take part."""
    for name in ("HF_TOKEN", "HF_HUB_OFFLINE", "HF_ENDPOINT", "AWS_PROFILE", "AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"):
        monkeypatch.delenv(name, raising=False)
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("limner.hub.sources.huggingface._stored_token", lambda: "")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))


@pytest.fixture
def remote() -> Iterator[Remote]:
    with Remote() as running:
        yield running


@pytest.fixture
def folders(tmp_path) -> Folders:
    made = Folders.under(tmp_path / "data")
    made.create()
    return made


@dataclass
class Pulling:
    """Pulls as the command line does, and remembers what was told."""

    puller: Puller
    waits: list[float]
    events: list[PullEvent] = field(default_factory=list)

    def plan(self, reference: str, **choice: Any) -> Plan:
        revision, include = choice.pop("revision", ""), choice.pop("include", ())
        return self.puller.plan(Wanted(reference, revision, include), Choice(**choice), self.events.append)

    def __call__(self, reference: str, **choice: Any) -> list[FileFinished]:
        return self.puller.carry_out(self.plan(reference, **choice), self.events.append)

    def told(self, kind: type) -> list[Any]:
        return [event for event in self.events if isinstance(event, kind)]


def pulling(folders: Folders, accounts: Accounts | None = None, *, private: bool = True) -> Pulling:
    waits: list[float] = []

    async def sleep(seconds: float) -> None:
        waits.append(seconds)
        await asyncio.sleep(0)

    return Pulling(Puller(folders, accounts, private=private, patience=Patience(sleep=sleep)), waits)


@pytest.fixture
def pull(folders, remote) -> Pulling:
    services = dict.fromkeys(("huggingface_endpoint", "civitai_endpoint", "s3_endpoint"), remote.url)
    return pulling(folders, Accounts(**services))


def names_in(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
