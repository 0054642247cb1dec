"""``app.frontend_management``: which front end is served is the server's affair."""

from comfy_host.missing import absent


class FrontendManager:
    """Says where the front end is."""

    @classmethod
    def init_frontend(cls, version_string=""):
        """No folder: the server serves it."""
        return ""


__getattr__ = absent(__name__)
