"""Colours for previews of families that have none of their own: from the autoencoders that are there.

Previews map a latent linearly to colours. For small latents the map is known; for those of 16 channels and more each
autoencoder is asked itself. A file of the network alone does not say which autoencoder belongs to it, so the one of the
right shape is taken whose latents are most like what the network expects.
"""

import logging
import threading
from collections.abc import Callable, Hashable, Iterable

from limner.graph.errors import ModelFileError
from limner.models.autoencoder import Autoencoder
from limner.models.latent_fit import Fit, fit
from limner.sampling.denoiser import LatentFormat

logger = logging.getLogger(__name__)


class LatentLooks:
    """What autoencoders say of how latents look; each is asked once. Safe to use from several threads.

    Args:
        further: Autoencoders that could be opened, asked for where none that is open has the right shape.
    """

    def __init__(self, further: Callable[[], Iterable[Autoencoder]]) -> None:
        self._further = further
        self._known: dict[Hashable, Autoencoder] = {}
        self._fits: dict[tuple[LatentFormat, Hashable], Fit | None] = {}
        self._searched: set[LatentFormat] = set()
        self._lock = threading.Lock()

    def know(self, autoencoder: Autoencoder) -> None:
        """One that was opened. Cost: nothing is loaded."""
        with self._lock:
            self._known.setdefault(autoencoder.network.key, autoencoder)

    def of(self, latent_format: LatentFormat, own: Autoencoder | None = None) -> LatentFormat:
        """The format with preview factors; as it is where no autoencoder fits.

        Args:
            latent_format: Of a family.
            own: The autoencoder that came with the network; None: the one that fits best.

        Cost: loads autoencoders that were not asked yet, and encodes small pictures.
        """
        with self._lock:
            if own is not None:
                found = [self._asked(latent_format, own)]
            else:
                found = [self._asked(latent_format, autoencoder) for autoencoder in self._fitting(latent_format)]
        best = min((fit for fit in found if fit is not None), key=lambda fit: fit.strangeness, default=None)
        return latent_format if best is None else best.latent_format

    def _fitting(self, latent_format: LatentFormat) -> list[Autoencoder]:
        """Those of the right shape."""
        found = [autoencoder for autoencoder in self._known.values() if suits(autoencoder, latent_format)]
        if not found and latent_format not in self._searched:
            self._searched.add(latent_format)
            found = [autoencoder for autoencoder in self._further() if suits(autoencoder, latent_format)]
            self._known.update((autoencoder.network.key, autoencoder) for autoencoder in found)
        return found

    def _asked(self, latent_format: LatentFormat, autoencoder: Autoencoder) -> Fit | None:
        """What one says; None if its file cannot be loaded, of which whoever decodes with it will hear."""
        place = (latent_format, autoencoder.network.key)
        if place not in self._fits:
            try:
                self._fits[place] = fit(latent_format, autoencoder)
            except ModelFileError as error:
                logger.warning("No preview colours from %s: %s", autoencoder.network.what, error)
                self._fits[place] = None
        return self._fits[place]


def suits(autoencoder: Autoencoder, latent_format: LatentFormat) -> bool:
    """Whether an autoencoder's latents have the shape of a format."""
    timed = not latent_format.frames or autoencoder.kind.frames == latent_format.frames
    return timed and (autoencoder.channels, autoencoder.downscale) == (latent_format.channels, latent_format.downscale)
