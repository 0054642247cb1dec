"""Faces brought into one position: the five points that networks for faces are trained to find at fixed places."""

import numpy as np

STANDARD = np.array(
    [[38.2946, 51.6963], [73.5318, 51.5014], [56.0252, 71.7366], [41.5493, 92.3655], [70.7299, 92.2041]]
)
"""Eyes, nose and corners of the mouth in a picture of 112 x 112.

Source: Deng et al. 2019 (ArcFace), section 3: faces are aligned by five points; these places are those of its data.
"""
STANDARD_SIDE = 112

EYE_LINE, EYE_DISTANCE = 0.4, 0.36
"""Where eyes lie in the box that a cascade finds, as parts of its sides."""


def standard_points(side: int) -> np.ndarray:
    """The five points in a square picture. Sides that are no multiple of 112 have a border left and right, as 128 has.

    Shapes: returns [5 2].
    """
    if side % STANDARD_SIDE == 0:
        return STANDARD * (side / STANDARD_SIDE)
    scale = side / 128
    return STANDARD * scale + np.array([8 * scale, 0.0])


def similarity(points: np.ndarray, targets: np.ndarray) -> np.ndarray:
    """The turn, scale and shift that bring points nearest to targets, in least squares.

    Shapes: both [n 2]; returns [2 3], for columns of (x, y, 1).

    Source: Umeyama 1991, equations 40 to 43.
    """
    middle, goal = points.mean(axis=0), targets.mean(axis=0)
    spread = ((points - middle) ** 2).sum() / len(points)
    left, scales, right = np.linalg.svd((targets - goal).T @ (points - middle) / len(points))
    signs = np.array([1.0, np.sign(np.linalg.det(left) * np.linalg.det(right)) or 1.0])
    turn = left @ np.diag(signs) @ right
    scale = (scales * signs).sum() / max(spread, 1e-12)
    return np.concatenate([scale * turn, (goal - scale * turn @ middle)[:, None]], axis=1)


def moved(points: np.ndarray, transform: np.ndarray) -> np.ndarray:
    """Points after a transform. Shapes: points [n 2], transform [2 3]."""
    return points @ transform[:, :2].T + transform[:, 2]


def points_from_eyes(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """The five points of a face of usual proportions with these eyes. Shapes: [2] each; returns [5 2]."""
    return moved(STANDARD, similarity(STANDARD[:2], np.stack([left, right])))


def points_from_box(width: float, height: float) -> np.ndarray:
    """The five points of an upright face of usual proportions in a box. Shapes: returns [5 2]."""
    middle, line, half = width / 2, height * EYE_LINE, width * EYE_DISTANCE / 2
    return points_from_eyes(np.array([middle - half, line]), np.array([middle + half, line]))
