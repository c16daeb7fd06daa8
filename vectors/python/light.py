"""Light blocks of CometBFT, verified with nothing but their bytes: docs/protocol.md, "Light blocks"."""

from keys import key_from_text, sha256, verify_bytes
from zip215 import verify_zip215

ABSENT, COMMIT, NIL = 1, 2, 3
NO_TIME = (-62135596800, 0)
BLOCK_VERSION = 11


class NotTrusted(Exception):
    """The message begins with the name of what failed."""


def demand(condition, message):
    if not condition:
        raise NotTrusted(message)


# Protocol Buffers: as much as these messages need.


def varint(value):
    value, out = value & (1 << 64) - 1, bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes(out) + bytes([value])


def delimited(data):
    return varint(len(data)) + data


def integer(number, value):
    return varint(number << 3) + varint(value) if value else b""


def fixed(number, value):
    return varint(number << 3 | 1) + value.to_bytes(8, "little") if value else b""


def message(number, data):
    return varint(number << 3 | 2) + delimited(data)


def data(number, value):
    return message(number, value) if value else b""


def read(data_, integers=(), repeated=()):
    """{field number: value}, or a list of values where the field is repeated."""
    at, fields = 0, {number: [] for number in repeated}

    def number():
        nonlocal at
        value = shift = 0
        while True:
            demand(at < len(data_) and shift < 70, "MALFORMED: a varint has no end")
            byte = data_[at]
            at, value, shift = at + 1, value | (byte & 0x7F) << shift, shift + 7
            if byte < 0x80:
                return value

    while at < len(data_):
        tag = number()
        field, wire = tag >> 3, tag & 7
        demand(wire == (0 if field in integers else 2), f"MALFORMED: field {field} has wire type {wire}")
        value = number()
        if wire == 0:
            value = value - (1 << 64) if value >> 63 else value
        else:
            demand(value <= len(data_) - at, "MALFORMED: bytes are missing")
            at, value = at + value, data_[at : at + value]
        if field in repeated:
            fields[field].append(value)
        else:
            demand(field not in fields, f"MALFORMED: field {field} twice")
            fields[field] = value
    return fields


# The messages, each read and written.


def read_time(raw):
    fields = read(raw, (1, 2))
    return fields.get(1, 0), fields.get(2, 0)


def write_time(time):
    return integer(1, time[0]) + integer(2, time[1])


def read_block_id(raw):
    fields = read(raw)
    parts = read(fields.get(2, b""), (1,))
    return fields.get(1, b""), parts.get(1, 0), parts.get(2, b"")


def write_block_id(block_id):
    hash_, total, parts_hash = block_id
    return data(1, hash_) + message(2, integer(1, total) + data(2, parts_hash))


def read_header(raw):
    fields = read(raw, (3,))
    version = read(fields.get(1, b""), (1, 2))
    return {
        "version": (version.get(1, 0), version.get(2, 0)),
        "chain_id": fields.get(2, b""),
        "height": fields.get(3, 0),
        "time": read_time(fields.get(4, b"")),
        "last_block_id": read_block_id(fields.get(5, b"")),
        "hashes": [fields.get(number, b"") for number in range(6, 15)],
    }


def header_parts(header):
    """The fourteen fields, those that are messages as such, the others bare."""
    version = integer(1, header["version"][0]) + integer(2, header["version"][1])
    return version, header["chain_id"], header["height"], write_time(header["time"]), write_block_id(header["last_block_id"])


def write_header(header):
    version, chain_id, height, time, block_id = header_parts(header)
    first = message(1, version) + data(2, chain_id) + integer(3, height) + message(4, time) + message(5, block_id)
    return first + b"".join(data(6 + index, hash_) for index, hash_ in enumerate(header["hashes"]))


def header_hash(header):
    version, chain_id, height, time, block_id = header_parts(header)
    leaves = [version, data(1, chain_id), integer(1, height), time, block_id]
    return merkle_root(leaves + [data(1, hash_) for hash_ in header["hashes"]])


