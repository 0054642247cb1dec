"""Weights that stay small in memory: tensors that are numbers only while something computes with them."""
