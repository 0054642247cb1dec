"""A camera that moves, as the rays through every pixel of every frame.

Axes are those of computer vision: x to the right, y down, z away from the camera.

Source: He et al. 2024, "CameraCtrl", section 3.1: a ray is its moment about the origin and its direction (Pluecker).
"""

import torch
from torch import Tensor
from torch.nn.functional import normalize


def poses(shift: tuple[float, float, float], roll: float, frames: int) -> Tensor:
    """Where a camera is that goes evenly somewhere and rolls about its view, from the world's origin.

    Args:
        shift: Where it would be one frame after the last.
        roll: Angle in radians that it would have rolled then, clockwise as it sees the world.
        frames: How many.

    Shapes: returns [t 3 4], from the camera's coordinates to the world's.
    """
    done = torch.arange(frames) / frames
    cosine, sine = (done * roll).cos(), (done * roll).sin()
    still, whole = torch.zeros(frames), torch.ones(frames)
    places = [done * part for part in shift]
    rows = ((cosine, -sine, still, places[0]), (sine, cosine, still, places[1]), (still, still, whole, places[2]))
    return torch.stack([torch.stack(row, dim=-1) for row in rows], dim=1)


def rays(poses: Tensor, focal: tuple[float, float], middle: tuple[float, float], size: tuple[int, int]) -> Tensor:
    """Moments and directions of the rays through the middles of pixels.

    Args:
        poses: [t 3 4].
        focal: Focal length in pixels, across and down.
        middle: Where the camera's axis meets the picture, in pixels.
        size: Width and height.

    Shapes: returns [t 6 h w].
    """
    across, down = (
        (torch.arange(side) + 0.5 - centre) / length for side, centre, length in zip(size, middle, focal, strict=True)
    )
    seen = torch.stack([across.expand(size[1], -1), down[:, None].expand(-1, size[0]), torch.ones(size[1], size[0])])
    directions = torch.einsum("tij,jhw->tihw", poses[:, :, :3], normalize(seen, dim=0))
    origins = poses[:, :, 3, None, None].expand_as(directions)
    return torch.cat([torch.linalg.cross(origins, directions, dim=1), directions], dim=1)


def packed(rays: Tensor, stride: int) -> Tensor:
    """Rays of the frames of an element as its channels; the first element's one frame counts for all of them.

    Frames that fill no element are cut off.

    Shapes: rays [t k h w]; returns [1 k*stride t' h w], the frames of a channel one after the other.
    """
    filling = rays[: (len(rays) - 1) // stride * stride + 1]
    whole = torch.cat([rays[:1].expand(stride - 1, -1, -1, -1), filling])
    return whole.unflatten(0, (-1, stride)).permute(2, 1, 0, 3, 4).flatten(0, 1)[None]
