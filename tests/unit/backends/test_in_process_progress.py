import pytest

from limner.backends import in_process_progress
from limner.backends.in_process_progress import StepProgress
from limner.engine.cancellation import Cancellation
from limner.engine.events import NodePlace, NodePreview, NodeProgress, NodeText
from limner.graph.errors import InterruptedRun
from limner.graph.progress import Preview


@pytest.fixture
def clock(monkeypatch):
    """A clock that only the test moves."""
    now = [0.0]
    monkeypatch.setattr(in_process_progress.time, "monotonic", lambda: now[0])
    return now


@pytest.fixture
def said():
    return []


@pytest.fixture
def progress(said):
    return StepProgress("j", NodePlace.of("3"), said.append, Cancellation(), preview_size=64)


def test_first_and_last_report_always_pass(progress, said, clock):
    for value in range(1001):
        progress.report(value, 1000)
    assert [(event.value, event.total) for event in said] == [(0, 1000), (1000, 1000)]


def test_reports_pass_at_a_bearable_rate(progress, said, clock):
    for value in range(100):
        clock[0] += 0.01
        progress.report(value, 1000)
    assert 20 < len(said) < 40


def test_preview_follows_its_report(progress, said, clock):
    progress.report(1, 2, Preview(image=b"x"))
    assert [type(event) for event in said] == [NodeProgress, NodePreview]
    assert said[1].image == b"x" and said[1].media_type == "image/jpeg" and not said[1].final
    assert {event.job for event in said} == {"j"} and {event.place.node for event in said} == {"3"}


def test_final_pictures_always_pass(progress, said, clock):
    for value in range(5):
        progress.report(value, 100, Preview(image=b"x", media_type="image/png", final=True))
    assert sum(isinstance(event, NodePreview) and event.final for event in said) == 5


def test_values_stop_at_the_total(progress, said, clock):
    progress.report(7, 5)
    assert said[0].value == 5


def test_text(progress, said):
    progress.text("hello")
    assert isinstance(said[0], NodeText) and said[0].text == "hello"


def test_cancelled_runs_hear_it():
    cancellation = Cancellation()
    progress = StepProgress("j", NodePlace.of("3"), lambda event: None, cancellation)
    progress.check()
    cancellation.cancel()
    with pytest.raises(InterruptedRun):
        progress.check()
    with pytest.raises(InterruptedRun):
        progress.report(1, 2)


def test_a_report_says_whether_a_preview_follows_and_may_be_quiet(progress, said, clock):
    progress.report(1, 2, Preview(image=b"x"), quiet=True)
    progress.report(2, 2)
    assert [(event.pictured, event.quiet) for event in said if isinstance(event, NodeProgress)] == [
        (True, True),
        (False, False),
    ]


def test_glimpses_that_nobody_wants_are_dropped_and_final_pictures_are_not(said):
    progress = StepProgress("j", NodePlace.of("3"), said.append, Cancellation())
    progress.report(1, 3, Preview(image=b"x"))
    progress.report(3, 3, Preview(image=b"y", final=True))
    assert [event.image for event in said if isinstance(event, NodePreview)] == [b"y"]
    assert [event.pictured for event in said if isinstance(event, NodeProgress)] == [False, True]
