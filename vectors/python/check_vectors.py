"""Every file of vectors/*.json against this implementation."""

import base64
import json
from pathlib import Path

import keys
import light
import merkle
import tally
from bundle import chain_ids_of, origin_fault, verify_bundle
from canonical import Refused, decode, encode
from schema import BODIES
from transaction import check_schema, parse, sign_transaction, transaction_hash
from zip215 import verify_zip215

FOLDER = Path(__file__).resolve().parent.parent


class Report:
    def __init__(self):
        self.checked, self.failures = {}, []
        self.file = ""

    def equal(self, found, expected, name):
        self.checked[self.file] = self.checked.get(self.file, 0) + 1
        if found != expected:
            self.failures.append(f"{self.file}: {name}: {found!r} instead of {expected!r}")


def check_all():
    report = Report()
    for file, check in CHECKS.items():
        report.file = file
        try:
            check(json.loads((FOLDER / file).read_text(encoding="utf-8")), report.equal)
        except Exception as error:  # A bug of this program must not hide the other files.
            report.failures.append(f"{file}: {type(error).__name__}: {error}")
    known = {str(path.relative_to(FOLDER)) for path in FOLDER.glob("*.json")} | set(SIGNATURE_FILES)
    report.failures += [f"{file} is not checked" for file in sorted(known - set(CHECKS))]
    return report


def from_hex(value):
    """Hexadecimal to bytes in every field that is no name."""
    if isinstance(value, dict):
        return {key: item if key in ("side", "name") else from_hex(item) for key, item in value.items()}
    return [from_hex(item) for item in value] if isinstance(value, list) else bytes.fromhex(value)


def from_dag_json(value):
    if isinstance(value, list):
        return [from_dag_json(item) for item in value]
    if not isinstance(value, dict):
        return value
    if set(value) == {"/"}:
        data = value["/"]["bytes"]
        return base64.b64decode(data + "=" * (-len(data) % 4))
    return {key: from_dag_json(item) for key, item in value.items()}


def code_of(function, data):
    try:
        function(data)
        return "accepted"
    except Refused as refused:
        return refused.code


def check_encoding(vectors, equal):
    for vector in vectors["accepted"]:
        value, data = from_dag_json(vector["value"]), bytes.fromhex(vector["bytes"])
        equal(encode(value).hex(), vector["bytes"], vector["name"])
        equal(decode(data), value, vector["name"])
    for vector in vectors["refused"]:
        equal(code_of(decode, bytes.fromhex(vector["bytes"])), vector["code"], vector["name"])


def check_published(vectors, equal):
    wide = "ZIP 215" in vectors["source"]
    for vector in vectors["vectors"]:
        key, data, signature = (bytes.fromhex(vector[name]) for name in ("publicKey", "message", "signature"))
        equal(keys.verify_bytes(key, data, signature), vector["valid"], vector["name"])
        if wide or vector["valid"]:
            equal(verify_zip215(key, data, signature), True, f"{vector['name']} by ZIP 215")
        equal(keys.is_registrable(key), vector["keyRegistrable"], f"key of {vector['name']}")


def check_signatures(vectors, equal):
    for vector in vectors["signed"]:
        seed, payload = bytes.fromhex(vector["seed"]), bytes.fromhex(vector["payload"])
        key = keys.public_key(seed)
        equal(key.hex(), vector["publicKey"], "public key")
        equal(keys.key_text(key), vector["keyText"], "text of the key")
        equal(keys.did_of_key(key), vector["did"], "DID")
        equal(keys.message(vector["domain"], payload).hex(), vector["message"], "message")
        signature = keys.sign(vector["domain"], payload, seed)
        equal(signature.hex(), vector["signature"], "signature")
        equal(keys.verify(vector["domain"], key, payload, signature), True, "verification")


