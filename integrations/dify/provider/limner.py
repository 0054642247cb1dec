"""Whether the address and the key that somebody typed in are those of a Limner server."""

from typing import Any

from dify_plugin import ToolProvider
from dify_plugin.errors.tool import ToolProviderCredentialValidationError
from limner_api.server import LimnerError, Server


class LimnerProvider(ToolProvider):
    """The provider of all tools."""

    def _validate_credentials(self, credentials: dict[str, Any]) -> None:
        try:
            Server.of(credentials).check()
        except LimnerError as error:
            raise ToolProviderCredentialValidationError(str(error)) from error
