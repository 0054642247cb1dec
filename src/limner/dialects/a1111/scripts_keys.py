"""Scripts that requests may name, by A1111's names in lower case. What is not here is refused by name."""

ALWAYS_ON: tuple[str, ...] = ("controlnet",)
"""Those that ``alwayson_scripts`` may hold,"""

SELECTABLE: tuple[str, ...] = ()
"""and those that ``script_name`` may be."""
