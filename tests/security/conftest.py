"""The same server as in tests/unit/server."""

import importlib.util
import sys
from pathlib import Path

_PATH = Path(__file__).parents[1] / "unit" / "server" / "conftest.py"
_SPEC = importlib.util.spec_from_file_location("serving_fixtures", _PATH)
assert _SPEC is not None
assert _SPEC.loader is not None
_fixtures = importlib.util.module_from_spec(_SPEC)
sys.modules[_SPEC.name] = _fixtures
_SPEC.loader.exec_module(_fixtures)

folders = _fixtures.folders
start = _fixtures.start
serving = _fixtures.serving
document = _fixtures.document