def read_signature(raw):
    fields = read(raw, (1,))
    return {
        "flag": fields.get(1, 0),
        "address": fields.get(2, b""),
        "time": read_time(fields.get(3, b"")),
        "signature": fields.get(4, b""),
    }


def write_signature(one):
    return integer(1, one["flag"]) + data(2, one["address"]) + message(3, write_time(one["time"])) + data(4, one["signature"])


def read_validator(raw):
    fields = read(raw, (3, 4))
    return {"address": fields.get(1, b""), "key": read(fields.get(2, b"")).get(1, b""), "power": fields.get(3, 0)}


def write_validator(one):
    return data(1, one["address"]) + message(2, data(1, one["key"])) + integer(3, one["power"])


def set_hash(validators):
    return merkle_root([message(1, data(1, one["key"])) + integer(2, one["power"]) for one in validators])


def read_light_block(raw):
    """A block whose bytes are in the one form that holds nothing beside what is hashed and signed."""
    demand(len(raw) <= 524288, "MALFORMED: too many bytes")
    block = read(raw)
    signed = read(block.get(1, b""))
    commit = read(signed.get(2, b""), (1, 2), (4,))
    result = {
        "header": read_header(signed.get(1, b"")),
        "height": commit.get(1, 0),
        "round": commit.get(2, 0),
        "block_id": read_block_id(commit.get(3, b"")),
        "signatures": [read_signature(one) for one in commit[4]],
        "validators": [read_validator(one) for one in read(block.get(2, b""), (3,), (1,))[1]],
    }
    check_limits(result)
    demand(write_light_block(result) == raw, "MALFORMED: other bytes than those that are signed")
    return result


def write_light_block(block):
    commit = integer(1, block["height"]) + integer(2, block["round"]) + message(3, write_block_id(block["block_id"]))
    commit += b"".join(message(4, write_signature(one)) for one in block["signatures"])
    validators = b"".join(message(1, write_validator(one)) for one in block["validators"])
    return message(1, message(1, write_header(block["header"])) + message(2, commit)) + message(2, validators)


def check_limits(block):
    header, validators = block["header"], block["validators"]
    *hashes, proposer = header["hashes"]
    app_hash = hashes.pop(5)
    block_hashes = (header["last_block_id"][0], header["last_block_id"][2], *hashes)
    demand(all(len(hash_) in (0, 32) for hash_ in block_hashes), "MALFORMED: a hash is not of 32 bytes")
    demand(len(app_hash) <= 255 and len(proposer) == 20, "MALFORMED: app hash or proposer")
    demand(len(header["chain_id"]) <= 50, "MALFORMED: a long chain id")
    demand(1 <= header["height"] < 2**53 and 1 <= block["height"] < 2**53, "MALFORMED: a height")
    demand(0 <= block["round"] < 2**31, "MALFORMED: a round")
    hash_, parts, parts_hash = block["block_id"]
    demand(len(hash_) == len(parts_hash) == 32, "MALFORMED: a commit for no block")
    demand(all(0 <= total < 2**32 for total in (parts, header["last_block_id"][1])), "MALFORMED: a number of parts")
    times = [header["time"], *(one["time"] for one in block["signatures"])]
    demand(all(NO_TIME[0] <= s <= 253402300799 and 0 <= ns < 10**9 for s, ns in times), "MALFORMED: a time")
    demand(1 <= len(block["signatures"]) <= 1000 and 1 <= len(validators) <= 1000, "MALFORMED: too many, or none")
    for one in block["signatures"]:
        sizes = (len(one["address"]), len(one["signature"]))
        absent = one["flag"] == ABSENT and sizes == (0, 0) and one["time"] == NO_TIME
        demand(absent or (one["flag"] in (COMMIT, NIL) and sizes == (20, 64)), "MALFORMED: a commit signature")
    for one in validators:
        demand(len(one["key"]) == 32 and one["address"] == address_of(one["key"]), "MALFORMED: a validator")
        demand(one["power"] >= 1, "MALFORMED: a validator without power")
    demand(sum(one["power"] for one in validators) <= 2**50, "MALFORMED: too much power")
    demand(len({one["key"] for one in validators}) == len(validators), "MALFORMED: a validator twice")


