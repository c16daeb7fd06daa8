"""Verifies an audit bundle with nothing but the file: docs/protocol.md, "Audit bundles"."""

import json
import re
from pathlib import Path

import light
import tally
from canonical import decode, encode
from keys import TRANSACTION, identity_did, key_from_text, key_of_did, sha256, verify
from merkle import log_leaf, log_of, log_root, root_of_proof, row_path, signed_power
from transaction import parse

ORIGIN_FIELDS = {"chainId", "genesisHash", "height", "blockHash", "appHash", "earlier", "federation"}
FIELDS = {"format", "chainId", "proposal", "rollEntries", "votes", "identities", "result", "proofs", "genesis"}
# What proves the state, by format.
FINALITY = {"icn-audit-bundle/1": "header", "icn-audit-bundle/2": "lightBlocks"}
TABLES = Path(__file__).resolve().parent.parent / "tables.json"
KEY_RECORDS = ("identity.register", "identity.rotate", "identity.deactivate")
# What a passed proposal may have become since.
AFTER_PASSING = ("passed", "queued", "executed", "exec_failed", "vetoed", "expired")


class Failed(Exception):
    pass


def demand(condition, message):
    if not condition:
        raise Failed(message)


def verify_bundle(data, genesis_hash=None):
    """{"ok", "result", "checks": [{"name", "ok", "detail"}…]}; never raises, whatever the bytes."""
    checks = []
    bundle = run(checks, "format", lambda: read(data))
    if bundle is not None:
        steps = {
            "genesis": lambda: check_genesis(bundle, genesis_hash),
            **finality_steps(bundle),
            "proposal proof": lambda: check_proof(bundle, "proposal", "proposal"),
            "ballot box proof": lambda: check_proof(bundle, "ballotBox", "ballot_box"),
            "proposal": lambda: check_proposal(bundle),
            "roll": lambda: check_roll(bundle),
            "vote log": lambda: check_vote_log(bundle),
            "vote signatures": lambda: check_votes(bundle),
            "roll membership": lambda: check_voters(bundle),
            "ballots": lambda: check_ballots(bundle),
            "result": lambda: check_result(bundle),
        }
        for name, step in steps.items():
            run(checks, name, step)
    ok = all(check["ok"] for check in checks)
    return {"ok": ok, "result": bundle["result"] if bundle else None, "checks": checks}


def run(checks, name, step):
    try:
        answer = step()
        checks.append({"name": name, "ok": True, "detail": answer if isinstance(answer, str) else ""})
        return answer
    except Exception as error:  # Hostile input: whatever goes wrong is a failed check.
        checks.append({"name": name, "ok": False, "detail": f"{type(error).__name__}: {error}"})
        return None


def read(data):
    bundle = decode(data)
    demand(isinstance(bundle, dict) and bundle.get("format") in FINALITY, "expected icn-audit-bundle/1 or /2")
    demand(set(bundle) == FIELDS | {FINALITY[bundle["format"]]}, "expected the fields of a bundle")
    demand(1 <= len(bundle.get("lightBlocks", [b""])) <= 1000, "expected 1 to 1,000 light blocks")
    return bundle


def finality_steps(bundle):
    if "header" in bundle:
        return {"header": lambda: check_header(bundle), "validator signatures": lambda: check_signatures(bundle)}
    return {
        "light blocks": lambda: check_light_blocks(bundle),
        "genesis validators": lambda: check_first_block(bundle),
        "validator changes": lambda: check_next_blocks(bundle),
        "commit signatures": lambda: check_commits(bundle),
    }


def check_genesis(bundle, genesis_hash):
    found = sha256(encode(bundle["genesis"])).hex()
    fault = origin_fault(bundle["genesis"])
    demand(fault is None, f"the origin of the genesis: {fault}")
    demand(genesis_hash in (None, found), f"the genesis is {found}, not {genesis_hash}")
    return f"{found}{'' if genesis_hash else ' (compare it with one that you trust)'}"


def header_of(bundle):
    return decode(decode(bundle["header"])[0])


def check_header(bundle):
    header = header_of(bundle)
    names = (bundle["chainId"], bundle["genesis"]["chainId"], header["chainId"])
    demand(len(set(names)) == 1, f"chain ids differ: {names}")
    return f"height {header['height']}"


