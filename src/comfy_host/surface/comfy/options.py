"""Whether the command line counts; it never does here, since packs are loaded by a worker."""

args_parsing = False


def enable_args_parsing(enable=True):
    """Keeps the wish."""
    global args_parsing
    args_parsing = enable
