"""Rows, proofs, logs and headers: docs/protocol.md, "State", "Logs" and "Blocks"."""

from canonical import decode, encode
from keys import HEADER, key_text, sha256, verify

EMPTY_ROOT = bytes(32)


def row_path(table, key):
    return sha256(encode([table, *key]))


def leaf_hash(path, value):
    return sha256(b"icn:leaf", path, sha256(value))


def tree_root(rows):
    """Root of a crit-bit tree by its definition: split at the first bit in which any two paths differ."""
    if not rows:
        return EMPTY_ROOT
    if len(rows) == 1:
        return leaf_hash(*rows[0])
    for bit in range(256):
        sides = [[], []]
        for row in rows:
            sides[row[0][bit // 8] >> (7 - bit % 8) & 1].append(row)
        if all(sides):
            return sha256(tree_root(sides[0]), tree_root(sides[1]))
    raise ValueError("two rows have the same path")


def root_of_proof(proof):
    node = leaf_hash(proof["path"], proof["value"])
    for step in proof["steps"]:
        node = sha256(step["hash"], node) if step["side"] == "left" else sha256(node, step["hash"])
    return node


def is_absent(root, absence):
    path, left, right = absence["path"], absence.get("left"), absence.get("right")
    if left and not (root_of_proof(left) == root and left["path"] < path):
        return False
    if right and not (root_of_proof(right) == root and path < right["path"]):
        return False
    if not left and not right:
        return root == EMPTY_ROOT
    if not left:
        return all(step["side"] == "right" for step in right["steps"])
    if not right:
        return all(step["side"] == "left" for step in left["steps"])
    a, b = list(left["steps"]), list(right["steps"])
    while a and b and a[-1] == b[-1]:
        a.pop()
        b.pop()
    if not a or not b or a.pop()["side"] != "right" or b.pop()["side"] != "left":
        return False
    return all(step["side"] == "left" for step in a) and all(step["side"] == "right" for step in b)


def log_leaf(data):
    return sha256(b"icn:log-leaf", data)


def log_of(leaves):
    """The stored form of a log: its size, and the peaks in hexadecimal, largest first."""
    peaks = []
    for leaf in leaves:
        peaks.append((1, leaf))
        while len(peaks) > 1 and peaks[-1][0] == peaks[-2][0]:
            (size, right), (_, left) = peaks.pop(), peaks.pop()
            peaks.append((2 * size, sha256(left, right)))
    return {"size": len(leaves), "peaks": "".join(peak.hex() for _, peak in peaks)}


def extend_log(log, size, roots):
    """The log of `size` leaves that begins with `log` and goes on with the full trees under these roots."""
    at, text = log["size"], log["peaks"]
    sizes = [1 << bit for bit in reversed(range(at.bit_length())) if at >> bit & 1]
    peaks = [(own, bytes.fromhex(text[64 * i : 64 * i + 64])) for i, own in enumerate(sizes)]
    for root in roots:
        largest = (at & -at) or 1 << size.bit_length()
        while at + largest > size:
            largest >>= 1
        peaks.append((largest, root))
        at += largest
        while len(peaks) > 1 and peaks[-1][0] == peaks[-2][0]:
            (own, right), (_, left) = peaks.pop(), peaks.pop()
            peaks.append((2 * own, sha256(left, right)))
    return {"size": at, "peaks": "".join(peak.hex() for _, peak in peaks)}


def lane_group_hash(group):
    """docs/protocol.md, "Lanes": the events of one transaction, or one of the end of a block."""
    return sha256(b"icn:lane-group", encode([group[name] for name in ("index", "transaction", "signature", "events")]))


def lane_leaf(height, time_ms, groups):
    return log_leaf(encode([height, time_ms, groups]))


def log_root(log):
    return sha256(b"icn:log", log["size"].to_bytes(8, "big"), bytes.fromhex(log["peaks"]))


def signed_power(signed_header, validators):
    """(power that signed, all power); every validator counts once."""
    header, signatures = decode(signed_header)
    left = {validator["publicKey"]: validator["power"] for validator in validators}
    total, signed = sum(left.values()), 0
    for key, signature in signatures:
        if key_text(key) in left and verify(HEADER, key, header, signature):
            signed += left.pop(key_text(key))
    return signed, total
