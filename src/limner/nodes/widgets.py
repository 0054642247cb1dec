"""Inputs that many nodes declare alike: sizes, positions, strengths, methods."""

from typing import Annotated

from limner.graph.declare import Choice, Number, Text

LARGEST_SIDE = 16384
LARGEST_SEED = 2**64 - 1

Side = Annotated[int, Number(min=1, max=LARGEST_SIDE, step=1)]
SideOrZero = Annotated[int, Number(min=0, max=LARGEST_SIDE, step=1)]
Position = Annotated[int, Number(min=0, max=LARGEST_SIDE, step=1)]
LatentPosition = Annotated[int, Number(min=0, max=LARGEST_SIDE, step=8)]
LatentSide = Annotated[int, Number(min=64, max=LARGEST_SIDE, step=8)]
LatentSideOrZero = Annotated[int, Number(min=0, max=LARGEST_SIDE, step=8)]
BatchSize = Annotated[int, Number(min=1, max=4096)]
Share = Annotated[float, Number(min=0.0, max=1.0, step=0.01)]
ScaleFactor = Annotated[float, Number(min=0.01, max=8.0, step=0.01)]
Strength = Annotated[float, Number(min=0.0, max=10.0, step=0.01)]
AdapterStrength = Annotated[float, Number(min=-100.0, max=100.0, step=0.01)]
Seed = Annotated[int, Number(min=0, max=LARGEST_SEED, options={"control_after_generate": True})]
Steps = Annotated[int, Number(min=1, max=10000)]
StepNumber = Annotated[int, Number(min=0, max=10000)]
Guidance = Annotated[float, Number(min=0.0, max=100.0, step=0.1, options={"round": 0.01})]
Colour = Annotated[int, Number(min=0, max=0xFFFFFF, step=1, options={"display": "color"})]
Prompt = Annotated[str, Text(multiline=True, dynamic_prompts=True)]

ImageMethod = Annotated[str, Choice("nearest-exact", "bilinear", "area", "bicubic", "lanczos")]
LatentMethod = Annotated[str, Choice("nearest-exact", "bilinear", "area", "bicubic", "bislerp")]
Crop = Annotated[str, Choice("disabled", "center")]
Flip = Annotated[str, Choice("x-axis: vertically", "y-axis: horizontally")]
Rotation = Annotated[str, Choice("none", "90 degrees", "180 degrees", "270 degrees")]
SamplerName = Annotated[str, Choice(source="samplers")]
ScheduleName = Annotated[str, Choice(source="schedules")]

QUARTER_TURNS = {"none": 0, "90 degrees": 1, "180 degrees": 2, "270 degrees": 3}
"""Clockwise quarter turns by name."""
