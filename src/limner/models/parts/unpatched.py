"""Networks into which nobody can step: a node that would change them says so instead of doing nothing."""

from limner.graph.errors import NumericsError
from limner.models.family import Pass
from limner.models.parts.unet_pass import is_walked


def as_it_is(call: Pass, what: str) -> None:
    """Refuses a pass that control networks or patches want to step into.

    Args:
        call: The pass.
        what: The network, for people.

    Raises:
        NumericsError: if anybody does.
    """
    if is_walked(call):
        raise NumericsError(
            f"{what} runs as it is only: take control networks and nodes that patch its blocks or attention "
            "(FreeU, HyperTile ...) out of the workflow."
        )
