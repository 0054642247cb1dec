"""The prompt that a picture was made with, from what its file carries."""

import json
from typing import Annotated, Any

from limner import nodes
from limner.graph.catalog import Catalog
from limner.graph.declare import NodeDefinition, Service, node
from limner.graph.discovery import discover
from limner.graph.document import read_workflow
from limner.graph.embedded.container import carried_texts, container_of
from limner.graph.errors import DocumentError, StorageError
from limner.graph.graph import Graph
from limner.graph.infotext import read_infotext
from limner.graph.prompts import Place, find_prompts
from limner.nodes.growing import OWN
from limner.nodes.images_load import InputPicture, file_digest
from limner.storage.folders import Folders

LARGEST_FILE = 1 << 30

Said = tuple[str, str, str, str]


@node(
    name="ReadPrompt",
    title="Prompt of a Picture",
    category="utils/prompt",
    outputs=("prompt", "negative", "settings", "source"),
    fingerprint=file_digest,
    module=OWN,
)
def read_prompt(*, image: InputPicture, folders: Annotated[Folders, Service()]) -> tuple[str, str, str, str]:
    """The prompt and negative prompt that a picture file was made with, and its settings as JSON.

    Reads what Limner, ComfyUI (``source`` is "workflow") and Stable Diffusion web UIs ("infotext") write into files. A
    picture that carries neither gives empty texts ("nothing"). Describe Image looks at the picture itself.
    """
    path = folders.file(image)
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise StorageError(f"{path.name} is larger than {LARGEST_FILE >> 30} GiB: no picture is.")
        data = path.read_bytes()
    except OSError as error:
        raise StorageError(f"{path.name} cannot be read: {error.strerror or error}. Upload it again.") from error
    return _of_workflow(data) or _of_infotext(data) or ("", "", "{}", "nothing")


def _of_workflow(data: bytes) -> Said | None:
    """What the texts and seeds of a workflow say; None if there is no workflow."""
    catalog = Catalog(nodes={name: found.type for name, found in discover(nodes, NodeDefinition, _name).items()})
    try:
        graph = read_workflow(data, catalog, lambda _: ()).graph
    except DocumentError:
        return None
    found = find_prompts(graph, catalog)
    settings = {name: value for sampler in found.samplers for name, value in _constants(graph, sampler).items()}
    settings |= {name: graph.nodes[source].inputs[name] for source, name in found.seeds}
    told = json.dumps(settings, ensure_ascii=False, default=str)
    return _texts(graph, found.positive), _texts(graph, found.negative), told, "workflow"


def _texts(graph: Graph, places: tuple[Place, ...]) -> str:
    """Texts, each once: SDXL has one for each of its encoders."""
    return "\n".join(dict.fromkeys(str(graph.nodes[source].inputs[name]) for source, name in places))


def _constants(graph: Graph, name: str) -> dict[str, Any]:
    inputs = graph.nodes[name].inputs
    return {key: value for key, value in inputs.items() if isinstance(value, str | int | float | bool)}


def _of_infotext(data: bytes) -> Said | None:
    """What the text of a web UI says; None if there is none."""
    container = container_of(data)
    if container is None:
        return None
    try:
        texts = carried_texts(container, data)
    except DocumentError:
        return None
    text = next((texts[name] for name in ("parameters", "usercomment", "comment") if texts.get(name)), None)
    if text is None:
        return None
    read = read_infotext(text)
    return read.prompt, read.negative, json.dumps(read.settings, ensure_ascii=False), "infotext"


def _name(definition: NodeDefinition) -> str:
    return definition.type.name