def check_names(vectors, equal):
    for vector in vectors["keys"]:
        key = keys.public_key(bytes.fromhex(vector["seed"]))
        equal(key.hex(), vector["publicKey"], "public key")
        equal(keys.key_text(key), vector["keyText"], "text of the key")
        equal(keys.key_from_text(vector["keyText"]), key, "key of the text")
        equal(keys.did_of_key(key), vector["did"], "DID")
    for vector in vectors["notKeys"]:
        equal(keys.key_from_text(vector["keyText"]), None, vector["name"])
    for vector in vectors["identities"]:
        equal(keys.identity_did(vector["chainId"], vector["body"]), vector["did"], "identity")
    for vector in vectors["ids"]:
        parts = (vector["kind"], vector["height"], vector["index"], bytes.fromhex(vector["seed"]))
        equal(keys.ledger_id(*parts), vector["id"], "id")
    for vector in vectors["organizations"]:
        equal(f"did:icn:{vector['chainId']}:{vector['id']}", vector["did"], "organization")
    for vector in vectors["invitations"]:
        parts = (vector["chainId"], vector["invitation"], vector["applicant"])
        equal(keys.invitation_message(*parts).hex(), vector["message"], "message of an invitation")
        equal(keys.prove_invitation(*parts, bytes.fromhex(vector["seed"])), vector["proof"], "proof of an invitation")


def check_transactions(vectors, equal):
    for vector in vectors["accepted"]:
        seed, tx, kind = bytes.fromhex(vector["seed"]), vector["tx"], vector["kind"]
        data = sign_transaction(tx, seed)
        equal(data.hex(), vector["bytes"], kind)
        equal(transaction_hash(data).hex(), vector["hash"], kind)
        parsed, payload, signature = parse(data)
        equal((parsed, payload.hex(), signature.hex()), (tx, vector["payload"], vector["signature"]), kind)
        for name in tx["body"]:
            without = {key: value for key, value in tx["body"].items() if key != name}
            equal(code_of(check_schema, tx | {"body": without}), "BAD_BODY", f"{kind} without {name}")
    equal({vector["kind"] for vector in vectors["accepted"]}, set(BODIES), "every kind")
    for vector in vectors["refused"]:
        equal(code_of(parse, bytes.fromhex(vector["bytes"])), vector["code"], vector["name"])


def check_rejects(vectors, equal):
    codes = vectors["codes"]
    equal(len(set(codes.values())), len(codes), "every number once")
    for name in ("TOO_LARGE", "NON_CANONICAL", "BAD_AMOUNT", "FORBIDDEN_KEY", "BAD_BODY", "UNKNOWN_KIND", "BAD_SIGNATURE"):
        equal(name in codes, True, name)


def check_tables(vectors, equal):
    equal(len({table["table"] for table in vectors}), len(vectors), "every table once")


def check_rows(vectors, equal):
    tables = {table["table"]: table for table in json.loads((FOLDER / "tables.json").read_text())}
    for vector in vectors:
        table, row = tables[vector["table"]], vector["row"]
        key = [row[entry["column"]] for entry in table["key"]]
        value = encode(key + [row[entry["column"]] for entry in table["columns"]])
        path = merkle.row_path(vector["table"], key)
        equal(encode([vector["table"], *key]).hex(), vector["pathBytes"], "path bytes")
        equal(path.hex(), vector["path"], "path")
        equal(value.hex(), vector["value"], "value")
        equal(merkle.leaf_hash(path, value).hex(), vector["leaf"], "leaf")


def check_trees(vectors, equal):
    for tree in vectors["trees"] + [vectors["modules"]]:
        tree = from_hex(tree)
        equal(merkle.tree_root([(row["path"], row["value"]) for row in tree["rows"]]), tree["root"], "root")
        for row, proof in zip(tree["rows"], tree["proofs"], strict=True):
            equal((proof["path"], proof["value"]), (row["path"], row["value"]), "row of a proof")
            equal(merkle.root_of_proof(proof), tree["root"], "proof")
        for absence in tree["absences"]:
            equal(merkle.is_absent(tree["root"], absence), True, "absence")
        for row in tree["rows"]:
            for absence in tree["absences"]:
                equal(merkle.is_absent(tree["root"], absence | {"path": row["path"]}), False, "absence of a row")
    root = bytes.fromhex(vectors["invalid"]["root"])
    for vector in vectors["invalid"]["proofs"]:
        equal(merkle.root_of_proof(from_hex(vector["proof"])) == root, False, vector["name"])
    for vector in vectors["invalid"]["absences"]:
        equal(merkle.is_absent(root, from_hex(vector["absence"])), False, vector["name"])


