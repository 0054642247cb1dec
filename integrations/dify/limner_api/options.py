"""What the server has, as choices in Dify's forms, and inputs of apps as parameters of tools."""

from collections.abc import Iterable, Mapping
from typing import Any

from dify_plugin.entities import I18nObject, ParameterOption
from dify_plugin.entities.tool import ToolParameter

from limner_api.server import LimnerError, Server

TYPES = {
    "integer": "number",
    "number": "number",
    "boolean": "boolean",
    "choice": "select",
    "image": "file",
    "file": "file",
}
"""Parameters' types by the inputs'; all others are texts."""

MOST_PARAMETERS = 40


def app_options(server: Server) -> list[ParameterOption]:
    """The apps."""
    return [_option(app["name"], app["title"]) for app in server.apps()]


def input_options(server: Server, app: str, name: str) -> list[ParameterOption]:
    """The choices of an app's input.

    Raises:
        LimnerError: if it has no such input.
    """
    for entry in server.app(app)["inputs"]:
        if entry["name"] == name:
            return [_option(str(choice), str(choice)) for choice in entry.get("choices") or ()]
    raise LimnerError(f"The app {app!r} has no input {name!r}.")


def parameters_of(apps: Iterable[Mapping[str, Any]], taken: frozenset[str]) -> list[ToolParameter]:
    """The inputs of all apps, each name once: which app will be chosen is not known when Dify asks.

    Args:
        apps: As the server lists them.
        taken: Names of parameters that are there already.
    """
    users: dict[str, list[str]] = {}
    found: dict[str, Mapping[str, Any]] = {}
    for app in apps:
        for entry in app["inputs"]:
            if entry["name"] not in taken:
                found.setdefault(entry["name"], entry)
                users.setdefault(entry["name"], []).append(app["title"])
    return [_parameter(entry, users[name]) for name, entry in list(found.items())[:MOST_PARAMETERS]]


def _parameter(entry: Mapping[str, Any], apps: list[str]) -> ToolParameter:
    kind = TYPES.get(entry["type"], "string")
    said = f"{entry.get('description') or entry['name']} ({', '.join(apps)})"
    choices = [str(choice) for choice in entry.get("choices") or ()]
    # The class of a parameter's options differs between releases of the SDK; all of them read them as data.
    data = {"options": [{"value": choice, "label": {"en_US": choice}} for choice in choices] or None}
    return ToolParameter(
        name=entry["name"],
        label=_words(entry["name"].replace("_", " ").capitalize()),
        human_description=_words(said),
        llm_description=said,
        type=ToolParameter.ToolParameterType(kind),
        form=ToolParameter.ToolParameterForm.FORM if kind == "select" else ToolParameter.ToolParameterForm.LLM,
        required=False,
        min=entry.get("min"),
        max=entry.get("max"),
        **data,
    )


def _option(value: str, label: str) -> ParameterOption:
    return ParameterOption(value=value, label=_words(label))


def _words(text: str) -> I18nObject:
    return I18nObject(en_US=text)
