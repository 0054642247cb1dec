"""A vision encoder that shows pictures to a language model: CLIP's, and what turns its states into tokens' vectors.

Source: Liu et al. 2023, "Visual instruction tuning", section 4.1; Liu et al. 2024, section 3.2 (two layers).
"""

from collections.abc import Mapping
from typing import Any

from torch import Tensor, nn
from torch.nn.functional import gelu

LINEAR_1, LINEAR_2 = "multi_modal_projector.linear_1.weight", "multi_modal_projector.linear_2.weight"


class Projector(nn.Module):
    """Two linear layers. Args: width of states; of the vectors of a language model's tokens."""

    def __init__(self, width: int, given: int) -> None:
        super().__init__()
        self.linear_1 = nn.Linear(width, given)
        self.linear_2 = nn.Linear(given, given)

    def forward(self, states: Tensor) -> Tensor:
        """Shapes: states [b n width]; returns [b n given]."""
        return self.linear_2(gelu(self.linear_1(states)))


class LlavaSight(nn.Module):
    """CLIP's vision encoder and a projector.

    Args:
        configuration: Of the vision encoder, as transformers has it.
        given: Width of the vectors of the language model's tokens.
    """

    def __init__(self, configuration: Mapping[str, Any], given: int) -> None:
        from transformers import CLIPVisionConfig, CLIPVisionModel  # slow to import, so only when one is built

        super().__init__()
        model = CLIPVisionModel(CLIPVisionConfig(**configuration))
        # Before transformers 5 the layers stood one level deeper; our names are the same either way.
        self.vision_model: Any = getattr(model, "vision_model", model)
        self.multi_modal_projector = Projector(int(configuration["hidden_size"]), given)

    def forward(self, pixel_values: Tensor, *, output_hidden_states: bool = True) -> Any:
        """What the encoder sees; ``projected`` [b n d] is what the language model is shown of its patches.

        That is the last layer but one, without the token that stands for the whole picture.
        """
        output = self.vision_model(pixel_values=pixel_values, output_hidden_states=output_hidden_states)
        output["projected"] = self.multi_modal_projector(output.hidden_states[-2][:, 1:])
        return output
