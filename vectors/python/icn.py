"""A second implementation of the protocol, in Python. See README.md beside this file.

python3 icn.py check-vectors                                     every file of vectors/*.json
python3 icn.py key FILE                                          make a secret, mode 0600; print its DID
python3 icn.py build --key FILE --chain ID --sequence N --expiry H --body JSON        signed bytes in hexadecimal
python3 icn.py submit --node URL --key FILE --body JSON          sign with what the node says comes next, and send
python3 icn.py send --node URL HEX                               signed bytes as they stand
python3 icn.py parse < FILE                                      per line of signed bytes in hexadecimal: accepted, or the code
python3 icn.py count < FILE                                      a list of elections as in counts.json; a list of results
python3 icn.py fetch-bundle --node URL PROPOSAL > FILE           the audit bundle of a decision
python3 icn.py verify-bundle FILE [--genesis-hash HEX]           with no node; exit code 1 unless every check passes
"""

import argparse
import json
import os
import secrets
import sys
from pathlib import Path

import check_vectors
import tally
from bundle import verify_bundle
from canonical import Refused
from keys import did_of_key, key_text, public_key
from node import NodeRefused, fetch_bundle, send, submit
from transaction import parse, sign_transaction


def main():
    options = arguments().parse_args()
    try:
        return options.run(options)
    except NodeRefused as refused:
        print(json.dumps({"error": refused.problem}), file=sys.stderr)
        return 1


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(required=True)

    def command(name, run, *names, **flags):
        sub = commands.add_parser(name)
        sub.set_defaults(run=run)
        for positional in names:
            sub.add_argument(positional)
        for flag, settings in flags.items():
            sub.add_argument(f"--{flag.replace('_', '-')}", **settings)

    needed, number = {"required": True}, {"type": int}
    identity = {"signer": {}, "key_id": {}}
    command("check-vectors", run_check_vectors)
    command("key", run_key, "file")
    command("build", run_build, key=needed, chain=needed, sequence=needed | number, expiry=needed | number, body=needed, **identity)
    command("submit", run_submit, node=needed, key=needed, body=needed, sequence=number, expiry=number, **identity)
    command("parse", run_parse)
    command("count", run_count)
    command("send", run_send, "bytes", node=needed)
    command("fetch-bundle", run_fetch_bundle, "proposal", node=needed)
    command("verify-bundle", run_verify_bundle, "file", genesis_hash={})
    return parser


def read_seed(path):
    seed = bytes.fromhex(Path(path).read_text().strip())
    if len(seed) != 32:
        raise SystemExit(f"{path}: expected 32 bytes in hexadecimal")
    return seed


def read_body(text):
    """JSON, or `@FILE` that holds it."""
    return json.loads(Path(text[1:]).read_text(encoding="utf-8") if text.startswith("@") else text)


def run_check_vectors(_):
    report = check_vectors.check_all()
    for file, count in report.checked.items():
        print(f"{count:6} {file}")
    for failure in report.failures:
        print(f"FAILED {failure}", file=sys.stderr)
    print(f"{sum(report.checked.values())} checks, {len(report.failures)} failed")
    return 1 if report.failures else 0


def run_key(options):
    seed = secrets.token_bytes(32)
    handle = os.open(options.file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write(seed.hex() + "\n")
    print(did_of_key(public_key(seed)))
    return 0


def run_build(options):
    seed = read_seed(options.key)
    tx = {
        "chainId": options.chain,
        "signer": options.signer or did_of_key(public_key(seed)),
        "keyId": options.key_id or key_text(public_key(seed)),
        "sequence": options.sequence,
        "expiryHeight": options.expiry,
        "body": read_body(options.body),
    }
    data = sign_transaction(tx, seed)
    parse(data)
    print(data.hex())
    return 0


def run_submit(options):
    parts = (options.node, read_seed(options.key), read_body(options.body))
    print(json.dumps(submit(*parts, options.signer, options.key_id, options.sequence, options.expiry)))
    return 0


def run_parse(_):
    for line in sys.stdin:
        try:
            parse(bytes.fromhex(line))
            print("accepted")
        except Refused as refused:
            print(refused.code)
    return 0


def run_count(_):
    print(json.dumps([tally.count(election, election["ballots"]) for election in json.load(sys.stdin)]))
    return 0


def run_send(options):
    print(json.dumps(send(options.node, bytes.fromhex(options.bytes))))
    return 0


def run_fetch_bundle(options):
    sys.stdout.buffer.write(fetch_bundle(options.node, options.proposal))
    return 0


def run_verify_bundle(options):
    answer = verify_bundle(Path(options.file).read_bytes(), options.genesis_hash)
    print(json.dumps(answer, indent=1))
    return 0 if answer["ok"] else 1


if __name__ == "__main__":
    sys.exit(main())
