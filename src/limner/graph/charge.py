"""What a request to another service cost, as data: told by whoever made it, kept with the job."""

import msgspec


class Charge(msgspec.Struct, frozen=True, kw_only=True):
    """One request to a provider, whether it went well or not.

    Attributes:
        provider: Who was asked.
        model: The name that the provider knows the model by.
        asked: The name that the request came in with, if it was another.
        images: Pictures that came.
        seconds: How long it took.
        tokens: What the provider counted; 0: it counts none.
        cost: In ``currency``; None: nobody knows.
        currency: Of the cost (``USD``).
        failure: Why nothing came (``timeout``, ``status 500`` ...); empty: all went well.
    """

    provider: str
    model: str
    asked: str = ""
    images: int = 0
    seconds: float = 0.0
    tokens: int = 0
    cost: float | None = None
    currency: str = "USD"
    failure: str = ""
