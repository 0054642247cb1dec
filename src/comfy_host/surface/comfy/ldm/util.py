"""Whether values are there."""


def exists(x):
    """Whether it is not None."""
    return x is not None


def default(val, d):
    """The value, or where it is None the other one."""
    if val is not None:
        return val
    return d() if callable(d) else d
