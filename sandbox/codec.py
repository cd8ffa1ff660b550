"""Terraform values on the wire: msgpack (or JSON) to Python and back, with one object for "not known yet"."""

import json
from typing import Any, Final

import msgpack
from tf.gen import tfplugin_pb2 as pb

UNKNOWN: Final = msgpack.ExtType(0, b"\x00")


def _extension(code: int, data: bytes) -> msgpack.ExtType:
    return UNKNOWN  # code 12 is an unknown with hints about its value; the hints are optional


def decode(value: pb.DynamicValue) -> Any:
    """A value as Terraform sent it; UNKNOWN wherever it is not known yet."""
    if value.msgpack:
        return msgpack.unpackb(value.msgpack, ext_hook=_extension, strict_map_key=False)
    return json.loads(value.json) if value.json else None


def encode(value: Any) -> pb.DynamicValue:
    return pb.DynamicValue(msgpack=msgpack.packb(value))


def unknown(value: Any) -> bool:
    """Is the value itself unknown? (Something inside it may be.)"""
    return value is UNKNOWN or isinstance(value, msgpack.ExtType)


def wholly_known(value: Any) -> bool:
    if isinstance(value, dict):
        return all(map(wholly_known, value.values()))
    if isinstance(value, list):
        return all(map(wholly_known, value))
    return not unknown(value)


def zero(value: Any) -> bool:
    """Null, or what Google's API makes no difference from null: empty, 0, false."""
    return value is None or (not unknown(value) and value in ("", 0, False, [], {}))
