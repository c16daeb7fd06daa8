"""Building, signing and reading transactions: docs/protocol.md, "Transactions"."""

from canonical import Refused, decode, encode
from keys import TRANSACTION, sha256, sign
from schema import BODIES, ENVELOPE

MAX_BYTES, MAX_DEPTH, MAX_ITEMS = 65_536, 12, 16_384


def sign_transaction(tx, seed):
    payload = encode(tx)
    return encode([payload, sign(TRANSACTION, payload, seed)])


def transaction_hash(data):
    return sha256(data)


def parse(data):
    """(tx, payload, signature); raises Refused with the first code that applies. The signature is not checked."""
    if len(data) > MAX_BYTES:
        raise Refused("TOO_LARGE")
    outer = decode(data, MAX_DEPTH, MAX_ITEMS)
    if not (isinstance(outer, list) and len(outer) == 2 and all(isinstance(part, bytes) for part in outer)):
        raise Refused("BAD_BODY", "expected a list of payload and signature")
    payload, signature = outer
    tx = decode(payload, MAX_DEPTH, MAX_ITEMS)
    check_schema(tx)
    if len(signature) != 64:
        raise Refused("BAD_SIGNATURE", "expected 64 bytes")
    return tx, payload, signature


def check_schema(tx):
    if has_negative(tx):
        raise Refused("BAD_AMOUNT", "a negative number")
    if not ENVELOPE(tx):
        raise Refused("BAD_BODY", "the envelope does not fit")
    kind = tx["body"]["kind"]
    if kind not in BODIES:
        raise Refused("UNKNOWN_KIND", kind)
    if not BODIES[kind](tx["body"]):
        raise Refused("BAD_BODY", f"the body is no {kind}")


def has_negative(value):
    if isinstance(value, dict):
        return any(map(has_negative, value.values()))
    if isinstance(value, list):
        return any(map(has_negative, value))
    return isinstance(value, int) and value < 0
