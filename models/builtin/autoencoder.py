"""Trains the autoencoder (KL, factor 8, 4 channels) on composited drawings.

python autoencoder.py --minutes 24            # trains or goes on, writes STATE/autoencoder.pt
python autoencoder.py --minutes 5 --decoder   # goes on with the decoder alone; the latents stay as they are
"""

from __future__ import annotations

import argparse
import math
import pathlib
import queue
import random
import threading
import time

import drawings
import numpy as np
import scenes
import torch
from diffusers import AutoencoderKL
from torch.nn import functional

CHANNELS = (32, 32, 96, 144)
LATENT_SCALE = 0.18215
KL_WEIGHT = 1e-3
CROP = 64
SLACK = (
    0.2  # noise on latents (whose deviation is 5.5) in the decoder's own training, for latents that are not quite right
)


def build() -> AutoencoderKL:
    """Makes the untrained network."""
    return AutoencoderKL(
        down_block_types=["DownEncoderBlock2D"] * 4,
        up_block_types=["UpDecoderBlock2D"] * 4,
        block_out_channels=CHANNELS,
        layers_per_block=1,
        norm_num_groups=min(32, CHANNELS[0] // 4),
    )


def to_network(pictures: np.ndarray, device: str | torch.device = "cpu") -> torch.Tensor:
    """Turns uint8 [n, h, w, 3] into floats [n, 3, h, w] between -1 and 1."""
    planes = torch.from_numpy(pictures).to(device).permute(0, 3, 1, 2)
    return (planes.float() / 127.5 - 1).contiguous()


def to_pictures(values: torch.Tensor) -> np.ndarray:
    """Turns floats [n, 3, h, w] between -1 and 1 into uint8 [n, h, w, 3]."""
    return ((values.float().clamp(-1, 1) + 1) * 127.5).round().byte().permute(0, 2, 3, 1).cpu().numpy()


def opponents(error: torch.Tensor) -> torch.Tensor:
    """Red-green and blue-yellow parts of an error."""
    red, green, blue = error.unbind(1)
    return torch.stack([red - green, blue - 0.5 * (red + green)], 1)


def reconstruction_loss(output: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
    """Errors of the values and of their differences at four scales, and of the colours of patches.

    Differences keep edges crisp. Without the weight on the patches' colours, green and purple end up so near to each
    other in the latents that a denoiser mixes them up.
    """
    loss = output.new_zeros(())
    error = output - target
    for weight, colour in ((1.0, 0.0), (0.5, 0.5), (0.5, 1.0), (0.5, 1.0)):
        across = error[..., :, 1:] - error[..., :, :-1]
        down = error[..., 1:, :] - error[..., :-1, :]
        loss = loss + weight * (
            error.abs().mean() + error.square().mean() + 0.5 * (across.abs().mean() + down.abs().mean())
        )
        chroma = opponents(error)
        loss = loss + colour * (chroma.abs().mean() + chroma.square().mean())
        error = functional.avg_pool2d(error, 2)
    return loss


class Batches:
    """Composites training pictures in a thread, so that the networks need not wait."""

    def __init__(self, store: np.ndarray, seed: int) -> None:
        self.store, self.chance = store, random.Random(seed)
        self.crop, self.size = CROP, 16
        self.ready: queue.Queue[np.ndarray] = queue.Queue(maxsize=4)
        threading.Thread(target=self._work, daemon=True).start()

    def _work(self) -> None:
        while True:
            crop, size = self.crop, self.size
            self.ready.put(np.stack([self._one(crop) for _ in range(size)]))

    def _one(self, crop: int) -> np.ndarray:
        picture = scenes.compose(scenes.random_scene(len(self.store), self.chance), self.store)
        if crop >= scenes.PICTURE_SIZE:
            return picture
        x, y = (min(64, max(0, int(self.chance.gauss(32, 18)))) for _ in range(2))
        return picture[y : y + crop, x : x + crop]


def measure(model: AutoencoderKL, store: np.ndarray, device: str, count: int = 128) -> float:
    """Mean PSNR in dB over whole pictures at standard size, every background."""
    names = list(scenes.COLOURS)
    chosen = np.linspace(0, len(store) - 1, count).astype(int)
    pictures = [
        scenes.compose(scenes.Scene((scenes.Placement(int(i)),), names[k % len(names)]), store)
        for k, i in enumerate(chosen)
    ]
    errors = []
    with torch.no_grad(), torch.autocast(torch.device(device).type, torch.bfloat16):
        for part in np.array_split(np.stack(pictures), count // 16):
            x = to_network(part, device)
            y = model.decode(model.encode(x).latent_dist.mode()).sample.float().clamp(-1, 1)
            errors += ((x - y) / 2).square().mean((1, 2, 3)).tolist()
    return float(np.mean([-10 * math.log10(error) for error in errors]))


def objective(model: AutoencoderKL, x: torch.Tensor, decoder: bool) -> torch.Tensor:
    """Loss of a batch.

    Args:
        model: The network.
        x: Pictures.
        decoder: Whether only the decoder is trained; its latents then get a little noise.
    """
    with torch.autocast(x.device.type, torch.bfloat16):
        with torch.set_grad_enabled(not decoder):
            posterior = model.encode(x).latent_dist
        mode = posterior.mode()
        output = model.decode(mode + SLACK * torch.randn_like(mode) if decoder else posterior.sample()).sample
    loss = reconstruction_loss(output.float(), x)
    return loss if decoder else loss + KL_WEIGHT * posterior.kl().float().mean() / mode[0].numel()


def train(model: AutoencoderKL, store: np.ndarray, arguments: argparse.Namespace) -> None:
    """Trains for the minutes asked: crops for the first part, whole pictures after it.

    Args:
        model: The network; with `decoder` only its decoder is changed.
        store: All drawings.
        arguments: The command line.
    """
    device, batches = arguments.device, Batches(store, arguments.seed)
    trained = (
        [*model.decoder.parameters(), *model.post_quant_conv.parameters()]
        if arguments.decoder
        else [*model.parameters()]
    )
    optimizer = torch.optim.AdamW(trained, lr=arguments.rate, betas=(0.9, 0.98), weight_decay=1e-3)
    start, step, total = time.time(), 0, arguments.minutes * 60
    average = 0.0
    while (passed := time.time() - start) < total:
        if passed > arguments.crops * total and batches.crop == CROP:
            batches.crop, batches.size = scenes.PICTURE_SIZE, 8
        share = passed / total
        rate = arguments.rate * min(1, (step + 1) / 100) * (0.5 + 0.5 * math.cos(math.pi * share) + 0.01)
        for group in optimizer.param_groups:
            group["lr"] = rate
        loss = objective(model, to_network(batches.ready.get(), device), arguments.decoder)
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(trained, 1.0)
        optimizer.step()
        step += 1
        average = 0.98 * average + 0.02 * loss.item() if step > 1 else loss.item()
        if step % 200 == 0:
            print(
                f"{passed / 60:.1f} min, step {step}, loss {average:.4f}, {measure(model, store, device):.2f} dB",
                flush=True,
            )
            torch.save(model.state_dict(), arguments.state / "autoencoder.pt")


@torch.no_grad()
def normalise(model: AutoencoderKL, store: np.ndarray, device: str) -> None:
    """Folds mean and deviation of the latents into the 1x1 layers, so that latents times 0.18215 are standard.

    Args:
        model: The trained network; its outputs stay the same, only the latents' units change.
        store: All drawings.
        device: Where it runs.
    """
    chance = random.Random(7)
    pictures = np.stack([scenes.compose(scenes.random_scene(len(store), chance), store) for _ in range(512)])
    latents = torch.cat(
        [model.encode(to_network(part, device)).latent_dist.mode() for part in np.array_split(pictures, 16)]
    )
    mean = latents.mean((0, 2, 3))
    unit = latents.std((0, 2, 3)) * LATENT_SCALE  # what one unit of the new latents is in old ones
    before, after = model.quant_conv, model.post_quant_conv
    after.bias += (after.weight[:, :, 0, 0] * mean).sum(1)
    after.weight *= unit.view(1, -1, 1, 1)
    before.weight[:4] /= unit.view(-1, 1, 1, 1)
    before.bias[:4] = (before.bias[:4] - mean) / unit
    before.bias[4:] -= 2 * unit.log()


def main() -> None:
    """Runs the training program."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--state", type=pathlib.Path, default=pathlib.Path(__file__).parent / "state")
    parser.add_argument("--minutes", type=float, default=24)
    parser.add_argument("--crops", type=float, default=0.4, help="share of the time spent on crops of 64 pixels")
    parser.add_argument("--rate", type=float, default=1e-3)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--decoder", action="store_true", help="leave the encoder and the latents alone")
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    torch.manual_seed(arguments.seed)
    arguments.state.mkdir(exist_ok=True)
    _, store = drawings.cached_set(arguments.state)
    model = build().to(arguments.device)
    path = arguments.state / "autoencoder.pt"
    if path.exists():
        model.load_state_dict(torch.load(path, map_location=arguments.device))
    train(model, store, arguments)
    print(f"{measure(model, store, arguments.device):.2f} dB before the latents' units are set", flush=True)
    if not arguments.decoder:
        normalise(model, store, arguments.device)
    torch.save(model.state_dict(), path)
    print(f"{measure(model, store, arguments.device):.2f} dB, written {path}", flush=True)


if __name__ == "__main__":
    main()
