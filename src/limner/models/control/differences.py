"""Control networks of which only the differences from a network are in the file, weight by weight.

They are made whole when they are loaded: the weights of the network that they were trained with are added, adapters on
it included. Differences of low rank are another thing; see ``control_lora``.
"""

from dataclasses import replace

from limner.graph.errors import NumericsError
from limner.models.adapters.adapter import Adapter
from limner.models.control.control import ControlNet
from limner.models.load.layout import Layout
from limner.models.merging import Merged, Mix
from limner.models.network import Network

DIFFERENCE = "difference"
"""A tensor of this name says that a file is one of these."""

SUM = Mix(1.0, 1.0)


def holds_differences(layout: Layout) -> bool:
    """Whether a file is one of these."""
    return DIFFERENCE in layout


def made_whole(net: ControlNet, base: Network) -> ControlNet:
    """A control network whose weights are differences, with those of a network added to them.

    Raises:
        NumericsError: if the network has other sides.
    """
    mine, theirs = net.network, base.blueprint.keys
    names = [name for name in mine.blueprint.keys if name in theirs]
    wrong = next((name for name in names if _shape(mine, name) != _shape(base, name)), None)
    if wrong is not None or not names:
        found = (
            f"{wrong} is {_shape(mine, wrong)} here and {_shape(base, wrong)} there" if wrong else "nothing is alike"
        )
        raise NumericsError(
            f"{mine.what} holds differences from another network than {base.what}: {found}. Connect the model that it "
            "was trained with."
        )
    changes = {name: Merged(base, name, SUM) for name in names}
    return replace(net, network=mine.with_changes(Adapter(base.what, ("difference", base.key), changes), 1.0))


def _shape(network: Network, name: str) -> tuple[int, ...]:
    source = network.blueprint.keys[name]
    return network.file.layout.shape(source.names[0]) if source.shape is None else source.shape
