"""A node over HTTP, with the standard library: docs/protocol.md, "Over HTTP"."""

import json
import urllib.error
import urllib.parse
import urllib.request

from keys import did_of_key, key_text, public_key
from transaction import sign_transaction, transaction_hash

# How many blocks ahead a transaction expires unless somebody says otherwise.
EXPIRY_BLOCKS = 1_000


class NodeRefused(Exception):
    """The node's problem document (RFC 9457)."""

    def __init__(self, problem):
        super().__init__(f"{problem.get('code')} {problem.get('name')}: {problem.get('hint') or problem.get('detail')}")
        self.problem = problem


def fetch(node, path, body=None):
    request = urllib.request.Request(node.rstrip("/") + path, data=body)
    if body is not None:
        request.add_header("Content-Type", "application/octet-stream")
    try:
        with urllib.request.urlopen(request, timeout=30) as response:
            return response.read()
    except urllib.error.HTTPError as error:
        raise NodeRefused(json.loads(error.read())) from error


def fetch_json(node, path):
    return json.loads(fetch(node, path))


def submit(node, seed, body, signer=None, key_id=None, sequence=None, expiry_height=None):
    """Builds, signs and sends; answers the node's receipt once the block is on its disk."""
    network = fetch_json(node, "/v1/network")
    signer = signer or did_of_key(public_key(seed))
    if sequence is None:
        sequence = fetch_json(node, f"/v1/signers/{urllib.parse.quote(signer, safe=':')}")["sequence"]
    tx = {
        "chainId": network["network"],
        "signer": signer,
        "keyId": key_id or key_text(public_key(seed)),
        "sequence": sequence,
        "expiryHeight": network["height"] + EXPIRY_BLOCKS if expiry_height is None else expiry_height,
        "body": body,
    }
    return send(node, sign_transaction(tx, seed))


def send(node, data):
    receipt = json.loads(fetch(node, "/v1/transactions", data))
    if receipt["hash"] != transaction_hash(data).hex():
        raise ValueError(f"the node answers for another transaction, {receipt['hash']}")
    return receipt


def fetch_bundle(node, proposal):
    return fetch(node, f"/v1/proposals/{urllib.parse.quote(proposal)}/bundle")
