"""The process of a pack that imports until the file ``mark`` is there. Arguments: mark, ``--fd`` and a number.

With the mark ``never`` it ends before the import, with ``breaks`` in it.
"""

import socket
import sys
import time
from pathlib import Path

from comfy_host.isolation.messages import Described, Importing, Line, ToPack
from limner.graph.catalog import PackReport


def main(mark, _, descriptor):
    if mark == "never":
        sys.exit(3)
    line = Line(socket.socket(fileno=int(descriptor)), ToPack)
    line.send(Importing())
    if mark == "breaks":
        sys.exit(4)
    while not Path(mark).exists():
        time.sleep(0.01)
    line.send(Described(report=PackReport(name="slow", path="", state="loaded")))
    line.receive()


if __name__ == "__main__":
    main(*sys.argv[1:])
