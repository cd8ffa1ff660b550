"""Vertex AI behind the ports of generative operations: models, judges, embeddings, prompt management."""
