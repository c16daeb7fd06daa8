"""The bodies of transactions: docs/protocol.md, "Kinds". A schema is a function that says whether a value fits."""

import re

MAX = 2**53 - 1
DAYS_90 = 90 * 86_400_000


def integer(low=0, high=MAX):
    return lambda value: isinstance(value, int) and not isinstance(value, bool) and low <= value <= high


def text(most, least=0):
    """Lengths count code points."""
    return lambda value: isinstance(value, str) and least <= len(value) <= most


def pattern(expression):
    compiled = re.compile(expression)
    return lambda value: isinstance(value, str) and compiled.fullmatch(value) is not None


def one_of(*values):
    return lambda value: isinstance(value, str) and value in values


def either(*schemas):
    return lambda value: any(schema(value) for schema in schemas)


def list_of(schema, most, least=0):
    return lambda value: isinstance(value, list) and least <= len(value) <= most and all(map(schema, value))


def record(optional=False, **fields):
    def fits(value):
        if not isinstance(value, dict) or not set(value) <= set(fields):
            return False
        return all(fields[name](value[name]) if name in value else optional for name in fields)

    return fits


def action(do, /, **fields):
    return record(do=one_of(do), **fields)


null = lambda value: value is None
chain_id = pattern(r"[a-z0-9][a-z0-9-]{0,49}")
did = pattern(r"did:(key|icn):[a-zA-Z0-9:-]{1,160}")
ledger_id = pattern(r"(?=.{1,48}$)[a-z]{1,8}[0-9]{1,16}-[0-9]{1,10}-[a-z2-7]{6}")
key_id = pattern(r"[a-zA-Z0-9._-]{1,64}")
key_text = pattern(r"z6Mk[1-9A-HJ-NP-Za-km-z]{44}")
name, title, long_text, comment = text(120, 1), text(200, 1), text(20_000), text(5_000)
role = pattern(r"[a-z][a-z0-9-]{0,31}")
slug = pattern(r"[a-z0-9][a-z0-9-]{0,63}")
duration = integer(0, DAYS_90)
fraction = record(num=integer(0, 10_000), den=integer(1, 10_000))
proposal_type = one_of("constitution", "bylaw", "budget", "standard")
permission = one_of(
    "member.invite", "member.admit", "role.grant", "proposal.create", "proposal.veto",
    "org.edit", "ledger.manage", "dispute.mediate", "node.operate",
)  # fmt: skip

charter_change = record(
    optional=True,
    thresholds=record(constitution=fraction, bylaw=fraction, budget=fraction, standard=fraction),
    quorum=fraction,
    discussionMs=duration,
    votingMs=integer(1_000, DAYS_90),
    membershipAgeMinMs=duration,
    sponsors=integer(0, 100),
    openProposalsPerMember=integer(1, 1_000),
    admission=one_of("role", "proposal"),
    applicationMs=duration,
    expulsionNoticeMs=duration,
    appealMs=duration,
    weights=one_of("equal", "reputation"),
    lateQuorumExtensionMs=duration,
    timeLockMs=duration,
    executionRetryMs=duration,
    readAccess=one_of("public", "members"),
    roles=list_of(record(name=role, permissions=list_of(permission, 16)), 32, 1),
)

address = pattern(r"[0-9a-f]{40}")
version = pattern(r"[0-9A-Za-z][0-9A-Za-z.+-]{0,31}")
allowance = record(burst=integer(1, 1_000_000_000), perHour=integer(1, 1_000_000_000))
about_node = dict(
    moniker=name,
    roles=list_of(one_of("validator", "storage", "observer"), 3, 1),
    http=list_of(pattern(r"https?://[!-~]{1,300}"), 4),
    p2p=list_of(pattern(r"([0-9a-f]{40}@)?[A-Za-z0-9.:_\[\]-]{1,253}:[0-9]{1,5}"), 4),
    region=text(64),
    capacityBytes=integer(),
)

