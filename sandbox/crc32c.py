"""The checksum that Cloud Storage sends with every object and that its clients verify."""

import base64
from functools import lru_cache

_POLYNOMIAL = 0x82F63B78


def _entry(value: int) -> int:
    for _ in range(8):
        value = value >> 1 ^ (_POLYNOMIAL if value & 1 else 0)
    return value


_TABLE = tuple(_entry(value) for value in range(256))


@lru_cache(maxsize=16)
def crc32c(data: bytes) -> str:
    """CRC-32C (Castagnoli) of `data`, big-endian in base64 as Google writes it; about 0.1 s per megabyte."""
    table, crc = _TABLE, 0xFFFFFFFF
    for byte in data:
        crc = table[(crc ^ byte) & 0xFF] ^ crc >> 8
    return base64.b64encode((crc ^ 0xFFFFFFFF).to_bytes(4)).decode()
