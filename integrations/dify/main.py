"""The plugin's process: Dify's daemon starts it and speaks to it over standard input and output."""

from typing import Any

from dify_plugin import DifyPluginEnv, Plugin
from dify_plugin.core.entities.plugin.request import PluginInvokeType, ToolActions

LONGEST_REQUEST = 1800
"""Seconds after which the daemon gives a call up; each tool has a shorter limit of its own (``timeout``)."""


def asks_runtime_parameters(data: dict[str, Any]) -> bool:
    """Whether a request wants the fields of a tool that has some by what the server offers."""
    return (data.get("type"), data.get("action")) == (PluginInvokeType.Tool, ToolActions.GetToolRuntimeParameters)


plugin = Plugin(DifyPluginEnv(MAX_REQUEST_TIMEOUT=LONGEST_REQUEST))
# The SDK can answer this request, but no release of it lets the request through to the answer.
plugin.register_route(plugin.plugin_executer.get_tool_runtime_parameters, asks_runtime_parameters)

if __name__ == "__main__":
    plugin.run()