def check_signatures(bundle):
    genesis = bundle["genesis"]
    # Who began a network alone could sign such a header long after others vote.
    several = genesis["params"].get("maxValidators", 1 if len(genesis["validators"]) == 1 else 100) > 1
    demand(not several, "a network that may have several validators is proved by light blocks, not by a header")
    signed, total = signed_power(bundle["header"], bundle["genesis"]["validators"])
    demand(3 * signed > 2 * total, f"{signed} of {total} is not more than two thirds")
    return f"{signed} of {total}"


def light_blocks_of(bundle):
    return [light.read_light_block(block) for block in bundle["lightBlocks"]]


def check_light_blocks(bundle):
    demand(bundle["chainId"] == bundle["genesis"]["chainId"], "chain ids differ")
    blocks = light_blocks_of(bundle)
    for block in blocks:
        light.check_form(block, bundle["chainId"])
    return f"heights {[block['height'] for block in blocks]}"


def check_first_block(bundle):
    light.check_trust(light.trusted_genesis(bundle["genesis"]), light_blocks_of(bundle)[0])


def check_next_blocks(bundle):
    blocks = light_blocks_of(bundle)
    for before, block in zip(blocks, blocks[1:]):
        light.check_trust(light.trusted_block(before), block)


def check_commits(bundle):
    for block in light_blocks_of(bundle):
        light.check_commit(block)


def app_hash_of(bundle):
    return header_of(bundle)["appHash"] if "header" in bundle else light_blocks_of(bundle)[-1]["header"]["hashes"][5]


def check_proof(bundle, name, table):
    proof = bundle["proofs"][name]
    key = [bundle["proposal"]["id"]]
    demand((proof["table"], proof["key"], proof["module"]) == (table, key, "governance"), "the proof is of another row")
    demand(proof["row"]["path"] == row_path(table, key), "the path is not the one of the row")
    demand(root_of_proof(proof["row"]) == proof["moduleRoot"]["value"], "the row is not under the module's root")
    demand(proof["moduleRoot"]["path"] == row_path("module", ["governance"]), "the path is not the one of the module")
    demand(root_of_proof(proof["moduleRoot"]) == app_hash_of(bundle), "the module's root is not under the app hash")
    if "header" not in bundle:
        return
    demand(header_of(bundle)["moduleRoots"]["governance"] == proof["moduleRoot"]["value"], "the header has another module root")


def row_of(bundle, name, table):
    """The proven row by column: its value is the list of key columns, then the others, as declared."""
    declared = next(entry for entry in json.loads(TABLES.read_text()) if entry["table"] == table)
    columns = [entry["column"] for entry in declared["key"] + declared["columns"]]
    values = decode(bundle["proofs"][name]["row"]["value"])
    demand(len(values) == len(columns), f"a row of {table} has {len(columns)} columns, not {len(values)}")
    return dict(zip(columns, values))


def check_proposal(bundle):
    proposal = bundle["proposal"]
    demand(proposal == row_of(bundle, "proposal", "proposal"), "the proposal is not the proven row")
    names = ("org", "type", "title", "text", "method", "options", "actions", "seats", "maxScore", "budgetMinor")
    content = sha256(encode({name: proposal[name] for name in names})).hex()
    demand(content == proposal["contentHash"], "the content hash is another one")
    return proposal["title"]


def check_roll(bundle):
    roll, entries = bundle["proposal"]["roll"], bundle["rollEntries"]
    demand([entry[0] for entry in entries] == list(range(roll["version"])), "versions are not 0, 1, 2, …")
    root = log_root(log_of([log_leaf(encode(entry)) for entry in entries])).hex()
    demand(root == roll["root"], "the entries lead to another root")
    demand(len(voices(bundle)) == roll["heads"], "another number of members has voice")
    return f"{roll['heads']} members with voice"


def voices(bundle):
    """Who has voice after all entries; a member comes in and goes out in turns."""
    members = set()
    for _, did, change in bundle["rollEntries"]:
        demand((did in members) == (change == "out"), f"{did} goes {change} twice")
        (members.add if change == "in" else members.remove)(did)
    return members


def check_vote_log(bundle):
    box = row_of(bundle, "ballotBox", "ballot_box")
    log = log_of([log_leaf(sha256(vote)) for vote in bundle["votes"]])
    demand(log == box["log"], f"{log['size']} votes do not make the log of {box['log']['size']} votes")
    return f"{log['size']} votes, changed ones included"


def votes_of(bundle):
    return [parse(vote) for vote in bundle["votes"]]


