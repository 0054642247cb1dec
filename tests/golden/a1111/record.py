"""Records the exchanges anew: ``python -m tests.golden.a1111.record URL``, of a fresh server.

The requests stay as they are in ``exchanges.json``; what is answered to them now is written beside them. Read the
difference before you commit it: clients rely on every word of it.
"""

import json
import sys

from tests.golden.a1111.exchange import FILE, exchanges, told


def main(address: str) -> None:
    recorded = []
    for case in exchanges():
        request = {name: value for name, value in case.items() if name != "answer"}
        recorded.append({**request, "answer": told(address, request)})
    FILE.write_text(json.dumps(recorded, indent=1, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main(sys.argv[1].rstrip("/"))
