"""A picture by a prompt."""

from typing import Any

from dify_plugin import Tool
from dify_plugin.entities import ParameterOption
from limner_api.options import input_options
from limner_api.parameters import drawing_fields
from limner_api.running import Messages, run
from limner_api.server import Server

APP = "text-to-image"


class TextToImage(Tool):
    """Draws."""

    def _invoke(self, tool_parameters: dict[str, Any]) -> Messages:
        yield from run(self, f"/apps/{APP}/start", drawing_fields(tool_parameters), (), tool_parameters)

    def _fetch_parameter_options(self, parameter: str) -> list[ParameterOption]:
        return input_options(Server.of(self.runtime.credentials), APP, parameter)
