"""Ed25519 by ZIP 215, the rule of CometBFT, in plain integers: for the rare signature that the strict rule refuses."""

import hashlib

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P
SQRT_M1 = pow(2, (P - 1) // 4, P)


def add(p, q):
    """In extended coordinates X, Y, Z, T; complete, so for equal points too."""
    a, b = (p[1] - p[0]) * (q[1] - q[0]), (p[1] + p[0]) * (q[1] + q[0])
    c, d = 2 * p[3] * q[3] * D, 2 * p[2] * q[2]
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def multiply(scalar, point):
    result = (0, 1, 1, 0)
    for bit in bin(scalar)[2:]:
        result = add(result, result)
        if bit == "1":
            result = add(result, point)
    return result


def decode_point(data):
    """Any encoding: y may be at or above P, and x = 0 may have a sign."""
    value = int.from_bytes(data, "little")
    y, sign = (value & (1 << 255) - 1) % P, value >> 255
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    if x * x % P != square:
        x = x * SQRT_M1 % P
    if x * x % P != square:
        return None
    if x & 1 != sign:
        x = (P - x) % P
    return x, y, 1, x * y % P


def verify_zip215(key, message, signature):
    """8·S·B = 8·R + 8·k·A, with S below L."""
    if len(key) != 32 or len(signature) != 64:
        return False
    a, r, s = decode_point(key), decode_point(signature[:32]), int.from_bytes(signature[32:], "little")
    if a is None or r is None or s >= L:
        return False
    k = int.from_bytes(hashlib.sha512(signature[:32] + key + message).digest(), "little") % L
    minus_a = (P - a[0], a[1], 1, P - a[3])
    minus_r = (P - r[0], r[1], 1, P - r[3])
    x, y, z, _ = multiply(8, add(add(multiply(s, BASE), multiply(k, minus_a)), minus_r))
    return x % P == 0 and (y - z) % P == 0


BASE = decode_point((4 * pow(5, -1, P) % P).to_bytes(32, "little"))
