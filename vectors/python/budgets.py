"""Budgets by equal shares (add1) and greedy: docs/protocol.md, "Counting". Money in exact fractions."""

from collections import Counter
from fractions import Fraction

SHARE_STEPS, MOST_RAISES = 1_000, 2_000


def points_of(ballot):
    """Points by project; a project that is only named gets one."""
    return dict((item, 1) if isinstance(item, int) else tuple(item) for item in ballot)


def greedy(costs, votes, budget):
    left, rounds, tied = budget, [], False
    order = sorted((p for p in range(len(costs)) if votes[p] > 0), key=lambda p: (-votes[p], costs[p], p))
    for place, project in enumerate(order):
        if costs[project] > left:
            continue
        equals = [costs[other] for other in order[place + 1 :] if votes[other] == votes[project]]
        # The tie matters where an equal would have fitted and now does not.
        tied = tied or any(left - costs[project] < cost <= left for cost in equals)
        left -= costs[project]
        rounds.append({"selected": project, "votes": votes[project], "cost": costs[project], "left": left})
    return {"winners": [line["selected"] for line in rounds], "tied": tied, "rounds": rounds}


def equal_shares(costs, votes, budget, ballots):
    """The last of the runs with shares raised step by step that keeps within the budget."""
    heads, raises, selected, tied = len(ballots), 0, [], False
    if heads > 0:
        # Voters who give the same points pay the same and are taken together.
        groups = Counter(frozenset((p, n) for p, n in points_of(ballot).items() if n > 0) for ballot in ballots)
        groups = [(dict(points), number) for points, number in groups.items()]
        share, step = Fraction(budget, heads), max(1, budget // (heads * SHARE_STEPS))
        supported = sum(1 for value in votes if value > 0)
        selected, tied = run(costs, votes, groups, share)
        while len(selected) < supported and raises < MOST_RAISES:
            more, more_tied = run(costs, votes, groups, share + (raises + 1) * step)
            if sum(costs[project] for project in more) > budget:
                break
            raises, selected, tied = raises + 1, more, more_tied
    rounds = [{"selected": project, "cost": costs[project]} for project in selected]
    return {"winners": selected, "tied": tied, "rounds": rounds, "counts": {"votes": votes, "raises": raises}}


def run(costs, votes, groups, share):
    """(projects in the order in which they are bought, whether a tie was broken): everybody begins with `share`."""
    money, selected, tied = [share] * len(groups), [], False
    rest = [project for project in range(len(costs)) if votes[project] > 0]
    while True:
        prices = {project: price(costs[project], project, groups, money) for project in rest}
        # Who cannot be paid now never can: voters only get poorer.
        rest = [project for project in rest if prices[project] is not None]
        if not rest:
            return selected, tied
        rates = {project: prices[project] / costs[project] for project in rest}
        least = min(rates.values())
        best = sorted((p for p in rest if rates[p] == least), key=lambda p: (-votes[p], costs[p], p))
        tied = tied or len(best) > 1
        for voter, (points, _) in enumerate(groups):
            money[voter] -= min(money[voter], prices[best[0]] * points.get(best[0], 0))
        selected.append(best[0])
        rest.remove(best[0])


def price(cost, project, groups, money):
    """What a supporter pays for each point, so that all together pay the cost; who has less pays all; None: too little."""
    payers = [(money[v], points[project], number) for v, (points, number) in enumerate(groups) if project in points]
    while payers:
        found = cost / Fraction(sum(points * number for _, points, number in payers))
        poor = [payer for payer in payers if payer[0] < found * payer[1]]
        if not poor:
            return found
        cost -= sum(own * number for own, _, number in poor)
        payers = [payer for payer in payers if payer not in poor]
    return None
