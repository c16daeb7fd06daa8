"""Judges Ed25519 vectors by the strict rule, with nothing but big integers: a third opinion, slow and easy to read.

python3 classify.py FILE ...   rewrites the fields `valid`, `reason` and `keyRegistrable` of every vector in each file
"""

import hashlib
import json
import sys

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P
SQRT_M1 = pow(2, (P - 1) // 4, P)
IDENTITY = (0, 1)


def add(a, b):
    (x1, y1), (x2, y2) = a, b
    t = D * x1 * x2 * y1 * y2 % P
    x = (x1 * y2 + y1 * x2) * pow(1 + t, -1, P) % P
    y = (y1 * y2 + x1 * x2) * pow(1 - t, -1, P) % P
    return x, y


def multiply(scalar, point):
    result = IDENTITY
    while scalar:
        if scalar & 1:
            result = add(result, point)
        point = add(point, point)
        scalar >>= 1
    return result


def encode(point):
    x, y = point
    return (y | (x & 1) << 255).to_bytes(32, "little")


def decode(data):
    """The point that the bytes mean when nothing is refused for its form, or None."""
    number = int.from_bytes(data, "little")
    sign, y = number >> 255, number % 2**255 % P
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * SQRT_M1 % P
    if (x * x - square) % P:
        return None
    return (P - x) % P if x & 1 != sign else x, y


BASE = decode((4 * pow(5, -1, P) % P).to_bytes(32, "little"))


def fault_of_point(name, data):
    point = decode(data)
    if point is None:
        return f"{name} is not on the curve"
    if encode(point) != data:
        return f"{name} is not canonically encoded"
    if multiply(8, point) == IDENTITY:
        return f"{name} is of small order"
    return None


def fault(key, message, signature):
    if len(key) != 32 or len(signature) != 64:
        return "wrong length"
    r, s = signature[:32], int.from_bytes(signature[32:], "little")
    if s >= L:
        return "S is not below the group order"
    found = fault_of_point("A", key) or fault_of_point("R", r)
    if found:
        return found
    a = decode(key)
    k = int.from_bytes(hashlib.sha512(r + key + message).digest(), "little") % L
    minus_a = ((P - a[0]) % P, a[1])
    if encode(add(multiply(s, BASE), multiply(k, minus_a))) != r:
        return "R is not S*B - k*A"
    return None


def is_registrable(key):
    return len(key) == 32 and fault_of_point("A", key) is None and multiply(L, decode(key)) == IDENTITY


def judge(vector):
    key, message, signature = (bytes.fromhex(vector[name]) for name in ("publicKey", "message", "signature"))
    found = fault(key, message, signature)
    return vector | {"valid": found is None, "reason": found or "valid", "keyRegistrable": is_registrable(key)}


for name in sys.argv[1:]:
    with open(name, encoding="utf-8") as file:
        content = json.load(file)
    content["vectors"] = [judge(vector) for vector in content["vectors"]]
    with open(name, "w", encoding="utf-8") as file:
        json.dump(content, file, indent=1, ensure_ascii=False)
        file.write("\n")
