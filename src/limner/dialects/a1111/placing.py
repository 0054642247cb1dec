"""Where pictures lie on others, as rectangles: left, top, right, bottom, in pixels. Pure."""

Box = tuple[int, int, int, int]
Size = tuple[int, int]


def covering(size: Size, target: Size) -> Box:
    """The middle part of a picture that has the target's proportions."""
    width, height = size
    if width * target[1] > height * target[0]:
        wide = max(1, round(height * target[0] / target[1]))
        return (width - wide) // 2, 0, (width - wide) // 2 + wide, height
    high = max(1, round(width * target[1] / target[0]))
    return 0, (height - high) // 2, width, (height - high) // 2 + high


def fitting(size: Size, target: Size) -> Box:
    """Where a picture lies in the middle of a target if all of it is to be seen."""
    width, height = size
    if width * target[1] > height * target[0]:
        high = max(1, round(height * target[0] / width))
        return 0, (target[1] - high) // 2, target[0], (target[1] - high) // 2 + high
    wide = max(1, round(width * target[1] / height))
    return (target[0] - wide) // 2, 0, (target[0] - wide) // 2 + wide, target[1]


def around(box: Box, padding: int, size: Size, target: Size) -> Box:
    """A rectangle with its surroundings, widened to the target's proportions as far as the picture reaches.

    Args:
        box: What has to be in it.
        padding: Pixels on each side.
        size: Of the picture.
        target: Size of what is drawn for it.
    """
    left, right = _padded(box[0], box[2], padding, size[0])
    top, bottom = _padded(box[1], box[3], padding, size[1])
    wide, high = right - left, bottom - top
    if wide * target[1] < high * target[0]:
        left, right = _widened(left, right, round(high * target[0] / target[1]), size[0])
    else:
        top, bottom = _widened(top, bottom, round(wide * target[1] / target[0]), size[1])
    return left, top, right, bottom


def _padded(begin: int, end: int, padding: int, limit: int) -> tuple[int, int]:
    return max(0, begin - padding), min(limit, end + padding)


def _widened(begin: int, end: int, length: int, limit: int) -> tuple[int, int]:
    """A stretch of a length around another one; at an edge it is moved, not cut."""
    length = min(max(length, end - begin), limit)
    begin = min(max(0, begin - (length - (end - begin)) // 2), limit - length)
    return begin, begin + length
