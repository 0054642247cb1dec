"""Where models come from, one file a source; each defines a ``Source``."""
