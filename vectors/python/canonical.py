"""Canonical DAG-CBOR: docs/protocol.md, "Encoding". cbor2 writes; reading is by hand, so that the first fault has its code."""

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
    data = cbor2.dumps(value, canonical=True)
    decode(data)
    return data


def decode(data, max_depth=MAX_DEPTH, max_items=100_000_000):
    reader = Reader(data, max_items)
    value = reader.value(max_depth)
    if reader.at != len(data):
        raise Refused("NON_CANONICAL", "bytes after the value")
    return value


class Reader:
    def __init__(self, data, max_items):
        self.data, self.at, self.items_left = data, 0, max_items

    def value(self, depth):
        major, minor = self.head()
        if major == 0:
            return self.integer(minor)
        if major == 1:
            number = -1 - self.integer(minor)
            if number < -MAX_INTEGER:
                raise Refused("BAD_AMOUNT", str(number))
            return number
        if major == 2:
            return self.take(self.length(minor))
        if major == 3:
            return self.text(self.length(minor))
        if major in (4, 5):
            length = self.length(minor)
            if depth == 0:
                raise Refused("NON_CANONICAL", "too many lists and maps within each other")
            return [self.value(depth - 1) for _ in range(length)] if major == 4 else self.map(length, depth - 1)
        if major == 7 and minor in (20, 21, 22):
            return {20: False, 21: True, 22: None}[minor]
        if major == 7 and minor in (25, 26, 27):
            raise Refused("BAD_AMOUNT", "a float")
        raise Refused("NON_CANONICAL", "a tag, a break or an unknown simple value")

    def head(self):
        """Type and first number of a value or key, each of which is an item."""
        self.items_left -= 1
        if self.items_left < 0:
            raise Refused("TOO_LARGE", "too many items")
        byte = self.take(1)[0]
        return byte >> 5, byte & 31

    def take(self, length):
        if length > len(self.data) - self.at:
            raise Refused("NON_CANONICAL", "the input ends early")
        self.at += length
        return self.data[self.at - length : self.at]

    def integer(self, minor, most=MAX_INTEGER):
        if minor < 24:
            return minor
        if minor > 27:
            raise Refused("NON_CANONICAL", "an indefinite or reserved length")
        size = 2 ** (minor - 24)
        number = int.from_bytes(self.take(size), "big")
        if number < (24 if size == 1 else 256 ** (size // 2)):
            raise Refused("NON_CANONICAL", "a number in a longer form than needed")
        if number > most:
            raise Refused("BAD_AMOUNT", str(number))
        return number

    def length(self, minor):
        """In bytes or items, each of which takes a byte at least."""
        length = self.integer(minor, most=2**64)
        if length > len(self.data) - self.at:
            raise Refused("NON_CANONICAL", "a length beyond the input")
        return length

    def text(self, length):
        try:
            return self.take(length).decode("utf-8")
        except UnicodeDecodeError as error:
            raise Refused("NON_CANONICAL", str(error)) from error

    def map(self, length, depth):
        found, previous = {}, None
        for _ in range(length):
            major, minor = self.head()
            if major != 3:
                raise Refused("NON_CANONICAL", "a key that is not text")
            size = self.length(minor)
            place = (size, self.data[self.at : self.at + size])
            if previous is not None and place <= previous:
                raise Refused("NON_CANONICAL", "keys out of order")
            key, previous = self.text(size), place
            if key in FORBIDDEN_KEYS:
                raise Refused("FORBIDDEN_KEY", key)
            found[key] = self.value(depth)
        return found
