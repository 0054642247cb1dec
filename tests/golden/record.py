"""Records a door's exchanges anew: ``python -m tests.golden.record DOOR URL``; DOOR is openai, a1111 or apps.

The server is a fresh one with the built-in model (for apps ``limner serve --substitute``). The requests stay as they
are in ``exchanges.json``; what is answered to them now is written beside them. Read the difference before you commit
it: clients rely on every word of it.
"""

import importlib
import json
import sys


def main(name: str, address: str) -> None:
    door = importlib.import_module(f"tests.golden.{name}.exchange")
    recorded = []
    for case in door.exchanges():
        request = {key: value for key, value in case.items() if key != "answer"}
        recorded.append({**request, "answer": door.told(address, request)})
    door.FILE.write_text(json.dumps(recorded, indent=1, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2].rstrip("/"))