def check_logs(vectors, equal):
    leaves = [merkle.log_leaf(bytes.fromhex(entry)) for entry in vectors["entries"]]
    equal([leaf.hex() for leaf in leaves], vectors["leaves"], "leaves")
    for size, state in enumerate(vectors["states"]):
        log = merkle.log_of(leaves[:size])
        equal(log | {"root": merkle.log_root(log).hex()}, state, f"{size} entries")
    roll = vectors["roll"]
    encoded = [encode(entry) for entry in roll["entries"]]
    equal([entry.hex() for entry in encoded], roll["encoded"], "roll entries")
    equal(merkle.log_root(merkle.log_of([merkle.log_leaf(entry) for entry in encoded])).hex(), roll["root"], "roll")


def check_lanes(vectors, equal):
    for vector in vectors["groups"]:
        bare = {name: vector[name] and bytes.fromhex(vector[name]) for name in ("transaction", "signature")}
        group = vector | bare
        encoded = encode([group[name] for name in ("index", "transaction", "signature", "events")])
        equal(encoded.hex(), vector["bytes"], f"group at {vector['index']}")
        equal(merkle.lane_group_hash(group).hex(), vector["hash"], f"hash of the group at {vector['index']}")
    leaves = []
    for vector in vectors["blocks"]:
        place = (vector["height"], vector["timeMs"], [bytes.fromhex(hash_) for hash_ in vector["groups"]])
        leaves.append(merkle.lane_leaf(*place))
        equal(encode(list(place)).hex(), vector["bytes"], f"block {vector['height']}")
        equal(leaves[-1].hex(), vector["leaf"], f"leaf of block {vector['height']}")
        equal(merkle.log_of(leaves), vector["log"], f"log after block {vector['height']}")
    for vector in vectors["extensions"]:
        start, end = vector["from"], vector["to"]
        roots = [bytes.fromhex(root) for root in vector["roots"]]
        equal(merkle.extend_log(start, end["size"], roots), end, f"from {start['size']} to {end['size']}")


def check_blocks(vectors, equal):
    genesis = vectors["genesis"]
    equal(keys.sha256(encode(genesis["document"])).hex(), genesis["hash"], "genesis")
    for vector in vectors["origins"]["accepted"]:
        document, name = vector["document"], vector["name"]
        equal(keys.sha256(encode(document)).hex(), vector["hash"], f"genesis of {name}")
        equal(origin_fault(document), None, name)
        equal(chain_ids_of(document), vector["chainIds"], f"chain ids of {name}")
        first = {"height": light.trusted_genesis(document)["height"] + 1, "appHash": document["origin"]["appHash"]}
        equal(first, vector["first"], f"first block of {name}")
    for vector in vectors["origins"]["refused"]:
        equal(origin_fault(vector["document"]) is None, False, vector["name"])
    for vector in vectors["transactions"]:
        leaves = [merkle.log_leaf(bytes.fromhex(hash_)) for hash_ in vector["hashes"]]
        equal(merkle.log_root(merkle.log_of(leaves)).hex(), vector["root"], "transactions")
    for vector in vectors["results"]:
        pairs = [[result["code"], result["result"]] for result in vector["results"]]
        equal(keys.sha256(encode(pairs)).hex(), vector["hash"], "results")
    fields = vectors["header"]["fields"]
    hashes = ("previousHash", "appHash", "transactionsRoot", "resultsHash", "moduleRoots")
    header = encode({name: from_hex(value) if name in hashes else value for name, value in fields.items()})
    equal(header.hex(), vectors["header"]["bytes"], "header")
    equal(keys.sha256(header).hex(), vectors["header"]["hash"], "hash of the header")
    for vector in vectors["signed"]:
        signed, total = merkle.signed_power(bytes.fromhex(vector["bytes"]), genesis["document"]["validators"])
        expected = (vector["signedPower"], vector["totalPower"], vector["isFinal"])
        equal((signed, total, 3 * signed > 2 * total), expected, vector["name"])


