"""A picture painted over."""

from typing import Any

from dify_plugin import Tool
from dify_plugin.entities import ParameterOption
from limner_api.files import uploads
from limner_api.options import input_options
from limner_api.parameters import drawing_fields
from limner_api.running import Messages, run
from limner_api.server import LimnerError, Server

APP = "image-to-image"


class ImageToImage(Tool):
    """Paints over."""

    def _invoke(self, tool_parameters: dict[str, Any]) -> Messages:
        files = uploads("image", tool_parameters.get("image"))[:1]
        fields = drawing_fields(tool_parameters) | {"denoise": tool_parameters.get("denoise")}
        if not files:
            fields["image"] = tool_parameters.get("image_url")
            if not fields["image"]:
                raise LimnerError("There is no picture to paint over: give image, a file, or image_url, its address.")
        yield from run(self, f"/apps/{APP}/start", fields, files, tool_parameters)

    def _fetch_parameter_options(self, parameter: str) -> list[ParameterOption]:
        return input_options(Server.of(self.runtime.credentials), APP, parameter)
