"""Generative operations: prompts, chains, golden sets, evaluation, release and drift."""
