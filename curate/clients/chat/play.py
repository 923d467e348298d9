"""Plans played over the journal, without network: many slots at once, a round of batched reads for each reply."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice

from curate.clients.chat.journal import Journal
from curate.clients.chat.plan import Again
from curate.clients.chat.request import Accepted, Plan, Rejected, Reply, Request, Settled

#: slots that are played together
TOGETHER = 64


@dataclass
class Game:
    """A slot while it is played: it has an ``end``, or ``wanted`` is the request whose reply it waits for.

    Attributes:
        questions: the keys of the replies to each question, the first one's key being the question's name.
    """

    slot: str
    plan: Plan
    replies: list[Reply] = field(default_factory=list)
    questions: dict[str, list[str]] = field(default_factory=dict)
    wanted: Request | None = None
    end: Accepted | Rejected | None = None
    first: str = ""

    def step(self) -> None:
        """Ask the plan what comes next."""
        next_ = self.plan(self.replies)
        if isinstance(next_, Request):
            self.wanted = next_
            if not isinstance(next_, Again) or not self.first:
                self.first = next_.key
                self.questions.setdefault(self.first, [])
        else:
            self.wanted, self.end = None, next_

    def give(self, reply: Reply) -> None:
        self.replies.append(reply)
        self.questions[self.first].append(reply.key)
        self.step()

    @property
    def paid(self) -> int:
        """Calls of the present question that are in the journal."""
        return len(self.questions[self.first])


def begin(
    plans: Iterable[tuple[str, Plan]], journal: Journal, sent_as: str | None = None
) -> Iterator[list[Game]]:
    """The plans, ``TOGETHER`` at a time, played as far as the journal goes."""
    pulled = iter(plans)
    while some := list(islice(pulled, TOGETHER)):
        games = [Game(slot, plan) for slot, plan in some]
        for game in games:
            game.step()
        play(games, journal, sent_as)
        yield games


def play(games: Sequence[Game], journal: Journal, sent_as: str | None = None) -> None:
    """Play on until each game has its end or wants a reply that is not in the journal."""
    going = [game for game in games if game.wanted]
    while going:
        found = journal.replies((game.wanted.key for game in going if game.wanted), sent_as)
        found |= _instead(going, found, journal)
        moved = []
        for game in going:
            reply = found.get(game.wanted.key) if game.wanted else None
            if reply:
                game.give(reply)
            if reply and game.wanted:
                moved.append(game)
        going = moved


def _instead(games: list[Game], found: dict[str, Reply], journal: Journal) -> dict[str, Reply]:
    """For questions that had their end under another parser: wanted key -> the reply that was paid in its place.

    That parser's corrections have other words, hence other keys; but its answers are answers to the same question, and
    paid. Where there is none left, the question ends here.
    """
    missing = [game for game in games if isinstance(game.wanted, Again) and game.wanted.key not in found]
    if not missing:
        return {}
    ended = journal.settled(game.first for game in missing)
    instead: dict[str, str] = {}
    for game in missing:
        paid = ended.get(game.first)
        if paid is None or game.wanted is None:
            continue
        if game.paid < len(paid):
            instead[game.wanted.key] = paid[game.paid]
        else:
            game.wanted, game.end = (
                None,
                Rejected("malformed", "settled before by another parser; not asked again"),
            )
    there = journal.replies(instead.values())
    return {wanted: there[paid] for wanted, paid in instead.items() if paid in there}


def read(plans: Iterable[tuple[str, Plan]], journal: Journal) -> Iterator[Settled]:
    """Play the plans over the journal, without network, in the order given.

    A slot whose request has no reply ends as ``Rejected("unanswered")``.
    """
    for games in begin(plans, journal):
        for game in games:
            yield Settled(game.slot, tuple(game.replies), game.end or Rejected("unanswered"))
