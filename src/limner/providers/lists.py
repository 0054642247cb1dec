"""Models of other services beside the files that are here, wherever checkpoints are listed."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from limner.graph.catalog import Lists
from limner.providers.roster import Roster

CHECKPOINTS = "checkpoints"


@dataclass(frozen=True)
class ElsewhereLists:
    """Lists of what is here and elsewhere. May be called from any thread.

    Attributes:
        here: The lists of this machine.
        roster: Which services there are now, and what models they have.
    """

    here: Lists
    roster: Callable[[], Roster]

    def __call__(self, name: str) -> Sequence[str]:
        """The entries of a list now.

        Raises:
            UnknownNameError: for a list that does not exist.
        """
        found = self.here(name)
        if name != CHECKPOINTS:
            return found
        elsewhere = self.roster().names()
        return [*found, *elsewhere] if elsewhere else found