def check_votes(bundle):
    identities = identity_records(bundle)
    for position, (tx, payload, signature) in enumerate(votes_of(bundle)):
        demand(tx["chainId"] in chain_ids_of(bundle["genesis"]), f"vote {position} is for another network")
        body = tx["body"]
        demand(body["kind"] == "vote.cast" and body["proposal"] == bundle["proposal"]["id"], f"vote {position} is no such vote")
        key = signing_key(tx, identities)
        demand(key is not None and verify(TRANSACTION, key, payload, signature), f"vote {position} is not signed")


def origin_fault(genesis):
    """What is wrong with the network of whose state another one is made; None: nothing, or there is none."""
    origin = genesis.get("origin")
    if origin is None:
        return None
    if set(origin) != ORIGIN_FIELDS or type(origin["height"]) is not int or origin["height"] < 1:
        return "not of the form"
    if not all(re.fullmatch("[0-9a-f]{64}", origin[name]) for name in ("genesisHash", "blockHash", "appHash")):
        return "a hash is none"
    if "federation" in genesis:
        return "a federation beside the origin"
    if len(origin["earlier"]) > 100 or len(set(chain_ids_of(genesis))) < len(origin["earlier"]) + 2:
        return "a network twice, or too many"
    return None


def chain_ids_of(genesis):
    """Of the network, and of those of whose state it was made."""
    origin = genesis.get("origin")
    return [genesis["chainId"], *([origin["chainId"], *origin["earlier"]] if origin else [])]


def identity_records(bundle):
    """Registrations, rotations and deactivations by signer, in the order of their sequence."""
    records = {}
    for _, data in bundle["identities"]:
        parsed = parse(data)
        demand(parsed[0]["body"]["kind"] in KEY_RECORDS, "a record of another kind")
        demand(parsed[0]["chainId"] in chain_ids_of(bundle["genesis"]), "a record of another network")
        records.setdefault(parsed[0]["signer"], []).append(parsed)
    return {signer: sorted(list_, key=lambda parsed: parsed[0]["sequence"]) for signer, list_ in records.items()}


def signing_key(tx, identities):
    """A did:key is its own key; of a did:icn, the key that stood in its document at this sequence."""
    if tx["signer"].startswith("did:key:"):
        return key_of_did(tx["signer"]) if tx["signer"] == f"did:key:{tx['keyId']}" else None
    keys = keys_before(tx["signer"], tx["sequence"], identities.get(tx["signer"], []))
    return key_from_text(keys[tx["keyId"]]) if tx["keyId"] in keys else None


def keys_before(did, sequence, records):
    keys = {}
    for index, (tx, payload, signature) in enumerate(records):
        body = tx["body"]
        if tx["sequence"] >= sequence:
            break
        if index == 0:
            demand(body["kind"] == "identity.register" and identity_did(tx["chainId"], body) == did, f"{did} is not what its first record makes")
            keys = {key["id"]: key["publicKey"] for key in body["keys"]}
        key = keys.get(tx["keyId"])
        demand(key and verify(TRANSACTION, key_from_text(key), payload, signature), f"a record of {did} is not signed")
        if body["kind"] == "identity.rotate":
            keys = {id_: key for id_, key in keys.items() if id_ not in body["revoke"]}
            keys |= {key["id"]: key["publicKey"] for key in body["add"]}
        if body["kind"] == "identity.deactivate":
            keys = {}
    return keys


def check_voters(bundle):
    members = voices(bundle)
    for tx, _, _ in votes_of(bundle):
        demand(tx["signer"] in members, f"{tx['signer']} is not on the roll")


def ballots_in_force(bundle):
    """The last ballot of each voter, in the order of the log."""
    return {tx["signer"]: tx["body"]["ballot"] for tx, _, _ in votes_of(bundle)}


def check_ballots(bundle):
    for tx, _, _ in votes_of(bundle):
        demand(tally.is_ballot(bundle["proposal"], tx["body"]["ballot"]), f"{tx['body']['ballot']} is no ballot here")


def check_result(bundle):
    proposal, ballots = bundle["proposal"], list(ballots_in_force(bundle).values())
    demand(bundle["result"] == proposal["result"], "the result is not the one of the proposal")
    demand(row_of(bundle, "ballotBox", "ballot_box")["turnoutHeads"] == len(ballots), "the turnout is another one")
    counted = tally.count(proposal, ballots)
    decision, result = tally.decide(counted, proposal["rules"], proposal["roll"], len(ballots))
    demand(result == proposal["result"], f"the recount says {result}")
    allowed = AFTER_PASSING if decision == "passed" else (decision,)
    demand(proposal["status"] in allowed, f"the recount says {decision}, the ledger {proposal['status']}")
    return decision
