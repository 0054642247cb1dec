"""``comfy_execution.caching``: Limner keeps results by fingerprint; the names are here for packs that look at them."""

from comfy_host.missing import absent


class BasicCache:
    """A cache that holds nothing."""

    def get(self, node_id):
        """Nothing."""
        return

    def set(self, node_id, value):
        """Keeps nothing."""


class HierarchicalCache(BasicCache):
    """See BasicCache."""


class LRUCache(BasicCache):
    """See BasicCache."""


__getattr__ = absent(__name__)
