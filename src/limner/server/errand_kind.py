"""What a kind of errands is: how its carrier is made in a server. A module in ``errands`` defines one."""

from collections.abc import Callable
from dataclasses import dataclass

from limner.jobs.courier import Carrier
from limner.server.delivery_plan import DeliveryPlan
from limner.server.service import Service


@dataclass(frozen=True)
class ErrandKind:
    """A kind of errands and what makes their carrier."""

    name: str
    carrier: Callable[[Service, DeliveryPlan], Carrier]
