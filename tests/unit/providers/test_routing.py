"""Which service is asked, in which order, and what happens when one gives nothing."""

from dataclasses import replace

import msgspec
import pytest

from limner.graph.elsewhere import PictureOrder
from limner.graph.errors import UnknownNameError
from limner.providers import routing
from limner.providers.health import Health
from limner.providers.refusal import ProviderError
from limner.providers.routing import Service, ordered
from limner.providers.settings import Limits, Price, ProviderSettings, RouteSettings, Target

ORDER = PictureOrder(model="any", prompt="a cube")


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    """Pauses between rounds are short."""
    monkeypatch.setattr(routing, "FIRST_PAUSE", 0.01)


def services(**prices):
    return {
        name: Service(name, ProviderSettings(base_url="http://x", price=price), None, Health(Limits(failures=1)))
        for name, price in prices.items()
    }


def names(route, known):
    return [aim.provider for aim in ordered(route, known)]


def test_as_listed():
    known = services(a=None, b=None, c=None)
    assert names(RouteSettings(targets=["b/m", "a/m", "c/m"]), known) == ["b", "a", "c"]


def test_by_price_with_unknown_ones_last():
    known = services(dear=Price(image=0.2), cheap=Price(image=0.01), unknown=None, slow=Price(second=0.05))
    known["slow"].health.succeeded("m", 2.0)
    route = RouteSettings(targets=["unknown/m", "dear/m", "slow/m", "cheap/m"], route="price")
    assert names(route, known) == ["cheap", "slow", "dear", "unknown"]


def test_by_latency_with_unmeasured_ones_first():
    known = services(slow=None, quick=None, new=None)
    known["slow"].health.succeeded("m", 9.0)
    known["quick"].health.succeeded("m", 1.0)
    assert names(RouteSettings(targets=["slow/m", "quick/m", "new/m"], route="latency"), known) == [
        "new",
        "quick",
        "slow",
    ]


def test_by_weight():
    known = services(often=None, seldom=None)
    route = RouteSettings(targets=[Target(to="often/m", weight=9), Target(to="seldom/m", weight=1)], route="weight")
    first = [names(route, known)[0] for _ in range(2000)]
    assert 0.85 < first.count("often") / 2000 < 0.95


def test_equal_orders_share():
    known = services(a=None, b=None, last=None)
    aims = [Target(to="a/m", order=1), Target(to="b/m", order=1), Target(to="last/m", order=2)]
    found = [names(RouteSettings(targets=aims), known) for _ in range(200)]
    assert {order[0] for order in found} == {"a", "b"}
    assert {order[2] for order in found} == {"last"}


def test_those_that_are_left_alone_come_last():
    known = services(a=None, b=None)
    known["a"].health.failed(ProviderError("", reason="", ill=True))
    assert names(RouteSettings(targets=["a/m", "b/m"]), known) == ["b", "a"]


async def test_the_next_one_is_asked_when_one_fails(desk_for, service, charges):
    desk = desk_for("bad", "fine", price=Price(image=0.5))
    assert (await desk.draw(ORDER, charges)).startswith(b"\x89PNG")
    assert [(charge.provider, charge.failure) for charge in charges.told] == [("bad", "status 500"), ("fine", "")]
    assert charges.told[1].cost == 0.5
    assert charges.told[1].asked == "any"


async def test_what_fails_for_now_is_asked_again(desk_for, service, charges):
    await desk_for("flaky").draw(ORDER, charges)
    assert service.asked["flaky"] == 2


async def test_what_is_refused_for_good_is_not_asked_again(desk_for, service, charges):
    with pytest.raises(ProviderError, match="The prompt is not allowed"):
        await desk_for("refusing").draw(ORDER, charges)
    assert service.asked["refusing"] == 1


async def test_what_gave_no_answer_in_time_is_not_paid_for_twice(desk_for, service, charges):
    await desk_for("slow", "flaky").draw(ORDER, charges)
    assert service.asked["slow"] == 1
    assert charges.told[0].failure == "timeout"


async def test_each_service_says_why_when_none_could(desk_for, service, charges):
    with pytest.raises(ProviderError) as refused:
        await desk_for("bad", "refusing", tries=2).draw(ORDER, charges)
    assert "bad/sketch: bad answered with status 500: It is broken." in str(refused.value)
    assert "refusing/sketch: refusing answered with status 400" in str(refused.value)
    assert (service.asked["bad"], service.asked["refusing"]) == (2, 1)


async def test_a_service_that_nobody_reaches(desk_for, charges, service):
    desk = desk_for("fine", tries=1)
    providers = {"dead": ProviderSettings(kind="openai_images", base_url="http://127.0.0.1:9/v1")}
    desk.roster = replace(desk.roster, file=msgspec.structs.replace(desk.roster.file, providers=providers))
    with pytest.raises(ProviderError, match="dead cannot be reached"):
        await desk.draw(msgspec.structs.replace(ORDER, model="dead/sketch"), charges)
    assert charges.told[-1].failure == "unreachable"


async def test_a_circuit_that_is_open_costs_no_request(desk_for, service, charges):
    desk = desk_for("bad", "fine", limits=Limits(failures=2))
    for _ in range(6):
        await desk.draw(ORDER, charges)
    assert (service.asked["bad"], service.asked["fine"]) == (2, 6)


async def test_an_unknown_name_is_told_with_those_there_are(desk_for, charges):
    with pytest.raises(UnknownNameError, match="anyy"):
        await desk_for("fine").draw(msgspec.structs.replace(ORDER, model="anyy"), charges)
