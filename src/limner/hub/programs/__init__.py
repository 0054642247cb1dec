"""Other programs whose model folders can be used where they are, one file a program; each defines a ``Program``."""
