"""Instant run-off and the single transferable vote in exact fractions: docs/protocol.md, "Counting"."""

from dataclasses import dataclass, replace
from fractions import Fraction

# How many eliminations of somebody tied are tried in one count before it is left undecided.
MOST_WAYS = 64


@dataclass(frozen=True)
class State:
    """Between two rounds. A step of the count makes another one, so that each way of a tie begins at the same."""

    values: list  # what each ballot is still worth
    left: list
    elected: list
    eliminated: list
    history: list  # the votes of each round, by option
    rounds: list

    def noting(self, **note):
        return replace(self, rounds=self.rounds[:-1] + [self.rounds[-1] | note])

    def without(self, options, **changes):
        return replace(self, left=[option for option in self.left if option not in options], **changes)

    def last(self, option):
        return self.history[-1].get(option, 0) if self.history else 0


def transferable(options, seats, ballots):
    ballots = [ballot for ballot in ballots if ballot]
    quota = len(ballots) // (seats + 1) + 1
    everybody = list(range(options))
    outcome = {"winners": [], "tied": False, "order": [everybody], "rounds": []}
    if ballots:
        start = State([Fraction(1)] * len(ballots), everybody, [], [], [], [])
        outcome = Count(ballots, seats, quota).follow(start)
    return outcome | {"counts": {"quota": quota}}


class Count:
    def __init__(self, ballots, seats, quota):
        self.ballots, self.seats, self.quota, self.ways = ballots, seats, quota, MOST_WAYS

    def follow(self, state):
        while True:
            free = self.seats - len(state.elected)
            if free == 0:
                return decided(state)
            if len(state.left) <= free:
                return decided(elect_the_rest(state))
            votes = self.votes(state)
            line = {"votes": {str(option): str(value) for option, value in votes.items()}}
            state = replace(state, history=state.history + [votes], rounds=state.rounds + [line])
            reached = [option for option in state.left if votes[option] >= self.quota]
            if reached:
                state = self.elect(state, reached, votes)
                continue
            lowest = lowest_of(state, votes, free)
            if len(lowest) > 1 and not is_safe(state, lowest, votes, free):
                return self.try_each(state.noting(tied=lowest), lowest)
            state = eliminate(state, lowest)

    def votes(self, state):
        votes = dict.fromkeys(state.left, Fraction(0))
        for ballot, value in zip(self.ballots, state.values):
            for option, part in parts(ballot, value, state.left):
                votes[option] += part
        return votes

    def elect(self, state, reached, votes):
        """What each has above the quota goes on, at the same share of every ballot."""
        keeps = {option: (votes[option] - self.quota) / votes[option] for option in reached}
        values = []
        for ballot, value in zip(self.ballots, state.values):
            shared = parts(ballot, value, state.left)
            values.append(sum(part * keeps.get(option, 1) for option, part in shared) if shared else value)
        order = sorted(reached, key=lambda option: -votes[option])
        return state.noting(elected=order).without(reached, values=values, elected=state.elected + order)

    def try_each(self, state, tied):
        outcomes = []
        for option in tied:
            if self.ways == 0:
                return undecided(state, state.left)
            self.ways -= 1
            outcomes.append(self.follow(eliminate(state, [option])))
        winners = {frozenset(outcome["winners"]) for outcome in outcomes}
        if len(winners) == 1 and not any(outcome["tied"] for outcome in outcomes):
            return outcomes[0]
        return undecided(state, frozenset.union(*winners))


def parts(ballot, value, left):
    """The best options that are left on a ballot, each with its equal part of the value."""
    for group in ballot:
        best = [option for option in group if option in left]
        if best:
            return [(option, value / len(best)) for option in best]
    return []


def lowest_of(state, votes, free):
    """Those with fewest votes; of several, those who had fewest in the latest earlier round where they differ."""
    lowest = fewest(state.left, votes)
    for earlier in reversed(state.history[:-1]):
        if len(lowest) == 1 or is_safe(state, lowest, votes, free):
            break
        lowest = fewest(lowest, earlier)
    return lowest


def fewest(options, votes):
    least = min(votes[option] for option in options)
    return [option for option in options if votes[option] == least]


def is_safe(state, options, votes, free):
    """Whether all may go at once: together they have fewer votes than anybody else, and enough others remain."""
    others, together = [option for option in state.left if option not in options], sum(votes[option] for option in options)
    return len(others) >= free and all(votes[option] > together for option in others)


def eliminate(state, options):
    return state.noting(eliminated=options).without(options, eliminated=[options] + state.eliminated)


def elect_the_rest(state):
    order = sorted(state.left, key=lambda option: -state.last(option))
    rounds = state.rounds + ([{"elected": order}] if order else [])
    return replace(state, left=[], elected=state.elected + order, rounds=rounds)


def decided(state):
    levels = sorted({state.last(option) for option in state.left}, reverse=True)
    rest = [[option for option in state.left if state.last(option) == level] for level in levels]
    return outcome_of(state, state.elected, rest, False)


def undecided(state, may_win):
    """All who might win are tied; those elected before the tie are elected."""
    undecided_ = sorted(option for option in may_win if option not in state.elected)
    lost = [option for option in state.left if option not in undecided_]
    return outcome_of(state, state.elected + undecided_, [undecided_] + ([lost] if lost else []), True)


def outcome_of(state, winners, groups, tied):
    order = [[option] for option in state.elected] + groups + state.eliminated
    return {"winners": winners, "tied": tied, "order": order, "rounds": state.rounds}
