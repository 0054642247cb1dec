"""Attention over heads laid side by side, under the name by which node packs call it."""

from __future__ import annotations

from limner.models.attention import attend as optimized_attention

__all__ = ["optimized_attention"]
