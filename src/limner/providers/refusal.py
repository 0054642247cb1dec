"""Why a service gave nothing. One class, so that routing can tell what may be tried again."""

from limner.graph.errors import StepError


class ProviderError(StepError):
    """A request that a service did not answer with what was asked for.

    Attributes:
        reason: In two or three words, for figures: ``status 500``, ``timeout``, ``unreachable``, ``refused`` ...
        retryable: The same service may answer otherwise a little later, and was not paid for this time.
        ill: It tells of the service's health, not of what was asked.
        wait: Seconds that the service asks to be left alone; 0: it says nothing.
    """

    def __init__(
        self, message: str, *, reason: str, retryable: bool = False, ill: bool = False, wait: float = 0.0
    ) -> None:
        super().__init__(message)
        self.reason, self.retryable, self.ill, self.wait = reason, retryable, ill, wait


def busy(provider: str, seconds: float) -> ProviderError:
    """A service that is left alone for now, or whose limits are used up."""
    return ProviderError(
        f"{provider} is left alone for {seconds:.0f} seconds more.", reason="left alone", retryable=True, wait=seconds
    )
