"""Where tokenizers of text encoders can be had, and what they are called on disk."""

from collections.abc import Mapping

PUBLISHED: Mapping[str, str] = {
    "t5xxl": "google/t5-v1_1-xxl/spiece.model",
    "t5xl": "google/t5-v1_1-xl/spiece.model",
    "t5large": "google/t5-v1_1-large/spiece.model",
    "t5base": "google/t5-v1_1-base/spiece.model",
    "t5_first_base": "google-t5/t5-base/spiece.model",
    "t5_11b": "google-t5/t5-11b/spiece.model",
    "umt5xxl": "google/umt5-xxl/spiece.model",
    "umt5base": "google/umt5-base/spiece.model",
    "pile_t5xl": "EleutherAI/pile-t5-xl/tokenizer.model",
    "qwen25_7b": "Qwen/Qwen2.5-VL-7B-Instruct/tokenizer.json",
    "qwen25_3b": "Qwen/Qwen2.5-VL-3B-Instruct/tokenizer.json",
    "qwen3_4b": "Qwen/Qwen3-4B/tokenizer.json",
    "qwen3_8b": "Qwen/Qwen3-8B/tokenizer.json",
    "gemma2_2b": "Alpha-VLLM/Lumina-Image-2.0/tokenizer/tokenizer.json",
    "llama": "hunyuanvideo-community/HunyuanVideo/tokenizer/tokenizer.json",
    "mistral3_24b": "black-forest-labs/FLUX.2-dev/tokenizer/tokenizer.json",
    "chatglm3": "Kwai-Kolors/Kolors-diffusers/tokenizer/tokenizer.model",
}
"""A repository on the hub and the file in it, by encoder."""

FILES = ("tokenizer.json", "spiece.model", "tokenizer.model", "tekken.json", "sentencepiece.bpe.model")
"""What tokenizers are called in folders, the surest first."""

TENSORS = ("spiece_model", "tekken_model", "tokenizer_json")
"""What tensors of bytes are called that carry a tokenizer inside a file of weights."""

GLM_TOKENS = (
    *("[MASK]", "[gMASK]", "[sMASK]", "sop", "eop"),
    *("<|system|>", "<|user|>", "<|assistant|>", "<|observation|>"),
)
"""Tokens that ChatGLM3 numbers behind those of its SentencePiece model."""

ADDED: Mapping[str, tuple[str, ...]] = {"chatglm3": GLM_TOKENS}
"""Tokens behind those of the model, by encoder."""

OF_BYTES = ("byt5_small",)
"""Encoders that read bytes: they need no file."""
