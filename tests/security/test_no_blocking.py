"""No coroutine of the server waits for the disk: such calls belong into a function that is given to a thread."""

import ast
from pathlib import Path

import limner.server

BLOCKING = {
    *("open", "read_bytes", "read_text", "write_bytes", "write_text", "mkdir", "rename", "replace", "rglob", "iterdir"),
    *("waiting", "history", "submit", "remove_waiting", "delete_history", "next_number", "release", "cancel", "check"),
    *("read_workflow", "place", "join_mask", "digest_of", "encode", "sleep"),
}
HARMLESS = (
    *(
        "hub.release",
        "pump.cancel",
        "task.cancel",
        "way.cancel",
        "_listening.cancel",
    ),  # tasks of the loop, and the hub's own notes
    *("seed.cancel", "seed_of(request).cancel"),  # sets a flag
    "json.dumps(body).encode",  # letters
    "waiting.cancel",  # a task of the loop
    *("dataclasses.replace", "structs.replace"),  # records
    "[DRAWINGS].waiting",  # a list in memory
    "pictures.encode",  # awaited, beside a second way that the loop awaits as well
    "name.replace",  # letters
)


def direct_calls(function):
    """Calls in a coroutine's own body that it does not await, without those in functions that it makes."""
    pending = list(function.body)
    while pending:
        node = pending.pop()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            continue
        if isinstance(node, ast.Await) and isinstance(node.value, ast.Call):
            pending.extend(ast.iter_child_nodes(node.value))
            continue
        if isinstance(node, ast.Call):
            yield node
        pending.extend(ast.iter_child_nodes(node))


def test_no_coroutine_blocks():
    found = []
    for path in Path(limner.server.__file__).parent.rglob("*.py"):
        for function in ast.walk(ast.parse(path.read_text())):
            if not isinstance(function, ast.AsyncFunctionDef):
                continue
            for call in direct_calls(function):
                name = ast.unparse(call.func)
                if name.rpartition(".")[2] in BLOCKING and not name.endswith(HARMLESS):
                    found.append(f"{path.name}:{call.lineno} {name}")
    assert found == []
