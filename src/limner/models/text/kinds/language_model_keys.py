"""Which language models there are, by kind and width; names in GGUF files; how Llama 3.1 stretches its rotation."""

from collections.abc import Mapping

NAMES: Mapping[str, Mapping[int, str]] = {
    "llama": {4096: "llama", 5120: "mistral3_24b"},
    "qwen2": {3584: "qwen25_7b", 2048: "qwen25_3b"},
    "qwen3": {2560: "qwen3_4b", 4096: "qwen3_8b", 2048: "qwen3_2b", 1024: "qwen3_06b"},
    "gemma2": {2304: "gemma2_2b"},
}

OTHERWISE: Mapping[str, str] = {
    "llama": "llama",
    "qwen2": "qwen25_7b",
    "qwen3": "qwen3_4b",
    "gemma2": "gemma2_2b",
}

GGUF: Mapping[str, str] = {
    "attention.head_count": "num_attention_heads",
    "attention.head_count_kv": "num_key_value_heads",
    "attention.key_length": "head_dim",
    "attention.layer_norm_rms_epsilon": "rms_norm_eps",
    "rope.freq_base": "rope_theta",
}

SCALED = 128256
"""Tokens that Llama 3.1 knows. Llama 3 in HunyuanVideo knows some more; its rotation is not stretched."""

SCALING: Mapping[str, object] = {
    "rope_type": "llama3",
    "factor": 8.0,
    "low_freq_factor": 1.0,
    "high_freq_factor": 4.0,
    "original_max_position_embeddings": 8192,
}
"""Source: Grattafiori et al. 2024, section 3.4; the published configuration."""
