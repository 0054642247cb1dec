"""LoRAs into files, made of what two models differ in."""

import logging
from collections.abc import Iterator, Mapping
from typing import Annotated

import torch
from torch import Tensor

from limner.graph.declare import Choice, Flags, NodeResult, Number, Service, Text, node
from limner.graph.progress import Progress
from limner.media.series import Series
from limner.media.weights import save_weights
from limner.models.lora_extraction import Extraction, extracted, network_differences, text_differences
from limner.nodes.save import ExtraDocument, FolderService, PromptDocument, document_texts, place
from limner.nodes.sockets import CLIP, MODEL

logger = logging.getLogger(__name__)

WHOLE = "full_diff"


@node(name="LoraSave", title="Extract and Save Lora", category="_for_testing", output=True)
def lora_save(
    *,
    filename_prefix: Annotated[str, Text(options={"multiline": False})] = "loras/ComfyUI_extracted_lora",
    rank: Annotated[int, Number(min=1, max=4096, step=1)] = 8,
    lora_type: Annotated[str, Choice("standard", WHOLE)],
    bias_diff: bool = True,
    model_diff: Annotated[MODEL, Flags(optional=True)] = None,
    text_encoder_diff: Annotated[CLIP, Flags(optional=True)] = None,
    prompt: PromptDocument = None,
    extra_pnginfo: ExtraDocument = None,
    folders: FolderService,
    progress: Annotated[Progress, Service()],
) -> NodeResult:
    """Saves a LoRA of what ModelMergeSubtract and CLIPMergeSubtract leave of two models.

    ``standard`` writes the nearest product of two matrices of a rank for each weight, ``full_diff`` the differences
    themselves. Loaders find it under the output folder.
    """
    how = Extraction(rank, lora_type == WHOLE, bias_diff)
    found: list[tuple[torch.device, Mapping[str, Tensor]]] = []
    if model_diff is not None:
        found.append((model_diff.network.device, network_differences(model_diff.network)))
    if text_encoder_diff is not None:
        branches = text_encoder_diff.branches
        found += [(branch.network.device, text_differences(branch)) for branch in branches]
    tensors = _told(found, how, progress)
    if not tensors:
        logger.warning("LoraSave: the models do not differ, or none is connected; nothing is saved.")
        return NodeResult()
    folder, _, stem = place(folders.output, filename_prefix)
    save_weights(Series(folder, stem), tensors, document_texts(prompt, extra_pnginfo))
    return NodeResult()


def _told(
    found: list[tuple[torch.device, Mapping[str, Tensor]]], how: Extraction, progress: Progress
) -> dict[str, Tensor]:
    """The LoRA's tensors, with a word after each layer."""
    count = sum(len(differences) for _, differences in found)
    tensors: dict[str, Tensor] = {}
    for done, parts in enumerate(_all(found, how), start=1):
        tensors |= parts
        progress.report(done, count)
    return tensors


def _all(found: list[tuple[torch.device, Mapping[str, Tensor]]], how: Extraction) -> Iterator[dict[str, Tensor]]:
    for device, differences in found:
        yield from extracted(differences, how, device)
