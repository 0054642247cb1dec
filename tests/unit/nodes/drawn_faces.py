"""A face drawn with ellipses, plain enough to keep and good enough to be found."""

import numpy as np
import torch
from PIL import Image, ImageDraw, ImageFilter
from torch import Tensor

GROUND, HAIR, SKIN = (90, 110, 130), (60, 40, 30), (224, 180, 150)


def drawn_face(size=(240, 240), at=(120, 120), radius=60, lean=0.0, skin=SKIN) -> Tensor:
    """A picture [1 h w 3] with a face of a radius at a place, leaning clockwise by some degrees."""
    picture = Image.new("RGB", size, GROUND)
    draw, scale = ImageDraw.Draw(picture), radius / 60

    def oval(x, y, across, down, colour):
        box = [(x - across, y - down), (x + across, y + down)]
        draw.ellipse([(at[0] + u * scale, at[1] + v * scale) for u, v in box], fill=colour)

    shade = tuple(int(0.75 * value) for value in skin)
    oval(0, -18, 64, 76, HAIR)
    oval(0, 6, 52, 66, skin)
    for side in (-1, 1):
        oval(22 * side, -12, 15, 9, shade)
        oval(22 * side, -10, 10, 6, (250, 250, 250))
        oval(22 * side, -10, 5, 5, (40, 30, 30))
        ends = [(at[0] + (22 * side + x) * scale, at[1] - 26 * scale) for x in (-14, 14)]
        draw.line(ends, fill=(70, 45, 35), width=max(1, int(5 * scale)))
    oval(-6, 27, 4, 3, shade)
    oval(6, 27, 4, 3, shade)
    oval(0, 44, 20, 6, (165, 75, 75))
    turned = picture.rotate(-lean, center=at, fillcolor=GROUND).filter(ImageFilter.GaussianBlur(1.5 * scale))
    return torch.from_numpy(np.asarray(turned).astype(np.float32) / 255.0)[None]
