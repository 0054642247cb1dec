"""``python -m limner``: the command line."""

import sys

from limner.app.command import main

if __name__ == "__main__":
    sys.exit(main())
