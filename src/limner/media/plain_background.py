"""A subject cut out of a plain background, without a learned network.

Made for what product photographs, identity photos and drawings have behind them: one colour, perhaps lighter on one
side. A busy background needs a network; one belongs in ``limner.nodes.background_models``.

Distances are in CIELAB, where equal ones look equally large.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from scipy import ndimage
from torch import Tensor

BORDER = 0.03
"""Width of the strip along the sides that counts as background, as a part of the shorter side."""
FIT_ROUNDS = 6
KEPT_SHARE = 0.85
"""Part of the strip that is kept in each round of the fit: where the subject touches a side it is left out."""
LEAST_NOISE = 1.0
"""Standard deviation of a background in CIELAB that is taken for granted: about what eight bits and JPEG leave."""
SPECK = 0.002
"""Parts of the subject that are smaller, as a part of the picture, are dirt."""

SRGB_TO_XYZ = ((0.4124, 0.3576, 0.1805), (0.2126, 0.7152, 0.0722), (0.0193, 0.1192, 0.9505))
WHITE = (0.9505, 1.0, 1.089)


@dataclass(frozen=True)
class Cut:
    """What was cut out: how opaque it is, [h w] in 0..1, and its colours without the background's share, [h w 3]."""

    opacity: Tensor
    colours: Tensor


def cut_out(
    image: Tensor, *, tolerance: float, softness: float, holes: bool, gaps: float = 0.0, key: Tensor | None = None
) -> Cut:
    """A subject without its background.

    Args:
        image: [h w 3] in 0..1.
        tolerance: How far from the background's colour something is still background; 1 to 2 suit most pictures.
        softness: Width of the soft edge, in pixels, about.
        holes: Whether enclosed areas of the background's colour are background too.
        gaps: Half the width, in pixels, of openings in the subject that are closed: a white shirt on a white wall.
        key: The background's colour, [3]; None: it is found along the picture's sides.

    Cost: about 1 s for 1024 x 1024.
    """
    pixels = image.float().cpu().numpy().astype(np.float64)
    lab = to_lab(pixels)
    if key is None:
        behind, noise = _fitted_background(lab)
        behind_colours = _fitted_colours(pixels, lab, behind, noise)
    else:
        behind_colours = np.broadcast_to(key.numpy().astype(np.float64), pixels.shape)
        behind, noise = to_lab(behind_colours), LEAST_NOISE
    distance = np.sqrt(((lab - behind) ** 2).sum(axis=-1))
    near, far = tolerance * (4.0 + 3.0 * noise), tolerance * (12.0 + 6.0 * noise)
    subject = _closed(_without_specks(~_background(distance < far, distance < near, holes)), gaps)
    opacity = _soft(~subject, distance, far, softness)
    return Cut(torch.from_numpy(opacity.astype(np.float32)), _without(pixels, behind_colours, opacity))


def to_lab(pixels: np.ndarray) -> np.ndarray:
    """CIELAB of sRGB colours. Shapes: [... 3] in 0..1.

    Source: CIE 15:2004 (white point D65); IEC 61966-2-1 for sRGB.
    """
    linear = np.where(pixels <= 0.04045, pixels / 12.92, ((pixels + 0.055) / 1.055) ** 2.4)
    xyz = linear @ np.array(SRGB_TO_XYZ).T / np.array(WHITE)
    bent = np.where(xyz > (6 / 29) ** 3, np.cbrt(xyz), xyz * (29 / 6) ** 2 / 3 + 4 / 29)
    return np.stack(
        [116 * bent[..., 1] - 16, 500 * (bent[..., 0] - bent[..., 1]), 200 * (bent[..., 1] - bent[..., 2])], axis=-1
    )


def _strip(height: int, width: int) -> np.ndarray:
    """The pixels along the sides. The lower side is left out, where people and products stand."""
    thick = max(1, round(BORDER * min(height, width)))
    strip = np.zeros((height, width), bool)
    strip[:thick] = strip[:, :thick] = strip[:, -thick:] = True
    return strip


def _surface(height: int, width: int) -> np.ndarray:
    """The terms of a surface of second order over a picture. Shapes: returns [h*w 6]."""
    y, x = np.meshgrid(np.linspace(-1, 1, height), np.linspace(-1, 1, width), indexing="ij")
    return np.stack([np.ones_like(x), x, y, x * y, x * x, y * y], axis=-1).reshape(-1, 6)


