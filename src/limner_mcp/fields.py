"""Parameters that several tools have, with what a model is told of them."""

from typing import Annotated

from pydantic import Field

from limner_mcp.drawing import LARGEST_SEED

Negative = Annotated[str, Field(description="what the picture should not show")]
Model = Annotated[
    str,
    Field(description="one of list_models (app/NAME: a saved app, with its own settings); empty: the server's choice"),
]
Side = Annotated[int | None, Field(ge=16, le=4096, multiple_of=8, description="pixels; give both sides or none")]
Seed = Annotated[
    int | None, Field(ge=0, le=LARGEST_SEED, description="repeats a picture; empty: a random one, which is told")
]
Steps = Annotated[int | None, Field(ge=1, le=500, description="of the walk from noise to picture; empty: 20")]
Guidance = Annotated[float | None, Field(ge=0, le=100, description="how strictly the prompt is followed; empty: 7")]
Sampler = Annotated[str, Field(description="one of list_models' samplers; empty: euler")]
Scheduler = Annotated[str, Field(description="one of list_models' schedulers; empty: normal")]
Count = Annotated[int, Field(ge=1, le=10, description="how many pictures, each with the next seed")]
Wait = Annotated[
    float, Field(ge=0, le=600, description="seconds to wait for the result; 0 answers at once with the job's id")
]