def merkle_root(leaves):
    """RFC 6962, section 2.1."""
    if not leaves:
        return sha256()
    if len(leaves) == 1:
        return sha256(b"\0", leaves[0])
    left = 1 << (len(leaves) - 1).bit_length() - 1
    return sha256(b"\1", merkle_root(leaves[:left]), merkle_root(leaves[left:]))


def address_of(key):
    return sha256(key)[:20]


# The checks, in this order.


def check_form(block, chain_id):
    header = block["header"]
    demand(header["chain_id"] == chain_id.encode(), f"WRONG_CHAIN: {header['chain_id']!r}")
    demand(header["version"][0] == BLOCK_VERSION, f"WRONG_VERSION: {header['version'][0]}")
    demand(block["height"] == header["height"], "COMMIT_MISMATCH: of another height")
    demand(block["block_id"][0] == header_hash(header), "COMMIT_MISMATCH: of another block")
    demand(header["hashes"][2] == set_hash(block["validators"]), "VALIDATORS_MISMATCH")
    demand(len(block["signatures"]) == len(block["validators"]), "WRONG_SIGNER: not as many as validators")
    for one, validator in zip(block["signatures"], block["validators"]):
        demand(one["flag"] == ABSENT or one["address"] == validator["address"], "WRONG_SIGNER")


def trusted_genesis(genesis):
    keys = [(key_from_text(one["publicKey"]), one["power"]) for one in genesis["validators"]]
    validators = [{"key": key, "power": power, "address": address_of(key)} for key, power in keys]
    validators.sort(key=lambda one: (-one["power"], one["address"]))
    seconds, ms = divmod(genesis["timeMs"], 1000)
    # The first block has the very time of the genesis.
    height = genesis.get("origin", {}).get("height", 0)
    return {"height": height, "time": (seconds, ms * 10**6 - 1), "validators": validators, "next": set_hash(validators)}


def trusted_block(block):
    header = block["header"]
    return {"height": header["height"], "time": header["time"], "validators": block["validators"], "next": header["hashes"][3]}


def check_trust(trusted, block):
    header = block["header"]
    demand(header["height"] > trusted["height"], "NOT_LATER")
    demand(header["time"] > trusted["time"], "TIME_NOT_LATER")
    if header["height"] == trusted["height"] + 1:
        demand(header["hashes"][2] == trusted["next"], "NEXT_VALIDATORS_MISMATCH")
        return
    signers = {one["key"] for one, vote in zip(block["validators"], block["signatures"]) if vote["flag"] == COMMIT}
    total = sum(one["power"] for one in trusted["validators"])
    signed = sum(one["power"] for one in trusted["validators"] if one["key"] in signers)
    demand(3 * signed > 2 * total, f"TRUST_TOO_LOW: {signed} of {total} signed {header['height']}")


def check_commit(block):
    pairs = list(zip(block["validators"], block["signatures"]))
    total = sum(one["power"] for one, _ in pairs)
    signed = sum(one["power"] for one, vote in pairs if vote["flag"] == COMMIT)
    demand(3 * signed > 2 * total, f"POWER_TOO_LOW: {signed} of {total}")
    for one, vote in pairs:
        if vote["flag"] != ABSENT:
            signature = (one["key"], vote_bytes(block, vote), vote["signature"])
            demand(verify_bytes(*signature) or verify_zip215(*signature), "BAD_SIGNATURE")


def vote_bytes(block, vote):
    parts = integer(1, 2) + fixed(2, block["height"]) + fixed(3, block["round"])
    if vote["flag"] == COMMIT:
        parts += message(4, write_block_id(block["block_id"]))
    return delimited(parts + message(5, write_time(vote["time"])) + data(6, block["header"]["chain_id"]))
