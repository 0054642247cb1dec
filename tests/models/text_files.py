"""Tiny text encoders with random weights and tiny tokenizers, written as their real files are."""

import json

import torch
from safetensors.torch import save_file
from tokenizers import AddedToken, Tokenizer
from tokenizers.decoders import ByteLevel as Decoder
from tokenizers.models import BPE
from tokenizers.pre_tokenizers import ByteLevel
from tokenizers.trainers import BpeTrainer

CORPUS = ["a red apple on a table", "system user assistant describe the image", "an image of a castle on a hill"] * 3
SPECIAL = (
    *("<pad>", "</s>", "<unk>", "<bos>", "<s>", "<|endoftext|>", "<|im_start|>", "<|im_end|>"),
    *("<|begin_of_text|>", "<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>"),
    *("[SYSTEM_PROMPT]", "[/SYSTEM_PROMPT]", "[INST]", "[/INST]"),
    *("<|vision_start|>", "<|image_pad|>", "<|vision_end|>"),
)
VOCABULARY = 400


def tiny_tokenizer():
    """Byte-level pairs over a few sentences, with the special tokens of all families in front."""
    tokenizer = Tokenizer(BPE())
    tokenizer.pre_tokenizer = ByteLevel(add_prefix_space=False)
    tokenizer.decoder = Decoder()
    trainer = BpeTrainer(
        vocab_size=VOCABULARY,
        special_tokens=[AddedToken(name, normalized=False, special=True) for name in SPECIAL],
        initial_alphabet=ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(CORPUS, trainer)
    return tokenizer


def randomise(network, seed=0):
    """The network with weights that are neither all small nor all alike; norms near one."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, parameter in network.named_parameters():
            flat = parameter.ndim < 2
            mean = 1.0 if flat and "bias" not in name else 0.0
            parameter.normal_(mean, 0.1 if flat else 0.3, generator=generator)
    return network.eval()


def save_encoder(network, path, prefix="", configuration=None):
    """An encoder's weights as one safetensors file; a configuration goes into its metadata."""
    path.parent.mkdir(parents=True, exist_ok=True)
    state = {prefix + name: tensor.detach().clone().contiguous() for name, tensor in network.state_dict().items()}
    save_file(state, path, {"config": json.dumps(configuration)} if configuration else None)


def save_tokenizer(folder, name):
    """The tiny tokenizer in a folder of an encoder's name."""
    (folder / name).mkdir(parents=True, exist_ok=True)
    tiny_tokenizer().save(str(folder / name / "tokenizer.json"))


def t5(per_layer=False, seed=0, gated=True):
    """A tiny T5 1.1, or UMT5."""
    from transformers import T5Config, T5EncoderModel, UMT5Config, UMT5EncoderModel

    options = {"vocab_size": 420, "d_model": 32, "d_kv": 8, "d_ff": 48, "num_layers": 2, "num_heads": 4}
    options["feed_forward_proj"] = "gated-gelu" if gated else "relu"
    network = UMT5EncoderModel(UMT5Config(**options)) if per_layer else T5EncoderModel(T5Config(**options))
    return randomise(network, seed)


def decoder(architecture, layers=3, seed=0, **further):
    """A tiny language model whose heads have their real width."""
    import transformers

    head = 256 if architecture == "Gemma2" else 128
    options = {
        "vocab_size": 420,
        "hidden_size": 32,
        "intermediate_size": 48,
        "num_hidden_layers": layers,
        "num_attention_heads": 2 if layers < 8 else 1,
        "num_key_value_heads": 1,
        "head_dim": head,
        "pad_token_id": None,
    }
    configuration = getattr(transformers, f"{architecture}Config")(**{**options, **further})
    return randomise(getattr(transformers, f"{architecture}ForCausalLM")(configuration), seed)


def clip(width=64, projection=None, activation="quick_gelu", seed=0):
    """A tiny text encoder of CLIP; with the projection of transformers' class if it is asked for."""
    from transformers import CLIPTextConfig, CLIPTextModel, CLIPTextModelWithProjection

    configuration = CLIPTextConfig(
        hidden_size=width,
        intermediate_size=96,
        num_hidden_layers=3,
        num_attention_heads=width // 64,
        projection_dim=projection or width,
        hidden_act=activation,
        bos_token_id=49406,
        eos_token_id=49407,
    )
    kind = CLIPTextModelWithProjection if projection else CLIPTextModel
    return randomise(kind(configuration), seed)
