"""Texts read from pictures: receipts, slides, signs, screenshots."""

import json
from typing import Annotated

import numpy as np
import torch
from PIL import Image, ImageDraw
from torch import Tensor

from limner.graph.declare import Number, Service, node
from limner.graph.progress import Progress
from limner.media.pictures import to_bytes
from limner.models.vision.picture_text import ReadLine, TextReader, as_text
from limner.nodes.growing import OWN
from limner.nodes.sockets import IMAGE, MASK
from limner.nodes.widgets import Share


@node(
    name="ReadText",
    title="Read Text (OCR)",
    category="image/text",
    outputs=("text", "details", "mask", "confidence"),
    list_outputs=(True, True, False, True),
    module=OWN,
)
def read_text(
    *,
    image: IMAGE,
    least_confidence: Share = 0.5,
    grow_mask: Annotated[int, Number(min=0, max=512)] = 0,
    progress: Annotated[Progress, Service()],
) -> tuple[str, str, MASK, float]:
    """The text in a picture, row by row; a text for each picture of a batch. Needs ``pip install 'limner[ocr]'``.

    ``details`` is JSON: text, confidence and the four corners of each piece. ``mask`` covers what was read, grown by
    some pixels, for instance to paint over it.
    """
    reader = TextReader(torch.get_num_threads())
    pages: list[list[ReadLine]] = []
    for number, frame in enumerate(image):
        progress.report(number, len(image))
        pages.append(reader.read(to_bytes(frame[..., :3].expand(*frame.shape[:2], 3)), least_confidence))
    height, width = image.shape[1:3]
    masks = torch.stack([_covered(page, height, width, grow_mask) for page in pages])
    certain = [sum(piece.confidence for piece in page) / len(page) if page else 0.0 for page in pages]
    return [as_text(page) for page in pages], [_details(page) for page in pages], masks, certain  # type: ignore[return-value]


def _details(page: list[ReadLine]) -> str:
    told = [{"text": piece.text, "confidence": round(piece.confidence, 4), "corners": piece.corners} for piece in page]
    return json.dumps(told, ensure_ascii=False)


def _covered(page: list[ReadLine], height: int, width: int, grow: int) -> Tensor:
    """1 where text is. Shapes: returns [h w]."""
    plane = Image.new("L", (width, height))
    draw = ImageDraw.Draw(plane)
    for piece in page:
        draw.polygon(list(piece.corners), fill=255)
        if grow:
            draw.line([*piece.corners, piece.corners[0]], fill=255, width=2 * grow, joint="curve")
    return torch.from_numpy(np.asarray(plane).astype(np.float32) / 255.0)
