"""Types whose values can only be linked."""

from __future__ import annotations

from typing import Any, TypedDict

import torch

from comfy_api.latest._declarations import ComfyTypeIO, Custom, WidgetInput, comfytype


@comfytype(io_type="IMAGE")
class Image(ComfyTypeIO):
    """Pictures, float32 [b h w c] in 0..1."""

    Type = torch.Tensor


@comfytype(io_type="MASK")
class Mask(ComfyTypeIO):
    """Masks, float32 [b h w], 1 = masked."""

    Type = torch.Tensor


@comfytype(io_type="SIGMAS")
class Sigmas(ComfyTypeIO):
    """Noise levels, float [n]."""

    Type = torch.Tensor


@comfytype(io_type="LATENT")
class Latent(ComfyTypeIO):
    """Latents with what belongs to them."""

    class LatentDict(TypedDict, total=False):
        """samples [b c h w], noise_mask [b 1 h w], batch_index of the samples, type."""

        samples: torch.Tensor
        noise_mask: torch.Tensor
        batch_index: list[int]
        type: str

    Type = LatentDict


@comfytype(io_type="CONDITIONING")
class Conditioning(ComfyTypeIO):
    """Pairs of an embedding [1 t d] and what belongs to it."""

    PooledDict = dict[str, Any]
    CondList = list[tuple[torch.Tensor, dict[str, Any]]]
    Type = CondList


@comfytype(io_type="AUDIO")
class Audio(ComfyTypeIO):
    """Sound."""

    class AudioDict(TypedDict):
        """waveform [b c n], sample_rate in Hz."""

        waveform: torch.Tensor
        sample_rate: int

    Type = AudioDict


@comfytype(io_type="WEBCAM")
class Webcam(ComfyTypeIO):
    """A picture from a camera."""

    Type = str

    class Input(WidgetInput):
        """A camera of the client."""


@comfytype(io_type="LOAD_3D")
class Load3D(ComfyTypeIO):
    """A view of a 3-D model."""

    class Model3DDict(TypedDict, total=False):
        """Names of pictures of the view, and the camera."""

        image: str
        mask: str
        normal: str
        camera_info: dict[str, Any]
        recording: str

    Type = Model3DDict


@comfytype(io_type="LOAD_3D_ANIMATION")
class Load3DAnimation(Load3D):
    """A view of a 3-D model that moves."""


@comfytype(io_type="LOAD3D_CAMERA")
class Load3DCamera(ComfyTypeIO):
    """A camera that looks at a 3-D model."""

    class CameraInfo(TypedDict, total=False):
        """Where it stands and looks, with its zoom."""

        position: dict[str, float]
        target: dict[str, float]
        zoom: int
        cameraType: str

    Type = CameraInfo


Model = Custom("MODEL")
Clip = Custom("CLIP")
Vae = Custom("VAE")
ControlNet = Custom("CONTROL_NET")
ClipVision = Custom("CLIP_VISION")
ClipVisionOutput = Custom("CLIP_VISION_OUTPUT")
StyleModel = Custom("STYLE_MODEL")
Gligen = Custom("GLIGEN")
UpscaleModel = Custom("UPSCALE_MODEL")
LatentUpscaleModel = Custom("LATENT_UPSCALE_MODEL")
Video = Custom("VIDEO")
SVG = Custom("SVG")
Sampler = Custom("SAMPLER")
Noise = Custom("NOISE")
Guider = Custom("GUIDER")
LoraModel = Custom("LORA_MODEL")
LossMap = Custom("LOSS_MAP")
Voxel = Custom("VOXEL")
Mesh = Custom("MESH")
Hooks = Custom("HOOKS")
HookKeyframes = Custom("HOOK_KEYFRAMES")
TimestepsRange = Custom("TIMESTEPS_RANGE")
LatentOperation = Custom("LATENT_OPERATION")
FlowControl = Custom("FLOW_CONTROL")
Accumulation = Custom("ACCUMULATION")
Photomaker = Custom("PHOTOMAKER")
Point = Custom("POINT")
FaceAnalysis = Custom("FACE_ANALYSIS")
BBOX = Custom("BBOX")
SEGS = Custom("SEGS")
ModelPatch = Custom("MODEL_PATCH")
AudioEncoder = Custom("AUDIO_ENCODER")
AudioEncoderOutput = Custom("AUDIO_ENCODER_OUTPUT")
WanCameraEmbedding = Custom("WAN_CAMERA_EMBEDDING")
Tracks = Custom("TRACKS")
File3DAny = Custom("FILE_3D")
File3DGLB = Custom("FILE_3D_GLB")
File3DGLTF = Custom("FILE_3D_GLTF")
File3DFBX = Custom("FILE_3D_FBX")
File3DOBJ = Custom("FILE_3D_OBJ")
File3DSTL = Custom("FILE_3D_STL")
File3DUSDZ = Custom("FILE_3D_USDZ")
