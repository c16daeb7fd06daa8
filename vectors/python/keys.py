"""Ed25519 by the strict rule (libsodium's own), DIDs, ids and invitations: docs/protocol.md, "Signatures" and "Names"."""

import base64
import hashlib
import re

import nacl.bindings
import nacl.exceptions

from canonical import encode

TRANSACTION, HEADER, INVITATION = "icn:tx:1", "icn:header:1", "icn:invitation:1"
ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"


def sha256(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def public_key(seed):
    return nacl.bindings.crypto_sign_seed_keypair(seed)[0]


def sign(domain, payload, seed):
    secret = nacl.bindings.crypto_sign_seed_keypair(seed)[1]
    return nacl.bindings.crypto_sign(message(domain, payload), secret)[:64]


def message(domain, payload):
    return domain.encode() + b"\0" + payload


def verify(domain, key, payload, signature):
    return verify_bytes(key, message(domain, payload), signature)


def verify_bytes(key, data, signature):
    if len(key) != 32 or len(signature) != 64:
        return False
    try:
        nacl.bindings.crypto_sign_open(signature + data, key)
        return True
    except nacl.exceptions.BadSignatureError:
        return False


def is_registrable(key):
    return len(key) == 32 and nacl.bindings.crypto_core_ed25519_is_valid_point(key)


def to_base58(data):
    number, text = int.from_bytes(data, "big"), ""
    while number:
        number, digit = divmod(number, 58)
        text = ALPHABET[digit] + text
    return "1" * (len(data) - len(data.lstrip(b"\0"))) + text


def from_base58(text):
    number = 0
    for char in text:
        number = number * 58 + ALPHABET.index(char)
    data = number.to_bytes((number.bit_length() + 7) // 8, "big")
    return bytes(len(text) - len(text.lstrip("1"))) + data


def key_text(key):
    return "z" + to_base58(b"\xed\x01" + key)


def key_from_text(text):
    """The 32 bytes of `z6Mk…`, or None for anything that `key_text` does not write."""
    if not re.fullmatch(r"z6Mk[1-9A-HJ-NP-Za-km-z]{44}", text):
        return None
    data = from_base58(text[1:])
    return data[2:] if len(data) == 34 and data[:2] == b"\xed\x01" else None


def did_of_key(key):
    return "did:key:" + key_text(key)


def key_of_did(did):
    return key_from_text(did.removeprefix("did:key:")) if did.startswith("did:key:") else None


def to_base32(data):
    return base64.b32encode(data).decode().lower().rstrip("=")


def to_base64url(data):
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def identity_did(chain_id, body):
    return f"did:icn:{chain_id}:{to_base32(sha256(encode(body)))}"


def ledger_id(kind, height, index, seed):
    tag = sha256(f"icn:id:{kind}:{height}:{index}".encode(), seed)
    return f"{kind}{height}-{index}-{to_base32(tag)[:6]}"


def invitation_message(chain_id, invitation, applicant):
    return f"{chain_id} {invitation} {applicant}".encode()


def prove_invitation(chain_id, invitation, applicant, seed):
    return to_base64url(sign(INVITATION, invitation_message(chain_id, invitation, applicant), seed))
