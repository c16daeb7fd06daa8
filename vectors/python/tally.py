"""Counts ballots and decides: docs/protocol.md, "Counting"."""

from budgets import equal_shares, greedy, points_of
from transferable import transferable

WORDS = {
    "yes-no": ["yes", "no", "abstain"],
    "consent": ["consent", "stand-aside", "object", "abstain"],
}
BUDGETS = ("equal-shares", "greedy")


def is_ballot(proposal, ballot):
    method, options = proposal["method"], range(len(proposal["options"]))
    if method in WORDS:
        return isinstance(ballot, str) and ballot in WORDS[method]
    if method == "plurality" and isinstance(ballot, int):
        return ballot in options
    if not isinstance(ballot, list):
        return False
    if method == "plurality":
        return ballot == []
    if method == "approval":
        return is_set(ballot, options)
    if method == "score":
        return is_pairs(ballot, options, proposal["maxScore"])
    if method in BUDGETS:
        return is_set(ballot, options) or is_pairs(ballot, options, 1_000)
    return all(isinstance(group, list) and group for group in ballot) and is_set(sum(ballot, []), options)


def is_set(items, options):
    return all(isinstance(item, int) and item in options for item in items) and len(set(items)) == len(items)


def is_pairs(items, options, most):
    if not all(isinstance(pair, list) and len(pair) == 2 and 0 <= pair[1] <= most for pair in items):
        return False
    return is_set([option for option, _ in items], options)


def count(proposal, ballots):
    """`proposal` has `method`, `options` with their `costMinor`, `seats` and `budgetMinor`; all ballots fit."""
    method, options = proposal["method"], len(proposal["options"])
    result = {"method": method, "ballots": len(ballots), "winners": [], "tied": False, "order": [], "counts": {}, "rounds": []}
    if method in WORDS:
        return result | {"counts": {word: ballots.count(word) for word in WORDS[method]}}
    if method == "schulze":
        return result | schulze(options, ballots)
    if method in ("irv", "stv"):
        return result | transferable(options, proposal["seats"] if method == "stv" else 1, ballots)
    sums, voters = [0] * options, [0] * options
    for ballot in ballots:
        for option, points in points_of([ballot] if isinstance(ballot, int) else ballot).items():
            sums[option] += points
            voters[option] += 1
    order = [[o for o, value in enumerate(sums) if value == level] for level in sorted(set(sums), reverse=True)]
    result |= {"order": order, "counts": {"sums": sums, "voters": voters} if method == "score" else {"votes": sums}}
    if method in BUDGETS:
        costs, budget = [option["costMinor"] for option in proposal["options"]], proposal["budgetMinor"]
        return result | (greedy(costs, sums, budget) if method == "greedy" else equal_shares(costs, sums, budget, ballots))
    winners = order[0] if order and sums[order[0][0]] > 0 else []
    return result | {"winners": winners, "tied": len(winners) > 1}


def schulze(options, ballots):
    """Winning votes: each option is preferred to those of later groups and to those that are not ranked."""
    prefer = [[0] * options for _ in range(options)]
    for ballot in ballots:
        below = set(range(options))
        for group in ballot:
            below -= set(group)
            for option in group:
                for other in below:
                    prefer[option][other] += 1
    path = [[prefer[a][b] if prefer[a][b] > prefer[b][a] else 0 for b in range(options)] for a in range(options)]
    for by in range(options):
        for a in range(options):
            for b in range(options):
                if a != by and b != by and a != b:
                    path[a][b] = max(path[a][b], min(path[a][by], path[by][b]))
    order, left = [], list(range(options))
    while left:
        best = [a for a in left if not any(path[b][a] > path[a][b] for b in left)]
        order.append(best)
        left = [a for a in left if a not in best]
    winners = order[0] if ballots and order else []
    rounds = [{"pairwise": prefer, "strengths": path}]
    return {"winners": winners, "tied": len(winners) > 1, "order": order, "rounds": rounds}


def decide(counted, rules, roll, turnout):
    """(decision, result) under the rules that the vote froze."""
    quorum = -(-rules["quorum"]["num"] * roll["heads"] // rules["quorum"]["den"])
    decision = "no_quorum" if turnout < quorum else decision_of(counted, rules["threshold"])
    winners = counted["winners"] if decision in ("passed", "tied") else []
    return decision, {"turnoutHeads": turnout, "quorumHeads": quorum, "winners": winners, "count": counted}


def decision_of(counted, threshold):
    counts = counted["counts"]
    if counted["method"] == "yes-no":
        yes, no = counts["yes"], counts["no"]
        passed = yes > 0 and yes != no and yes * threshold["den"] >= threshold["num"] * (yes + no)
        return "passed" if passed else "rejected"
    if counted["method"] == "consent":
        return "passed" if counts["consent"] > 0 and counts["object"] == 0 else "rejected"
    if not counted["winners"]:
        return "rejected"
    # Budgets break every tie themselves and only report it.
    return "tied" if counted["tied"] and counted["method"] not in BUDGETS else "passed"
