"""What changes networks as LoRAs do, from files of other kinds."""

from typing import Annotated

from limner.graph.declare import Choice, Number, node
from limner.models.patches.hypernetwork import read_hypernetwork
from limner.models.patches.patch import with_patch
from limner.nodes.loaders import Library, file_stamp
from limner.nodes.sockets import MODEL


@node(
    name="HypernetworkLoader",
    title="HypernetworkLoader",
    category="loaders",
    fingerprint=file_stamp("hypernetworks", "hypernetwork_name"),
)
def hypernetwork_loader(
    *,
    model: MODEL,
    hypernetwork_name: Annotated[str, Choice(source="hypernetworks")],
    strength: Annotated[float, Number(min=-10.0, max=10.0, step=0.01)] = 1.0,
    library: Library,
) -> MODEL:
    """A UNet whose attentions look at what a hypernetwork makes of the text."""
    if strength == 0:
        return model
    return with_patch(model, read_hypernetwork(library.folders.find("hypernetworks", hypernetwork_name), strength))
