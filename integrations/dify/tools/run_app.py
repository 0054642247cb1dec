"""A workflow that was saved on the server, with a field for each of its inputs."""

import urllib.parse
from typing import Any

from dify_plugin import Tool
from dify_plugin.entities import ParameterOption
from dify_plugin.entities.tool import ToolParameter
from limner_api.files import is_file, named_uploads, uploads
from limner_api.options import app_options, parameters_of
from limner_api.parameters import read_inputs, whole
from limner_api.running import Messages, run
from limner_api.server import LimnerError, Server

OWN = frozenset(("app", "inputs", "images", "image_ids", "format", "delivery", "timeout"))
"""The tool's parameters; all others are inputs of the app."""


class RunApp(Tool):
    """Runs an app."""

    def _invoke(self, tool_parameters: dict[str, Any]) -> Messages:
        app = str(tool_parameters.get("app") or "")
        if not app:
            raise LimnerError("There is no app: choose one, or save a workflow as an app on the server.")
        known = {entry["name"] for entry in Server.of(self.runtime.credentials).app(app)["inputs"]}
        # The form has the inputs of all apps; those of others are left out.
        inputs = {name: value for name, value in tool_parameters.items() if name not in OWN and name in known}
        files = uploads("images", tool_parameters.get("images")) + named_uploads(inputs)
        fields = {name: whole(name, value) for name, value in inputs.items() if not is_file(value)}
        fields |= read_inputs(tool_parameters.get("inputs"))
        fields |= {name: tool_parameters.get(name) for name in ("format", "image_ids")}
        path = f"/apps/{urllib.parse.quote(app, safe='')}/start"
        yield from run(self, path, fields, files, tool_parameters)

    def _fetch_parameter_options(self, parameter: str) -> list[ParameterOption]:
        return app_options(Server.of(self.runtime.credentials))

    def _get_runtime_parameters(self) -> list[ToolParameter]:
        return parameters_of(Server.of(self.runtime.credentials).apps(), OWN)
