"""Why a model could not be had. One class with a code, so that every client can tell the reasons apart."""

from limner.graph.errors import StorageError


class PullError(StorageError):
    """A model that could not be had.

    Attributes:
        code: ``unknown`` (nobody has it), ``choose`` (several could be meant), ``gated`` (a licence has to be accepted,
            or a token is missing), ``gone`` (404), ``busy`` (429, 503 for too long), ``unreachable``, ``refused`` (an
            address that may not be asked), ``wrong_hash``, ``wrong_file`` (no model), ``no_space``, ``exists`` (another
            file has the name), ``agree`` (somebody has to say yes first), ``invalid`` (no such name or option).
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
