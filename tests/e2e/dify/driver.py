"""Drives the plugin with the SDK's own runner, in the SDK's own environment: requests and answers are lines of JSON.

``{"do": "invoke", "tool": ..., "parameters": {...}}`` calls a tool over the protocol, ``"call"`` calls its class as the
SDK's documentation tests tools; ``validate``, ``options`` and ``runtime`` ask for the rest.
"""

import json
import os
import sys
import warnings
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

warnings.simplefilter("ignore")

from dify_plugin.config.config import DifyPluginEnv  # noqa: E402  (its package patches what was imported before)
from dify_plugin.config.integration_config import IntegrationConfig  # noqa: E402
from dify_plugin.core.entities.plugin import request as requests  # noqa: E402
from dify_plugin.core.plugin_registration import PluginRegistration  # noqa: E402
from dify_plugin.core.runtime import Session  # noqa: E402
from dify_plugin.core.server.stdio.request_reader import StdioRequestReader  # noqa: E402
from dify_plugin.core.server.stdio.response_writer import StdioResponseWriter  # noqa: E402
from dify_plugin.entities.tool import ToolInvokeMessage, ToolRuntime  # noqa: E402
from dify_plugin.integration.run import PluginRunner  # noqa: E402
from dify_plugin.interfaces.tool import Tool  # noqa: E402
from pydantic import RootModel, ValidationError  # noqa: E402

Any_ = RootModel[dict[str, Any]]
PROVIDER = "limner"


def over_protocol(runner: PluginRunner, asked: dict[str, Any]) -> Any:
    """Asks the plugin's process."""
    common = {"user_id": "somebody", "provider": PROVIDER, "credentials": asked["credentials"]}
    kind, tools = requests.PluginInvokeType.Tool, requests.ToolActions
    match asked["do"]:
        case "invoke":
            payload = requests.ToolInvokeRequest(**common, tool=asked["tool"], tool_parameters=asked["parameters"])
            return list(told(runner.invoke(kind, tools.InvokeTool, payload, ToolInvokeMessage)))
        case "validate":
            payload = requests.ToolValidateCredentialsRequest(**common)
            return [one.root for one in runner.invoke(kind, tools.ValidateCredentials, payload, Any_)]
        case "runtime":
            payload = requests.ToolGetRuntimeParametersRequest(**common, tool=asked["tool"])
            return [one.root for one in runner.invoke(kind, tools.GetToolRuntimeParameters, payload, Any_)]
        case "options":
            payload = requests.DynamicParameterFetchParameterOptionsRequest(
                **common, provider_action=asked["tool"], parameter=asked["parameter"]
            )
            kind, action = requests.PluginInvokeType.DynamicParameter, requests.DynamicParameterActions
            return [one.root for one in runner.invoke(kind, action.FetchParameterOptions, payload, Any_)]
    raise ValueError(asked["do"])


def options(registration: PluginRegistration, asked: dict[str, Any]) -> Any:
    """Choices by the tool's class: the runners of older releases refuse to ask for them."""
    found = tool_of(registration, asked).fetch_parameter_options(asked["parameter"])
    return [{"options": [option.model_dump(mode="json") for option in found]}]


def by_class(registration: PluginRegistration, asked: dict[str, Any]) -> Any:
    """Calls a tool's class in this process."""
    return list(told(tool_of(registration, asked).invoke(asked["parameters"])))


def tool_of(registration: PluginRegistration, asked: dict[str, Any]) -> Tool:
    """A tool as the SDK makes it."""
    session = Session(
        session_id="one",
        executor=ThreadPoolExecutor(1),
        reader=StdioRequestReader(),
        writer=StdioResponseWriter(),
    )
    runtime = ToolRuntime(credentials=asked["credentials"], user_id="somebody", session_id="one")
    return registration.get_tool_cls(PROVIDER, asked["tool"])(runtime=runtime, session=session)


def told(messages: Iterable[ToolInvokeMessage]) -> Iterator[dict[str, Any]]:
    """Messages as data; what came in pieces is joined."""
    pieces: dict[str, bytes] = {}
    for message in messages:
        data = message.model_dump(mode="json")
        if data["type"] == "blob_chunk":
            pieces[message.message.id] = pieces.get(message.message.id, b"") + message.message.blob
            if not message.message.end:
                continue
            data = {"type": "blob", "meta": data["meta"], "message": {"blob": pieces.pop(message.message.id).hex()}}
        elif data["type"] == "blob":
            data["message"]["blob"] = message.message.blob.hex()
        yield data


def answered(runner: PluginRunner, registration: PluginRegistration, asked: dict[str, Any]) -> Any:
    if asked["do"] == "call":
        return by_class(registration, asked)
    try:
        return over_protocol(runner, asked)
    except ValidationError:
        if asked["do"] != "options":
            raise
        return options(registration, asked)


def main(plugin: str, command: str) -> None:
    os.chdir(plugin)
    sys.path.insert(0, plugin)
    registration = PluginRegistration(DifyPluginEnv())
    packaged = Path(command).with_name("limner.difypkg")
    os.spawnl(os.P_WAIT, command, command, "plugin", "package", plugin, "-o", str(packaged))
    with PluginRunner(IntegrationConfig(dify_cli_path=command), str(packaged)) as runner:
        for line in sys.stdin:
            asked = json.loads(line)
            try:
                print(json.dumps({"told": answered(runner, registration, asked)}), flush=True)
            except Exception as error:
                print(json.dumps({"error": str(error)}), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
