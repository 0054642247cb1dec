"""Graphs that name a service's model in a loader, with the picture drawn there in place of the network's work here.

Loader, texts, latent, sampler and decoder say together what a picture is to be. Where they say nothing that only a
network could do, one ``PictureFromProvider`` in the decoder's place says the same to a service; everything behind the
decoder (scaling, saving) stays. So every API that makes graphs reaches every service, and knows none of them. Pure.
"""

from collections.abc import Mapping, Set
from dataclasses import dataclass
from typing import Any

from limner.graph.errors import GraphError
from limner.graph.graph import Graph, Link, Node
from limner.graph.problem import Problem
from limner.providers.walks import WALKS, Walk, latent_of, text_of

PICTURE = "PictureFromProvider"
LOADER, LOADED = "CheckpointLoaderSimple", "ckpt_name"
DECODERS = frozenset({"VAEDecode", "VAEDecodeTiled"})
SIZES = {"SizeForModel": ("width", "height")}
"""Nodes that ask a network for the size it draws well at; a service is asked for what was wanted."""


def drawn_elsewhere(graph: Graph, names: Set[str], outputs: Set[str]) -> Graph:
    """The graph with pictures of services in place of their models' work, and without what nobody needs any more.

    Args:
        graph: As it came.
        names: Checkpoints that are services' models.
        outputs: Nodes for whose sake it is run.

    Raises:
        GraphError: if a node needs the network itself; says which and what to do.
    """
    loaders = {
        node: str(used.inputs[LOADED])
        for node, used in graph.nodes.items()
        if used.type == LOADER and used.inputs.get(LOADED) in names
    }
    sized = _with_sizes(graph, loaders.keys())
    nodes: dict[str, Node] = {}
    for name, node in sized.nodes.items():
        if name not in loaders:
            nodes[name] = _Picture(sized, loaders).of(name, node) if node.type in DECODERS else node
    changed = Graph(nodes)
    needed = _needed(changed, outputs)
    _refuse_leftovers(changed, needed, loaders)
    return Graph({name: node for name, node in changed.nodes.items() if name in needed})


def _with_sizes(graph: Graph, loaders: Set[str]) -> Graph:
    """The graph with wanted sizes in place of those that a network would be asked for."""
    wanted = {
        Link(name, output): node.inputs.get(key, 1024)
        for name, node in graph.nodes.items()
        if node.type in SIZES and _source(node.inputs.get("model")) in loaders
        for output, key in enumerate(SIZES[node.type])
    }
    asked = {link.source for link in wanted}
    return Graph(
        {
            name: Node(
                type=node.type,
                inputs={
                    key: wanted.get(value, value) if isinstance(value, Link) else value
                    for key, value in node.inputs.items()
                },
                title=node.title,
            )
            for name, node in graph.nodes.items()
            if name not in asked
        }
    )


@dataclass(frozen=True)
class _Picture:
    """What a decoder's picture is to be, read backwards from it."""

    graph: Graph
    loaders: Mapping[str, str]

    def of(self, name: str, decoder: Node) -> Node:
        """The node in place of a decoder; the decoder itself if its picture does not come from a service's model."""
        walker = self._node(decoder.inputs.get("samples"))
        read = WALKS.get(walker.type) if walker is not None else None
        walk = read(self.graph, walker) if read is not None and walker is not None else None
        model = self._model(walk.model) if walk is not None else None
        if walk is None or model is None:
            return decoder
        latent = latent_of(self.graph, walk.latent)
        positive, negative = text_of(self.graph, walk.positive), text_of(self.graph, walk.negative)
        if latent is None or positive is None:
            what = "its latent" if latent is None else "its prompt"
            raise _refused(name, f"{model} is another service's model, and {what} says more than can be told to it", "")
        return Node(type=PICTURE, inputs=self._inputs(model, walk, positive, negative) | latent, title=decoder.title)

    def _inputs(self, model: str, walk: Walk, positive: Any, negative: Any) -> dict[str, Any]:
        return {
            "model": model,
            "prompt": positive,
            "negative": "" if negative is None else negative,
            "seed": walk.seed,
            "steps": walk.steps,
            "guidance": walk.guidance,
            "strength": walk.strength,
            "sampler": walk.sampler,
            "schedule": walk.schedule,
        }

    def _node(self, value: Any) -> Node | None:
        source = _source(value)
        return None if source is None else self.graph.nodes.get(source)

    def _model(self, value: Any) -> str | None:
        """The service's model at the end of a chain of patches; None: the network is one of this machine's."""
        seen: set[str] = set()
        source, patches = _source(value), list[str]()
        while source is not None and source not in seen:
            if source in self.loaders:
                if patches:
                    advice = "Take it out, or choose a model that is here."
                    raise _refused(patches[0], f"{self.loaders[source]} draws elsewhere and cannot be changed", advice)
                return self.loaders[source]
            seen.add(source)
            patches.append(source)
            node = self.graph.nodes.get(source)
            source = _source(node.inputs.get("model")) if node is not None else None
        return None


def _refuse_leftovers(graph: Graph, needed: Set[str], loaders: Mapping[str, str]) -> None:
    """Raises GraphError if a node that somebody needs still wants a service's network."""
    for name in sorted(needed):
        for key, link in graph.nodes[name].links():
            if link.source in loaders:
                kind, model = graph.nodes[name].type, loaders[link.source]
                raise _refused(
                    name,
                    f"{kind} needs the network of {model} at its input {key}, and that network is elsewhere",
                    "Another service can draw a picture from texts, an image and a mask; for more choose a model that "
                    "is here, or a service that takes whole graphs.",
                )


def _needed(graph: Graph, outputs: Set[str]) -> set[str]:
    """Output nodes and what they need."""
    pending, needed = list(outputs), set[str]()
    while pending:
        name = pending.pop()
        if name not in needed and name in graph.nodes:
            needed.add(name)
            pending += [link.source for _, link in graph.nodes[name].links()]
    return needed


def _source(value: Any) -> str | None:
    return value.source if isinstance(value, Link) else None


def _refused(node: str, what: str, advice: str) -> GraphError:
    problem = Problem(
        code="drawn_elsewhere", message="This cannot be drawn by another service", details=f"{what}. {advice}".strip(),
        node=node,
    )  # fmt: skip
    return GraphError(f"{what}. {advice}".strip(), [problem])
