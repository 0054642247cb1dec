"""Limner's own guiders where packs expect theirs."""

from __future__ import annotations

from comfy import samplers
from comfy_host.native_corrections import corrected


class NativeGuider(samplers.CFGGuider):
    """One of Limner's guiders that has no counterpart here: combines in its own way."""

    def __init__(self, model_patcher, guider):
        super().__init__(model_patcher)
        self.guider = guider
        self.inner_set_conds({str(number): cond for number, cond in enumerate(guider.conditionings)})

    def predict_noise(self, x, timestep, model_options={}, seed=None):
        """The guided prediction of the clean latent."""
        model = self.inner_model
        model.options = model_options
        wanted = self.guider.wanted(model)
        conds = [self.conds[str(number)] if needed else None for number, needed in enumerate(wanted)]
        found = samplers.calc_cond_batch(model, conds, x, timestep, model_options)
        predictions = [one if needed else None for one, needed in zip(found, wanted, strict=True)]
        x0 = self.guider.combine(x, float(timestep.flatten()[0]), predictions, model)
        return corrected(model, conds, found, x0, x, timestep, model_options)
