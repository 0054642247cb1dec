"""A run as Dify's messages: words, data, files, and variables for the nodes that follow."""

from collections.abc import Generator, Mapping
from typing import Any

from dify_plugin import Tool
from dify_plugin.entities.tool import ToolInvokeMessage

from limner_api.server import Server

TOLD = ("url", "filename", "media_type", "width", "height")
"""Of each file, as data; anything long would fill the model's context."""


def messages(
    tool: Tool, server: Server, run: Mapping[str, Any], delivery: str
) -> Generator[ToolInvokeMessage, None, None]:
    """Tells a run.

    Args:
        tool: Which tool tells.
        server: To fetch files from.
        run: As the server tells it.
        delivery: ``file``: files come through Dify; ``url``: their addresses do.
    """
    outputs, seed = run.get("outputs") or [], _seed(run)
    urls = [entry["url"] for entry in outputs]
    files = [{name: entry[name] for name in TOLD if name in entry} for entry in outputs]
    told = {"run_id": run["id"], "status": run["status"], "app": run.get("app"), "seed": seed, "files": files}
    told |= {name: run[name] for name in ("texts", "error") if run.get(name)}
    yield tool.create_text_message(_words(run, outputs, seed))
    yield tool.create_json_message(told)
    for number, entry in enumerate(outputs, 1):
        if delivery == "url":
            is_image = entry.get("type") == "image"
            yield (tool.create_image_message if is_image else tool.create_link_message)(entry["url"])
            continue
        meta = {"mime_type": entry["media_type"], "filename": entry["filename"]}
        yield tool.create_blob_message(server.file(run["id"], number), meta)
    variables = {"run_id": run["id"], "status": run["status"], "seed": seed, "urls": urls}
    for name, value in variables.items():
        if value is not None:
            yield tool.create_variable_message(name, value)


def _seed(run: Mapping[str, Any]) -> int | None:
    """The seed that was taken, if there is one that is called so."""
    return (run.get("inputs") or {}).get("seed")


def _words(run: Mapping[str, Any], outputs: list[Mapping[str, Any]], seed: int | None) -> str:
    """What a model is told; the addresses are in the data."""
    if run["status"] != "succeeded":
        return f"Run {run['id']} is {run['status']}. {run.get('error') or ''}".strip()
    names = ", ".join(entry["filename"] for entry in outputs) or "no files"
    with_seed = "" if seed is None else f" with seed {seed}"
    said = "\n".join(run.get("texts") or ())
    return f"Made {names}{with_seed}." + (f"\n{said}" if said else "")
