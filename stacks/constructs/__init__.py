"""Nouns of the platform: resources that always come together. Keyword-only values in, nothing looked up around."""