def _fitted_background(lab: np.ndarray) -> tuple[np.ndarray, float]:
    """The background's colour everywhere, continued from the sides, and its noise. Shapes: [h w 3]."""
    height, width = lab.shape[:2]
    terms, flat = _surface(height, width), lab.reshape(-1, 3)
    taken = np.flatnonzero(_strip(height, width))
    # Begins at the median, so that a subject at the sides has no say; then what fits worst is left out.
    middle = np.median(flat[taken], axis=0)
    errors = np.sqrt(((flat[taken] - middle) ** 2).sum(axis=1))
    fitted = np.broadcast_to(middle, flat.shape)
    for _ in range(FIT_ROUNDS):
        kept = taken[errors <= max(np.quantile(errors, KEPT_SHARE), LEAST_NOISE)]
        factors, *_ = np.linalg.lstsq(_damped(terms[kept]), _padded(flat[kept]), rcond=None)
        fitted = terms @ factors
        errors = np.sqrt(((flat[taken] - fitted[taken]) ** 2).sum(axis=1))
    noise = max(LEAST_NOISE, float(np.median(errors)) / 1.5)
    return fitted.reshape(lab.shape), min(noise, 6.0)


def _damped(terms: np.ndarray) -> np.ndarray:
    """Terms with a pull towards a flat surface: what bends most is known least from a strip along the sides."""
    pull = np.diag([0.0, 0.05, 0.05, 0.15, 0.15, 0.15]) * np.sqrt(len(terms))
    return np.concatenate([terms, pull])


def _padded(values: np.ndarray) -> np.ndarray:
    return np.concatenate([values, np.zeros((6, values.shape[1]))])


def _fitted_colours(pixels: np.ndarray, lab: np.ndarray, behind: np.ndarray, noise: float) -> np.ndarray:
    """The background in sRGB: a surface through the pixels that are background for certain."""
    height, width = pixels.shape[:2]
    sure = (((lab - behind) ** 2).sum(axis=-1) < (4 + 3 * noise) ** 2).reshape(-1)
    if not sure.any():
        sure = _strip(height, width).reshape(-1)
    places = np.flatnonzero(sure)[:: max(1, int(sure.sum()) // 50_000)]
    terms = _surface(height, width)
    factors, *_ = np.linalg.lstsq(_damped(terms[places]), _padded(pixels.reshape(-1, 3)[places]), rcond=None)
    return (terms @ factors).reshape(pixels.shape).clip(0, 1)


def _background(loose: np.ndarray, strict: np.ndarray, holes: bool) -> np.ndarray:
    """What looks like background and hangs together with the sides, or, with ``holes``, is enclosed and certain."""
    labels, count = _pieces(loose)
    taken = np.zeros(count + 1, bool)
    for side in (labels[0], labels[-1], labels[:, 0], labels[:, -1]):
        taken[side] = True
    if holes:
        taken |= np.bincount(labels.reshape(-1), strict.reshape(-1), count + 1) > 0
    taken[0] = False
    return taken[labels]


def _pieces(mask: np.ndarray) -> tuple[np.ndarray, int]:
    """The number of the piece that each pixel belongs to, from 1, and how many there are."""
    found: Any = ndimage.label(mask)
    return found


def _inward(mask: np.ndarray) -> np.ndarray:
    """How far each pixel of a mask is from the nearest one outside."""
    found: Any = ndimage.distance_transform_edt(mask)
    return found


def _closed(subject: np.ndarray, gaps: float) -> np.ndarray:
    """The subject with its gaps and bays closed that are narrower than twice so many pixels, and what they enclose."""
    if gaps <= 0:
        return subject
    width = int(np.ceil(gaps)) + 1
    grown = _inward(~np.pad(subject, width)) <= gaps
    shrunk = _inward(np.asarray(ndimage.binary_fill_holes(grown))) > gaps
    return subject | shrunk[width:-width, width:-width]


def _without_specks(subject: np.ndarray) -> np.ndarray:
    labels, count = _pieces(subject)
    kept = np.bincount(labels.reshape(-1), minlength=count + 1) >= SPECK * subject.size
    kept[0] = False
    return kept[labels]


def _soft(background: np.ndarray, distance: np.ndarray, far: float, softness: float) -> np.ndarray:
    """Opacity: hard inside and outside, at the edge as the colour says."""
    if softness <= 0:
        return (~background).astype(np.float64)
    inside = _inward(~background)
    outside = _inward(background)
    ramp = np.clip(0.5 + (inside - outside) / (2 * softness), 0.0, 1.0)
    # Just inside the edge a pixel that is half background is half opaque.
    mixed = np.clip(distance / (2 * far), 0.0, 1.0)
    return np.where(inside > softness, 1.0, np.minimum(ramp, np.maximum(mixed, ramp * 0.5)) * (outside <= softness))


def _without(pixels: np.ndarray, behind: np.ndarray, opacity: np.ndarray) -> Tensor:
    """The subject's own colours at its edge: what was seen is a mixture, seen = own * a + behind * (1 - a)."""
    share = opacity[..., None]
    own = (pixels - (1 - share) * behind) / np.maximum(share, 0.25)
    colours = np.where((share > 0) & (share < 1), own, pixels).clip(0, 1)
    return torch.from_numpy(colours.astype(np.float32))