def check_counts(vectors, equal):
    for vector in vectors["counts"]:
        equal(tally.count(vector, vector["ballots"]), vector["result"], vector["name"])
        equal(tally.count(vector, vector["ballots"][::-1]), vector["result"], f"{vector['name']}, in another order")
    for vector in vectors["ballots"]:
        proposal = vector | {"options": [{}] * vector["options"]}
        equal(tally.is_ballot(proposal, vector["ballot"]), vector["fits"], f"{vector['method']} ballot {vector['ballot']}")


def check_bundles(vectors, equal):
    for vector in vectors["valid"]:
        answer = verify_bundle(bytes.fromhex(vector["bytes"]))
        equal((answer["ok"], failing(answer)), (True, []), vector["name"])
        equal(answer["result"], vector["result"], f"result of {vector['name']}")
    for vector in vectors["tampered"]:
        answer = verify_bundle(bytes.fromhex(vector["bytes"]))
        equal((answer["ok"], vector["failing"] in failing(answer)), (False, True), f"{vector['name']}: {failing(answer)}")


def check_light(vectors, equal):
    blocks = {vector["height"]: light.read_light_block(bytes.fromhex(vector["bytes"])) for vector in vectors["blocks"]}
    for vector in vectors["blocks"]:
        block, name = blocks[vector["height"]], f"block {vector['height']}"
        equal(light.header_hash(block["header"]).hex(), vector["headerHash"], f"hash of {name}")
        equal(light.set_hash(block["validators"]).hex(), vector["validatorsHash"], f"validators of {name}")
        equal(refusal(light.check_form, block, vectors["genesis"]["chainId"]), None, f"form of {name}")
        equal(refusal(light.check_commit, block), None, f"signatures of {name}")
    trusted = light.trusted_genesis(vectors["genesis"])
    for height in vectors["path"]:
        equal(refusal(light.check_trust, trusted, blocks[height]), None, f"the way to block {height}")
        trusted = light.trusted_block(blocks[height])


def check_light_steps(vectors, equal):
    starts = {name: light.trusted_genesis(vectors[name]) for name in ("genesis", "origin")}
    starts["block"] = light.trusted_block(light.read_light_block(bytes.fromhex(vectors["trusted"])))
    for vector in vectors["accepted"] + vectors["refused"]:
        found = refusal(light_step, starts[vector["from"]], vectors["genesis"]["chainId"], bytes.fromhex(vector["bytes"]))
        equal(found and found.split(":")[0], vector["failure"], vector["name"])


def light_step(trusted, chain_id, data):
    block = light.read_light_block(data)
    light.check_form(block, chain_id)
    light.check_trust(trusted, block)
    light.check_commit(block)


def refusal(check, *inputs):
    try:
        return check(*inputs)
    except light.NotTrusted as error:
        return str(error)


def failing(answer):
    return [check["name"] for check in answer["checks"] if not check["ok"]]


LIGHT_FILES = {"light/cometbft.json": check_light, "light/steps.json": check_light_steps}
SIGNATURE_FILES = ("signatures/wycheproof.json", "signatures/speccheck.json", "signatures/zip215.json")
CHECKS = {
    "encoding.json": check_encoding,
    **{file: check_published for file in SIGNATURE_FILES},
    "signatures.json": check_signatures,
    "names.json": check_names,
    "transactions.json": check_transactions,
    "rejects.json": check_rejects,
    "tables.json": check_tables,
    "rows.json": check_rows,
    "trees.json": check_trees,
    "logs.json": check_logs,
    "lanes.json": check_lanes,
    "blocks.json": check_blocks,
    "counts.json": check_counts,
    "bundles.json": check_bundles,
    **LIGHT_FILES,
}
