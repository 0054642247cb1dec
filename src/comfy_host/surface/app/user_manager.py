"""``app.user_manager``: who users are: one, with the folder ``user/default``."""

import os

import folder_paths

from comfy_host.missing import absent


class UserManager:
    """The users of the server."""

    def __init__(self):
        self.users = {"default": "default"}

    def get_request_user_id(self, request):
        """The user of a request: what it says, or the only one."""
        return request.headers.get("comfy-user") or "default"

    def get_request_user_filepath(self, request, file, type="userdata", create_dir=True):
        """Path of a user's file; None if it leaves the user's folder."""
        root = os.path.abspath(os.path.join(folder_paths.get_user_directory(), self.get_request_user_id(request)))
        path = root if file is None else os.path.abspath(os.path.join(root, file))
        if os.path.commonpath((root, path)) != root:
            return None
        if create_dir:
            os.makedirs(path if file is None else os.path.dirname(path), exist_ok=True)
        return path


__getattr__ = absent(__name__)
