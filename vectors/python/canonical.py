"""Canonical DAG-CBOR: docs/protocol.md, "Encoding". Any CBOR library will do; the profile is checked around it."""

import cbor2

MAX_INTEGER = 2**53 - 1
FORBIDDEN_KEYS = ("__proto__", "constructor", "prototype")
MAX_DEPTH = 16


class Refused(Exception):
    """What the ledger would refuse, with the name of its code."""

    def __init__(self, code, message=""):
        super().__init__(f"{code}: {message}")
        self.code = code


def encode(value):
    check(value, MAX_DEPTH)
    return cbor2.dumps(value, canonical=True)


def decode(data, max_depth=MAX_DEPTH, max_items=100_000_000):
    try:
        # cbor2 counts containers below the first one.
        value = cbor2.loads(data, max_depth=max_depth - 1)
    except (cbor2.CBORError, RecursionError) as error:
        raise Refused("NON_CANONICAL", str(error)) from error
    if check(value, max_depth) > max_items:
        raise Refused("TOO_LARGE", "too many items")
    if cbor2.dumps(value, canonical=True) != data:
        raise Refused("NON_CANONICAL", "not the bytes that this value has")
    return value


def check(value, depth):
    """Refuses what the profile leaves out; answers the number of items, keys counted."""
    if value is None or isinstance(value, (bool, bytes)):
        return 1
    if isinstance(value, str):
        if any(0xD800 <= ord(char) <= 0xDFFF for char in value):
            raise Refused("NON_CANONICAL", "a lone surrogate")
        return 1
    if isinstance(value, int):
        if abs(value) > MAX_INTEGER:
            raise Refused("BAD_AMOUNT", str(value))
        return 1
    if isinstance(value, float):
        raise Refused("BAD_AMOUNT", str(value))
    if depth == 0:
        raise Refused("NON_CANONICAL", "too many lists and maps within each other")
    if isinstance(value, (list, tuple)):
        return 1 + sum(check(item, depth - 1) for item in value)
    if isinstance(value, dict):
        return 1 + sum(check_key(key) + check(item, depth - 1) for key, item in value.items())
    raise Refused("NON_CANONICAL", f"{type(value).__name__} has no encoding")


def check_key(key):
    if not isinstance(key, str):
        raise Refused("NON_CANONICAL", "a key that is not text")
    if key in FORBIDDEN_KEYS:
        raise Refused("FORBIDDEN_KEY", key)
    return check(key, 0)
