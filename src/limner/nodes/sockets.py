"""The values that travel between nodes, as annotations: ``image: IMAGE``.

Formats are those that node packs expect: IMAGE float32 [b h w c] in 0..1 on the CPU; MASK float32 [b h w], 1 = masked;
LATENT a dict with ``samples`` [b c h w], optional ``noise_mask`` and ``batch_index``; CONDITIONING a list of
``[tensor [1 t d], dict]``; SIGMAS a 1-d float tensor that ends at 0.
"""

from typing import Annotated, Any

import torch

from limner.graph.declare import Socket

IMAGE = Annotated[torch.Tensor, Socket("IMAGE")]
MASK = Annotated[torch.Tensor, Socket("MASK")]
LATENT = Annotated[dict[str, Any], Socket("LATENT")]
CONDITIONING = Annotated[list[Any], Socket("CONDITIONING")]
SIGMAS = Annotated[torch.Tensor, Socket("SIGMAS")]
MODEL = Annotated[Any, Socket("MODEL")]
CLIP = Annotated[Any, Socket("CLIP")]
VAE = Annotated[Any, Socket("VAE")]
SAMPLER = Annotated[Any, Socket("SAMPLER")]
NOISE = Annotated[Any, Socket("NOISE")]
GUIDER = Annotated[Any, Socket("GUIDER")]
CLIP_VISION = Annotated[Any, Socket("CLIP_VISION")]
CLIP_VISION_OUTPUT = Annotated[Any, Socket("CLIP_VISION_OUTPUT")]
PHOTOMAKER = Annotated[Any, Socket("PHOTOMAKER")]
STYLE_MODEL = Annotated[Any, Socket("STYLE_MODEL")]
IP_ADAPTER = Annotated[Any, Socket("IP_ADAPTER")]
GLIGEN = Annotated[Any, Socket("GLIGEN")]
CONTROL_NET = Annotated[Any, Socket("CONTROL_NET")]
VIDEO = Annotated[Any, Socket("VIDEO")]
AUDIO = Annotated[Any, Socket("AUDIO")]
UPSCALE_MODEL = Annotated[Any, Socket("UPSCALE_MODEL")]
ANYTHING = Annotated[Any, Socket("*")]
