"""Canonical JSON and the content hash made from it."""

import hashlib
import json
from typing import Any


def dumps(value: Any) -> str:
    """Serialise plain JSON data in one way only: sorted keys, no spaces, ASCII; NaN and infinity are refused."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)


def content_hash(value: Any) -> str:
    """Return the SHA-256 of the canonical JSON of `value`, as 64 hexadecimal digits."""
    return hashlib.sha256(dumps(value).encode()).hexdigest()
