"""A workflow that was pasted, in API format or as an editor saves it."""

from typing import Any

from dify_plugin import Tool
from limner_api.files import uploads
from limner_api.parameters import read_inputs, whole
from limner_api.running import Messages, run
from limner_api.server import LimnerError


class RunWorkflow(Tool):
    """Runs a workflow without saving it."""

    def _invoke(self, tool_parameters: dict[str, Any]) -> Messages:
        workflow = str(tool_parameters.get("workflow_json") or "").strip()
        if not workflow.startswith("{"):
            raise LimnerError("workflow_json should be a workflow as JSON, in API format or as the editor saves it.")
        prompt = tool_parameters.get("prompt")
        fields = {
            "workflow": workflow,
            "prompt": prompt,
            "positive_prompt": prompt,  # Whichever of the two the workflow has.
            "negative_prompt": tool_parameters.get("negative_prompt"),
            "seed": whole("seed", tool_parameters.get("seed")),
            **{name: tool_parameters.get(name) for name in ("format", "image_ids")},
            **read_inputs(tool_parameters.get("inputs")),
        }
        files = uploads("images", tool_parameters.get("images"))
        yield from run(self, "/workflows/run?mode=async", fields, files, tool_parameters)
