"""Prompts to conditioning: kinds find encoders in files, recipes say how families read them and join what they say."""
