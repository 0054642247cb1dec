"""Which service is asked, in which order, and what happens when one gives nothing.

All services behind a name are asked in turn, the best first, until one answers. What was refused for good (a prompt
that is not allowed, a model that is not there) is not asked again there; what failed for now is asked again in the next
round, after a pause that grows. A request that got no answer in time may have been carried out and paid for: others are
asked, that service is not asked again.
"""

import asyncio
import logging
import random
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from limner.graph.charge import Charge
from limner.providers.health import Health
from limner.providers.provider import Provider
from limner.providers.refusal import ProviderError, busy
from limner.providers.settings import ProviderSettings, RouteSettings, Target

LOG = logging.getLogger(__name__)

FIRST_PAUSE = 0.5
"""Seconds before the second round; doubled for each further one."""

LONGEST_PAUSE = 20.0
"""A service that asks for a longer pause is not waited for."""

UNKNOWN = float("inf")
"""The price of what nobody knows the price of."""

Result = TypeVar("Result")


@dataclass(frozen=True)
class Service:
    """A service that can be asked, and how it does."""

    name: str
    settings: ProviderSettings
    provider: Provider
    health: Health


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What an answer is charged by, beside what it is.

    Attributes:
        images: Pictures that came.
        tokens: What the service counted.
        cost: What the service says that it charges; None: as the settings say.
        currency: Of the cost.
    """

    images: int = 1
    tokens: int = 0
    cost: float | None = None
    currency: str = "USD"


Ask = Callable[[Service, Target], Awaitable[tuple[Result, Answer]]]
"""Asks one service."""

Charged = Callable[[Charge], None]
"""Hears what each request cost."""


def ordered(route: RouteSettings, services: dict[str, Service]) -> list[Target]:
    """The services behind a name, the first to ask first; those that are left alone or crowded come last."""
    aims = route.aims()
    if route.route == "weight":
        # Source: Efraimidis and Spirakis 2006: sorting by u^(1/w) draws without replacement by weight.
        keys = {id(aim): -(random.random() ** (1.0 / aim.weight)) for aim in aims}
    else:
        keys = {id(aim): _rank(route, aim, place, services[aim.provider]) for place, aim in enumerate(aims)}

    def key(aim: Target) -> tuple[bool, bool, float, float]:
        health = services[aim.provider].health
        chance = random.random() if aim.order is not None else 0.0
        return health.rest() > 0, health.crowded, keys[id(aim)], chance

    return sorted(aims, key=key)


def _rank(route: RouteSettings, aim: Target, place: int, service: Service) -> float:
    match route.route:
        case "price":
            price = service.settings.price_of(aim.model)
            return UNKNOWN if price is None else price.of(1, service.health.latency(aim.model), 0)
        case "latency":
            return service.health.latency(aim.model)
        case _:
            return float(place if aim.order is None else aim.order)


async def ask_in_turn(
    name: str, route: RouteSettings, services: dict[str, Service], ask: Ask[Result], charged: Charged
) -> Result:
    """The first good answer.

    Args:
        name: What was asked for, for messages and figures.
        route: Who may be asked.
        services: All services by name.
        ask: Asks one.
        charged: Hears of every request, good or bad.

    Raises:
        ProviderError: if there is none; says what each service answered.
    """
    turns = _Turns(name, route, services, ask, charged)
    for number in range(route.tries):
        if number:
            await asyncio.sleep(_pause(number, list(turns.said.values())))
        found = await turns.round()
        if found is not None:
            return found[0]
        if turns.nobody_left:
            break
    raise _nothing(name, turns.said)


@dataclass
class _Turns(Generic[Result]):
    """The services behind a name, as they are asked for one request."""

    name: str
    route: RouteSettings
    services: dict[str, Service]
    ask: Ask[Result]
    charged: Charged
    said: dict[str, ProviderError] = field(default_factory=dict)

    async def round(self) -> tuple[Result] | None:
        """Asks each once that may still answer; the first good answer, or None."""
        for aim in ordered(self.route, self.services):
            if self._is_hopeless(aim):
                continue
            last = sum(not self._is_hopeless(other) for other in self.route.aims()) <= 1
            try:
                return (await _ask_one(self.name, self.services[aim.provider], aim, self.ask, self.charged, last),)
            except ProviderError as error:
                self.said[aim.to] = error
        return None

    @property
    def nobody_left(self) -> bool:
        """Whether all have refused for good."""
        return all(map(self._is_hopeless, self.route.aims()))

    def _is_hopeless(self, aim: Target) -> bool:
        """Whether a service would say the same again, or might do the same work twice."""
        return aim.to in self.said and not self.said[aim.to].retryable


async def _ask_one(name: str, service: Service, aim: Target, ask: Ask[Result], charged: Charged, last: bool) -> Result:
    """Asks one service, tells what it cost, and notes how it does."""
    rest = service.health.rest()
    if rest > LONGEST_PAUSE or (rest > 0 and not last):
        raise busy(service.name, rest)
    async with service.health.place():
        began = time.monotonic()
        try:
            result, answer = await ask(service, aim)
        except ProviderError as error:
            seconds = time.monotonic() - began
            service.health.failed(error)
            LOG.info("%s: %s", aim.to, error)
            charged(_charge(name, aim, seconds, failure=error.reason))
            raise
        seconds = time.monotonic() - began
    service.health.succeeded(aim.model, seconds)
    charged(_priced(name, service, aim, seconds, answer))
    return result


def _priced(name: str, service: Service, aim: Target, seconds: float, answer: Answer) -> Charge:
    """What a good answer cost: as the service says, else by the price in the settings."""
    price = service.settings.price_of(aim.model)
    cost, currency = answer.cost, answer.currency
    if cost is None and price is not None:
        cost, currency = price.of(answer.images, seconds, answer.tokens), price.currency
    return _charge(name, aim, seconds, images=answer.images, tokens=answer.tokens, cost=cost, currency=currency)


def _charge(name: str, aim: Target, seconds: float, **facts: object) -> Charge:
    asked = "" if name == aim.to else name
    return Charge(provider=aim.provider, model=aim.model, asked=asked, seconds=round(seconds, 4), **facts)  # type: ignore[arg-type]


def _pause(number: int, said: Sequence[ProviderError]) -> float:
    """Seconds before the next round: as little as any service asks for, at least a growing minimum."""
    asked = min((error.wait for error in said if error.retryable), default=0.0)
    grown = FIRST_PAUSE * 2 ** (number - 1) * random.uniform(0.8, 1.2)
    return min(max(asked, grown), LONGEST_PAUSE)


def _nothing(name: str, said: dict[str, ProviderError]) -> ProviderError:
    if len(said) == 1:
        return next(iter(said.values()))
    each = "; ".join(f"{aim}: {error}" for aim, error in said.items())
    reason = next(reversed(said.values())).reason if said else "nobody"
    return ProviderError(f"None of the services behind {name!r} could do it. {each}", reason=reason)
