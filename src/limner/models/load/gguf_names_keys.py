"""What GGUF files call the tensors of text encoders, and what transformers calls them.

Source: the published GGUF naming convention (tensor names of the llama, qwen, gemma and T5 architectures).
"""

from collections.abc import Mapping

T5_WHOLE: Mapping[str, str] = {
    "token_embd.weight": "shared.weight",
    "enc.output_norm.weight": "encoder.final_layer_norm.weight",
}

T5_BLOCK: Mapping[str, str] = {
    "attn_q": "layer.0.SelfAttention.q",
    "attn_k": "layer.0.SelfAttention.k",
    "attn_v": "layer.0.SelfAttention.v",
    "attn_o": "layer.0.SelfAttention.o",
    "attn_rel_b": "layer.0.SelfAttention.relative_attention_bias",
    "attn_norm": "layer.0.layer_norm",
    "ffn_gate": "layer.1.DenseReluDense.wi_0",
    "ffn_up": "layer.1.DenseReluDense.wi_1",
    "ffn_down": "layer.1.DenseReluDense.wo",
    "ffn_norm": "layer.1.layer_norm",
}
"""Below ``enc.blk.N.`` and ``encoder.block.N.``."""

T5_UNGATED: Mapping[str, str] = {"ffn_up": "layer.1.DenseReluDense.wi"}
"""Of the first T5, whose perceptrons have no gate."""

DECODER_WHOLE: Mapping[str, str] = {
    "token_embd.weight": "model.embed_tokens.weight",
    "output_norm.weight": "model.norm.weight",
    "output.weight": "lm_head.weight",
}

DECODER_BLOCK: Mapping[str, str] = {
    "attn_norm": "input_layernorm",
    "attn_q": "self_attn.q_proj",
    "attn_k": "self_attn.k_proj",
    "attn_v": "self_attn.v_proj",
    "attn_output": "self_attn.o_proj",
    "attn_q_norm": "self_attn.q_norm",
    "attn_k_norm": "self_attn.k_norm",
    "ffn_norm": "post_attention_layernorm",
    "ffn_gate": "mlp.gate_proj",
    "ffn_up": "mlp.up_proj",
    "ffn_down": "mlp.down_proj",
}
"""Below ``blk.N.`` and ``model.layers.N.``."""

GEMMA_BLOCK: Mapping[str, str] = {
    "post_attention_norm": "post_attention_layernorm",
    "ffn_norm": "pre_feedforward_layernorm",
    "post_ffw_norm": "post_feedforward_layernorm",
}
"""Gemma norms what its layers take and what they give."""

T5 = frozenset(("t5", "t5encoder"))
GEMMA = frozenset(("gemma2", "gemma3"))
TURNED = frozenset(("llama", "mistral3"))
"""Architectures whose queries and keys are stored in the order of interleaved rotation."""

DECODERS = frozenset(("qwen2", "qwen2vl", "qwen3", "qwen3vl", "gemma")) | GEMMA | TURNED
