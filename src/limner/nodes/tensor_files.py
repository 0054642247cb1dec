"""Values of nodes in files of tensors, to be sent from one machine to another."""

import hashlib
from typing import Annotated, Any

from limner.graph.declare import NodeResult, Service, Text, node
from limner.graph.errors import StorageError
from limner.media.files import write_new
from limner.media.tensor_files import decode_value, encode_value
from limner.nodes.growing import OWN
from limner.nodes.sockets import ANYTHING
from limner.storage.folders import Folders

FolderService = Annotated[Folders, Service()]


def file_digest(*, file: str | None, folders: Folders, **_: object) -> str:
    """Changes when the file's content does."""
    try:
        with folders.file(file or "").open("rb") as content:
            return hashlib.file_digest(content, "sha256").hexdigest()
    except (OSError, StorageError):
        return "missing"


@node(name="SaveTensors", title="Save Tensors", category="advanced/elsewhere", output=True, module=OWN)
def save_tensors(*, value: ANYTHING, folders: FolderService) -> NodeResult:
    """A latent, image, mask or conditioning as a file of tensors, to the bit, among the files that are emptied."""
    content = encode_value(value)
    name = f"tensors-{hashlib.sha256(content).hexdigest()[:24]}.safetensors"
    write_new(folders.temp / name, content, durable=False)  # A file of that name has that content.
    return NodeResult(ui={"tensors": [{"filename": name, "subfolder": "", "type": "temp"}]})


@node(
    name="LoadTensors",
    title="Load Tensors",
    category="advanced/elsewhere",
    outputs=("value",),
    fingerprint=file_digest,
    module=OWN,
)
def load_tensors(*, file: Annotated[str, Text()] = "", folders: FolderService) -> ANYTHING:
    """What ``Save Tensors`` wrote. Names may say another folder: ``a.safetensors [output]``."""
    path = folders.file(file)
    try:
        content = path.read_bytes()
    except OSError as error:
        raise StorageError(f"There is no file {file!r} among the input files. Upload it first.") from error
    value: Any = decode_value(content, path.name)
    return value
