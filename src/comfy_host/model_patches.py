"""The ``set_model_*`` family: what node packs put into ``model_options``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Function = Callable[..., Any]


class AttentionPatches:
    """Options by name; sampling and ``unet_walk`` read them."""

    model_options: dict[str, Any]

    def set_model_sampler_cfg_function(
        self, sampler_cfg_function: Function, disable_cfg1_optimization: bool = False
    ) -> None:
        """Replaces guidance. A function of three arguments gets (positive, negative, scale) of the noise."""
        if _arguments(sampler_cfg_function) == 3:
            three = sampler_cfg_function
            sampler_cfg_function = lambda args: three(args["cond"], args["uncond"], args["cond_scale"])  # noqa: E731
        self.model_options["sampler_cfg_function"] = sampler_cfg_function
        if disable_cfg1_optimization:
            self.model_options["disable_cfg1_optimization"] = True

    def set_model_sampler_post_cfg_function(
        self, post_cfg_function: Function, disable_cfg1_optimization: bool = False
    ) -> None:
        """Changes what guidance gives."""
        self._add("sampler_post_cfg_function", post_cfg_function, disable_cfg1_optimization)

    def set_model_sampler_pre_cfg_function(
        self, pre_cfg_function: Function, disable_cfg1_optimization: bool = False
    ) -> None:
        """Changes what guidance is given."""
        self._add("sampler_pre_cfg_function", pre_cfg_function, disable_cfg1_optimization)

    def _add(self, name: str, function: Function, disable_cfg1_optimization: bool) -> None:
        self.model_options[name] = [*self.model_options.get(name, ()), function]
        if disable_cfg1_optimization:
            self.model_options["disable_cfg1_optimization"] = True

    def set_model_sampler_calc_cond_batch_function(self, sampler_calc_cond_batch_function: Function) -> None:
        """Replaces the evaluation of conditionings."""
        self.model_options["sampler_calc_cond_batch_function"] = sampler_calc_cond_batch_function

    def set_model_unet_function_wrapper(self, unet_wrapper_function: Function) -> None:
        """Stands between the evaluation and the network."""
        self.model_options["model_function_wrapper"] = unet_wrapper_function

    def set_model_denoise_mask_function(self, denoise_mask_function: Function) -> None:
        """Replaces a mask for each sigma."""
        self.model_options["denoise_mask_function"] = denoise_mask_function

    @property
    def _told(self) -> dict[str, Any]:
        return self.model_options.setdefault("transformer_options", {})

    def set_model_patch(self, patch: Function, name: str) -> None:
        """Adds a patch of a kind."""
        patches = {**self._told.get("patches", {})}
        patches[name] = [*patches.get(name, ()), patch]
        self._told["patches"] = patches

    def set_model_patch_replace(
        self, patch: Function, name: str, block_name: str, number: int, transformer_index: int | None = None
    ) -> None:
        """Replaces an attention in one block, or at one depth of its transformer."""
        block = (block_name, number) if transformer_index is None else (block_name, number, transformer_index)
        replaced = {**self._told.get("patches_replace", {})}
        replaced[name] = {**replaced.get(name, {}), block: patch}
        self._told["patches_replace"] = replaced

    def set_model_attn1_patch(self, patch: Function) -> None:
        """Changes what attention to itself sees."""
        self.set_model_patch(patch, "attn1_patch")

    def set_model_attn2_patch(self, patch: Function) -> None:
        """Changes what attention to the text sees."""
        self.set_model_patch(patch, "attn2_patch")

    def set_model_attn1_replace(
        self, patch: Function, block_name: str, number: int, transformer_index: int | None = None
    ) -> None:
        """Replaces attention to itself."""
        self.set_model_patch_replace(patch, "attn1", block_name, number, transformer_index)

    def set_model_attn2_replace(
        self, patch: Function, block_name: str, number: int, transformer_index: int | None = None
    ) -> None:
        """Replaces attention to the text."""
        self.set_model_patch_replace(patch, "attn2", block_name, number, transformer_index)

    def set_model_attn1_output_patch(self, patch: Function) -> None:
        """Changes what attention to itself gives."""
        self.set_model_patch(patch, "attn1_output_patch")

    def set_model_attn2_output_patch(self, patch: Function) -> None:
        """Changes what attention to the text gives."""
        self.set_model_patch(patch, "attn2_output_patch")

    def set_model_input_block_patch(self, patch: Function) -> None:
        """Changes what an input block gives."""
        self.set_model_patch(patch, "input_block_patch")

    def set_model_input_block_patch_after_skip(self, patch: Function) -> None:
        """The same, behind the place where output blocks take it."""
        self.set_model_patch(patch, "input_block_patch_after_skip")

    def set_model_output_block_patch(self, patch: Function) -> None:
        """Changes what an output block joins."""
        self.set_model_patch(patch, "output_block_patch")

    def set_model_emb_patch(self, patch: Function) -> None:
        """Changes the embedding of the timestep."""
        self.set_model_patch(patch, "emb_patch")

    def set_model_forward_timestep_embed_patch(self, patch: Function) -> None:
        """For layers that packs add to a network; ours has none, so it is kept and never called."""
        self.set_model_patch(patch, "forward_timestep_embed_patch")

    def set_model_double_block_patch(self, patch: Function) -> None:
        """For transformers of the Flux kind."""
        self.set_model_patch(patch, "double_block")

    def set_model_post_input_patch(self, patch: Function) -> None:
        """For transformers of the Flux kind."""
        self.set_model_patch(patch, "post_input")

    def set_model_compute_dtype(self, dtype: Any) -> None:
        """Kept for those who ask; networks compute in what the worker was started with."""
        self.model_options["compute_dtype"] = None


def _arguments(function: Function) -> int:
    """How many arguments a function takes; 1 where that cannot be told."""
    from inspect import signature

    try:
        return len(signature(function).parameters)
    except (TypeError, ValueError):
        return 1
