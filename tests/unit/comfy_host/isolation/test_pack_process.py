"""How the process of an isolated pack is started: waited for, given up, and left to start when nobody waits."""

import sys
from pathlib import Path

import pytest

from comfy_host.isolation.pack_process import PackProcess
from limner.graph.errors import InterruptedRun, WorkerLostError
from limner.graph.progress import SilentProgress

SCRIPT = Path(__file__).with_name("starting_pack.py")


class Stopping(SilentProgress):
    """Stops at the second look."""

    looks = 0

    def check(self):
        self.looks += 1
        if self.looks > 1:
            raise InterruptedRun("stop")


@pytest.fixture
def start():
    begun = []

    def begin(mark):
        begun.append(PackProcess("slow", [sys.executable, str(SCRIPT), str(mark)], lambda *_: None))
        return begun[-1]

    yield begin
    for process in begun:
        process.end("the test is over")


def test_whoever_waits_for_the_import_can_be_stopped_and_the_next_finds_it(start, tmp_path):
    process = start(tmp_path / "mark")
    with pytest.raises(InterruptedRun):
        process.described(0, Stopping())
    assert process.lost is None
    (tmp_path / "mark").touch()
    assert process.described(0, SilentProgress()).report.name == "slow"
    assert process.described(0, SilentProgress()).report.name == "slow"


def test_an_import_that_takes_too_long_ends_the_process(start, tmp_path):
    process = start(tmp_path / "mark")
    with pytest.raises(WorkerLostError, match=r"took longer than 0\.2 s to be imported") as raised:
        process.described(0.2, SilentProgress())
    assert not raised.value.excused
    assert process.lost


@pytest.mark.parametrize(("mark", "code", "excused"), [("never", 3, True), ("breaks", 4, False)])
def test_the_pack_is_blamed_for_an_end_in_its_import_only(start, mark, code, excused):
    process = start(mark)
    with pytest.raises(WorkerLostError, match=f"exit code {code}") as raised:
        process.described(0, SilentProgress())
    assert raised.value.excused is excused
