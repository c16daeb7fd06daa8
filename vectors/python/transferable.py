"""Instant run-off and the single transferable vote in exact fractions: docs/protocol.md, "Counting"."""

from dataclasses import dataclass, replace
from fractions import Fraction
from math import lcm

# How many ways out of ties are followed in one count.
MOST_WAYS = 256
# From this common denominator on, values are rounded down to whole parts of the other one.
MOST_PARTS, ROUGH_PARTS = 2**2048, 2**1024


class TooManyWays(Exception):
    """More than MOST_WAYS, whichever of them are followed first."""


@dataclass(frozen=True)
class State:
    """Between two rounds. A step of the count makes another one, so that each way out of a tie begins at the same."""

    values: list  # what each ballot is still worth
    left: list
    free: int  # seats
    past: tuple  # each election: who was eliminated since the one before, and who was elected
    gone: frozenset  # who was eliminated since the last election
    history: list  # the votes of each round, by option, the latest first
    rounds: list

    def by_votes(self, options):
        """Groups of those who are equal in every round; else the latest round that tells them apart says who is first."""
        levels = {}
        for option in options:
            levels.setdefault(tuple(votes[option] for votes in self.history), []).append(option)
        return [levels[level] for level in sorted(levels, reverse=True)]

    def noting(self, **note):
        return replace(self, rounds=self.rounds[:-1] + [self.rounds[-1] | note])

    def without(self, options, **changes):
        return replace(self, left=[option for option in self.left if option not in options], **changes)


@dataclass(frozen=True)
class Outcome:
    """What becomes of those who were left in a state: in groups, best first; the first `winners` of them may win."""

    order: list
    winners: int
    tied: bool
    rounds: list

    def after(self, elected):
        winners = self.winners + sum(len(group) for group in elected)
        return replace(self, order=elected + self.order, winners=winners)

    def before(self, eliminated):
        return replace(self, order=self.order + [eliminated])

    def elected(self):
        return sum(self.order, [])[: self.winners]


def transferable(options, seats, ballots):
    ballots = [ballot for ballot in ballots if ballot]
    quota = len(ballots) // (seats + 1) + 1
    everybody = list(range(options))
    outcome = Outcome([everybody], 0, False, [])
    if ballots:
        start = State([Fraction(1)] * len(ballots), everybody, seats, (), frozenset(), [], [])
        outcome = Count(ballots, quota).follow(start)
    result = {"winners": outcome.elected(), "tied": outcome.tied, "order": outcome.order, "rounds": outcome.rounds}
    return result | {"counts": {"quota": quota}}


class Count:
    def __init__(self, ballots, quota):
        self.ballots, self.quota = ballots, quota
        self.ways, self.known = 0, {}

    def follow(self, state):
        if state.free == 0:
            return Outcome(state.by_votes(state.left), 0, False, state.rounds)
        if len(state.left) <= state.free:
            order = state.by_votes(state.left)
            rounds = state.rounds + ([{"elected": sum(order, [])}] if order else [])
            return Outcome(order, len(state.left), False, rounds)
        votes = self.votes(state)
        line = {"votes": {str(option): str(value) for option, value in votes.items()}}
        state = replace(state, history=[votes] + state.history, rounds=state.rounds + [line])
        reached = [option for option in state.left if votes[option] >= self.quota]
        if reached:
            return self.elect(state, reached, votes)
        lowest = [option for option in state.left if votes[option] == min(votes.values())]
        if may_go_together(state, lowest, votes):
            return self.eliminate(state, lowest)
        last = state.by_votes(lowest)[-1]
        return self.eliminate(state, last) if len(last) == 1 else self.follow_all(state, last)

    def votes(self, state):
        votes = dict.fromkeys(state.left, Fraction(0))
        for ballot, value in zip(self.ballots, state.values):
            for option, part in parts(ballot, value, state.left):
                votes[option] += part
        return votes

    def elect(self, state, reached, votes):
        """What each has above the quota goes on, at the same share of every ballot."""
        keeps = {option: (votes[option] - self.quota) / votes[option] for option in reached}
        values = [
            sum(part * keeps.get(option, 1) for option, part in parts(ballot, value, state.left))
            for ballot, value in zip(self.ballots, state.values)
        ]
        order = state.by_votes(reached)
        elected = tuple(frozenset(group) for group in order)
        state = state.noting(elected=sum(order, [])).without(
            reached,
            values=rounded(values),
            free=state.free - len(reached),
            past=state.past + ((state.gone, elected),),
            gone=frozenset(),
        )
        return self.follow(state).after(order)

    def eliminate(self, state, options):
        state = state.noting(eliminated=options).without(options, gone=state.gone | set(options))
        return self.follow(state).before(options)

    def follow_all(self, state, tied):
        """Each of the tied eliminated alone. A tie that several ways lead to is followed once."""
        order = tuple(frozenset(group) for group in state.by_votes(state.left))
        tie, is_first = (state.past, state.gone, order), self.ways == 0
        state = state.noting(tied=tied)
        if tie not in self.known:
            try:
                self.ways += len(tied)
                if self.ways > MOST_WAYS:
                    raise TooManyWays
                self.known[tie] = merged(state, [self.eliminate(state, [option]) for option in tied])
            except TooManyWays:
                if not is_first:
                    raise
                return undecided(state, state.left)
        return self.known[tie]


def parts(ballot, value, left):
    """The best options that are left on a ballot, each with its equal part of the value."""
    for group in ballot:
        best = [option for option in group if option in left]
        if best:
            return [(option, value / len(best)) for option in best]
    return []


def rounded(values):
    """The same, unless their common denominator has become too long: it doubles with every surplus."""
    if lcm(*(value.denominator for value in values)) < MOST_PARTS:
        return values
    return [Fraction(value.numerator * ROUGH_PARTS // value.denominator, ROUGH_PARTS) for value in values]


def may_go_together(state, options, votes):
    """One may go; several if together they have fewer votes than anybody else, and enough others remain."""
    others, together = [option for option in state.left if option not in options], sum(votes[option] for option in options)
    return len(options) == 1 or (len(others) >= state.free and all(votes[option] > together for option in others))


def merged(state, ways):
    elected = [set(way.elected()) for way in ways]
    if any(way.tied for way in ways) or any(winners != elected[0] for winners in elected):
        return undecided(state, set.union(*elected))
    return replace(ways[0], order=common_order([way.order for way in ways]))


def undecided(state, may_win):
    groups = [[o for o in state.left if o in may_win], [o for o in state.left if o not in may_win]]
    return Outcome([group for group in groups if group], len(may_win), True, state.rounds)


def common_order(orders):
    """A group ends where in every order a group ends with the same options up to there."""
    heads = [[frozenset(sum(order[: end + 1], [])) for end in range(len(order))] for order in orders]
    ends = sorted(set.intersection(*map(set, heads)), key=len)
    return [sorted(end - before) for before, end in zip([frozenset()] + ends, ends)]
