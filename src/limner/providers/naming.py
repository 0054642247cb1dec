"""Names of services' models in graphs: found, and put back into what the service itself calls them. Pure."""

from collections.abc import Iterator

from limner.graph.graph import Graph, Node
from limner.providers.roster import Roster
from limner.providers.settings import Target

LOADERS = ("ckpt_name", "unet_name", "model_name", "vae_name", "lora_name", "clip_name", "control_net_name")
"""Inputs that name files of models; numbered ones (``clip_name1``) count too."""


def named_models(graph: Graph, roster: Roster) -> Iterator[tuple[str, str, str]]:
    """Where a graph names models of services: node, input, name."""
    for node, used in graph.nodes.items():
        for key, value in used.inputs.items():
            if _loads(key) and isinstance(value, str) and roster.knows(value):
                yield node, key, value


def with_model(graph: Graph, name: str, aim: Target) -> Graph:
    """A graph as a service understands it: its models by its own names.

    Args:
        graph: With names as requests use them.
        name: The one that was asked for.
        aim: The service, and its name for that model.
    """
    prefix = f"{aim.provider}/"

    def own(key: str, value: object) -> object:
        if not _loads(key) or not isinstance(value, str):
            return value
        if value == name and aim.model:
            return aim.model
        return value.removeprefix(prefix)

    return Graph(
        {
            node: Node(
                type=used.type, inputs={key: own(key, value) for key, value in used.inputs.items()}, title=used.title
            )
            for node, used in graph.nodes.items()
        }
    )


def _loads(key: str) -> bool:
    return key.rstrip("0123456789") in LOADERS
