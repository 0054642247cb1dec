"""What there is for a request: models, files, samplers, options, styles."""

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from limner.dialects.a1111.errors import refusal
from limner.dialects.a1111.hashes import Digest, unknown
from limner.dialects.a1111.models import ModelFile, find_model
from limner.dialects.a1111.names import Walk, choose_walk
from limner.dialects.a1111.options import CHECKPOINT
from limner.dialects.a1111.styles import Style
from limner.graph.catalog import Lists
from limner.graph.errors import UnknownNameError


@dataclass(frozen=True, kw_only=True)
class Known:
    """What there is.

    Attributes:
        checkpoint: The one in use.
        checkpoints: All of them.
        lists: Names of other files by their kind.
        samplers: Our names,
        schedules: and those of schedules.
        options: With the request's own.
        styles: Pieces of prompts under names.
        digest: What is known of files.
    """

    checkpoint: ModelFile
    checkpoints: Sequence[ModelFile]
    lists: Lists
    samplers: Sequence[str]
    schedules: Sequence[str]
    options: Mapping[str, Any]
    styles: Sequence[Style]
    digest: Digest = unknown

    def changed(self, options: Mapping[str, Any]) -> "Known":
        """With other options; a checkpoint among them is the one in use.

        Raises:
            GraphError: if there is no such checkpoint.
        """
        if not options:
            return self
        checkpoint = self.model(options.get(CHECKPOINT)) or self.checkpoint
        return dataclasses.replace(self, options={**self.options, **options}, checkpoint=checkpoint)

    def digested(self, file: ModelFile) -> ModelFile:
        """A checkpoint with its digest, if that can be had."""
        if file.sha256 is not None:
            return file
        return dataclasses.replace(file, sha256=self.digest("checkpoints", file.name))

    def walk(self, sampler: str | None, schedule: str | None) -> Walk:
        """Sampler and schedule."""
        return choose_walk(sampler, schedule, self.samplers, self.schedules)

    def model(self, asked: str | None) -> ModelFile | None:
        """Another checkpoint; None if none is asked for.

        Raises:
            GraphError: if there is no such one.
        """
        if asked is None:
            return None
        found = find_model(asked, self.checkpoints)
        if found is None:
            names = [file.model_name for file in self.checkpoints]
            raise refusal(str(UnknownNameError("checkpoint", asked, names, "GET /sdapi/v1/sd-models lists them.")))
        return found
