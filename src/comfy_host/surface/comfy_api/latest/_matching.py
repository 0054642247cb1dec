"""Inputs and outputs of one node that all have the same type."""

from __future__ import annotations

from typing import Any

from comfy_api.latest._declarations import AnyType, ComfyTypeI, Input, Output, comfytype


@comfytype(io_type="COMFY_MATCHTYPE_V3")
class MatchType(ComfyTypeI):
    """Inputs and outputs that all have one type, whichever is linked first."""

    Type = Any

    class Template:
        """What the inputs and outputs share.

        Attributes:
            template_id: Its name within a node.
            allowed_types: The types that it may become.
        """

        def __init__(self, template_id: str, allowed_types: Any = AnyType) -> None:
            self.template_id = template_id
            self.allowed_types = list(allowed_types) if isinstance(allowed_types, list | tuple) else [allowed_types]

        @property
        def fitting(self) -> str:
            """The union of the types."""
            return ",".join(dict.fromkeys(kind.io_type for kind in self.allowed_types))

        def as_dict(self) -> dict[str, Any]:
            """What clients get."""
            return {"template_id": self.template_id, "allowed_types": self.fitting}

    class Input(Input):
        """An input of the shared type."""

        def __init__(self, id: str, template: Any, display_name: str | None = None, **further: Any) -> None:
            super().__init__(id, display_name, **further)
            self.template = template

        @property
        def fitting(self) -> str:
            """See ``Input``."""
            return self.template.fitting

        def as_dict(self) -> dict[str, Any]:
            """See ``Input``."""
            return super().as_dict() | {"template": self.template.as_dict()}

    class Output(Output):
        """An output of the shared type."""

        def __init__(
            self,
            template: Any,
            id: str | None = None,
            display_name: str | None = None,
            tooltip: str | None = None,
            is_output_list: bool = False,
        ) -> None:
            super().__init__(id, display_name, tooltip, is_output_list)
            self.template = template

        @property
        def fitting(self) -> str:
            """See ``Output``."""
            return self.template.fitting
