import pytest

from limner.engine.cancellation import Cancellation
from limner.graph.errors import InterruptedRun


def test_listeners_hear_once():
    cancellation, heard = Cancellation(), []
    cancellation.listen(lambda: heard.append(1))
    cancellation.check()
    cancellation.cancel()
    cancellation.cancel()
    assert heard == [1] and cancellation.asked
    with pytest.raises(InterruptedRun):
        cancellation.check()


def test_late_listeners_hear_at_once():
    cancellation, heard = Cancellation(), []
    cancellation.cancel()
    cancellation.listen(lambda: heard.append(1))
    assert heard == [1]