line = text(2_000)
edit = record(line=integer(0, 100_000), remove=list_of(line, 1_000), insert=list_of(line, 1_000))
actions = list_of(
    either(
        action("charter", change=charter_change),
        action("admit", member=did),
        action("expel", member=did, reason=comment),
        action("grant-role", member=did, role=role),
        action("revoke-role", member=did, role=role),
        action("bylaw", bylaw=slug, title=title, baseVersion=integer(0, 1_000_000), edits=list_of(edit, 200, 1)),
        action("standard", text=long_text),
        action("admit-validator", node=ledger_id, power=integer(1, 1_000_000)),
        action("remove-validator", validator=address, reason=comment),
        action(
            "network-param",
            change=record(
                optional=True,
                maxValidators=integer(1, 1_000),
                memberAllowance=allowance,
                strangerAllowance=allowance,
            ),
        ),
        action("upgrade", version=integer(2, 1_000_000), name=name, height=integer(1)),
        action("cancel-upgrade"),
    ),
    16,
)

option_index = integer(0, 99)
ballot = either(
    one_of("yes", "no", "abstain", "consent", "stand-aside", "object"),
    option_index,
    list_of(option_index, 100),
    list_of(list_of(integer(0, 1_000), 100, 1), 100),
)
keys = lambda least: list_of(record(id=key_id, publicKey=key_text), 16, least)
services = list_of(record(id=key_id, type=text(64, 1), endpoint=pattern(r"https?://[!-~]{1,300}")), 16)
invitation = record(id=ledger_id, proof=pattern(r"[A-Za-z0-9_-]{86}"))
methods = one_of(
    "yes-no", "consent", "plurality", "approval", "score", "schulze", "irv", "stv", "equal-shares", "greedy"
)  # fmt: skip

KINDS = {
    "identity.register": dict(keys=keys(1), services=services),
    "identity.rotate": dict(add=keys(0), revoke=list_of(key_id, 16)),
    "identity.services": dict(services=services),
    "identity.deactivate": {},
    "org.found": dict(name=name, orgKind=one_of("cooperative", "community"), founderName=name, charter=charter_change),
    "member.invite": dict(
        org=did, invitationKey=key_text, uses=integer(1, 1_000_000), expiresTimeMs=integer(), roles=list_of(role, 16)
    ),
    "member.apply": dict(org=did, name=name, statement=comment, invitation=either(null, invitation)),
    "member.admit": dict(org=did, member=did),
    "member.refuse": dict(org=did, member=did, reason=comment),
    "member.leave": dict(org=did),
    "member.appeal": dict(org=did, statement=text(5_000, 1)),
    "role.grant": dict(org=did, member=did, role=role),
    "role.revoke": dict(org=did, member=did, role=role),
    "proposal.new": dict(
        org=did,
        type=proposal_type,
        title=title,
        text=long_text,
        method=methods,
        options=list_of(record(label=title, actions=actions, costMinor=integer()), 100),
        actions=actions,
        seats=integer(1, 100),
        maxScore=integer(0, 1_000),
        budgetMinor=integer(),
        discussionMs=either(null, duration),
        votingMs=either(null, integer(1_000, DAYS_90)),
        amends=either(null, ledger_id),
    ),
    "proposal.sponsor": dict(proposal=ledger_id),
    "proposal.open": dict(proposal=ledger_id),
    "proposal.withdraw": dict(proposal=ledger_id),
    "proposal.discuss": dict(proposal=ledger_id, text=text(5_000, 1), inReplyTo=either(null, ledger_id)),
    "vote.cast": dict(proposal=ledger_id, ballot=ballot, reason=comment),
    "node.register": dict(org=did, publicKey=key_text, **about_node, version=version),
    "node.update": dict(node=ledger_id, **about_node),
    "node.drain": dict(node=ledger_id),
    "node.maintenance": dict(node=ledger_id, untilTimeMs=integer()),
    "node.resume": dict(node=ledger_id),
    "node.retire": dict(node=ledger_id),
    "node.heartbeat": dict(node=ledger_id, height=integer(), version=version, freeBytes=integer()),
    "validator.unjail": dict(validator=address),
    "validator.appeal": dict(validator=address, statement=text(5_000, 1)),
    "network.open": dict(federation=did),
}
BODIES = {kind: record(kind=one_of(kind), **fields) for kind, fields in KINDS.items()}
ENVELOPE = record(
    chainId=chain_id,
    signer=lambda value: did(value) and len(value) <= 180,
    keyId=key_id,
    sequence=integer(),
    expiryHeight=integer(),
    body=lambda value: isinstance(value, dict) and isinstance(value.get("kind"), str),
)
