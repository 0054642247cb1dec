"""``nodes.SaveImage`` and ``PreviewImage`` as packs subclass them: where and how they save stands in attributes."""

from __future__ import annotations

import secrets
import string
from pathlib import Path
from typing import Any

from comfy_host.context import folders, host
from comfy_host.core_classes import CoreNode, class_of
from limner.graph.declare import NodeDefinition
from limner.media.series import Series
from limner.nodes.save import document_texts, place, save_images

LETTERS = 5


class SavingNode(CoreNode):
    """Saves pictures. Subclasses in packs set the attributes after, or instead of, calling ``__init__``."""

    def __init__(self) -> None:
        self.output_dir = str(folders().output)
        self.type = "output"
        self.prefix_append = ""
        self.compress_level = 4

    def save_images(
        self, images: Any, filename_prefix: str = "ComfyUI", prompt: Any = None, extra_pnginfo: Any = None
    ) -> dict[str, Any]:
        """Saves a batch and says where. Shapes: images [b h w c]."""
        root = Path(self.output_dir)
        prefix = filename_prefix + self.prefix_append
        folder, subfolder, stem = place(root, prefix, images[0].shape[1], images[0].shape[0])
        texts = {} if host().arguments.get("disable_metadata") else document_texts(prompt, extra_pnginfo)
        saved = save_images(Series(folder, stem, durable=self.type == "output"), subfolder, self.type, images, texts)
        return {"ui": dict(saved.ui or {})}


class PreviewingNode(SavingNode):
    """Saves pictures in the folder that is emptied at the next start."""

    def __init__(self) -> None:
        super().__init__()
        self.output_dir = str(folders().temp)
        self.type = "temp"
        self.prefix_append = "_temp_" + "".join(secrets.choice(string.ascii_lowercase) for _ in range(LETTERS))
        self.compress_level = 1


SAVING: dict[str, type[SavingNode]] = {"SaveImage": SavingNode, "PreviewImage": PreviewingNode}


def core_class(definition: NodeDefinition) -> type[CoreNode]:
    """A V1 class for a definition, with what packs expect of it beside its method."""
    name = definition.type.name
    plain = class_of(definition)
    if name not in SAVING:
        return plain
    members = {"__module__": definition.type.module, "__doc__": definition.type.doc}
    return type(name, (SAVING[name], plain), members)
