"""The MCP server: every module in ``tools`` joins it."""

import importlib
import pkgutil

from mcp.server.mcpserver import MCPServer

from limner_mcp import tools
from limner_mcp.door import Door
from limner_mcp.recent import lists_recent

INSTRUCTIONS = """Limner draws pictures on the user's own server. generate draws by a prompt, edit changes a picture,
run_app runs a workflow that was saved as an app (list_apps tells which there are and what they take). A result is shown
and linked as a resource limner://jobs/ID/1.png, which edit and run_app take as an image. What takes long goes on by
itself: job_status waits for it, cancel stops it."""


def build_server(door: Door) -> MCPServer:
    """A server whose tools ask through a door."""
    server = MCPServer("limner", title="Limner", instructions=INSTRUCTIONS, log_level="WARNING")
    server.middleware.append(lists_recent(door))
    for found in sorted(module.name for module in pkgutil.iter_modules(tools.__path__)):
        importlib.import_module(f"{tools.__name__}.{found}").join(server, door)
    return server
