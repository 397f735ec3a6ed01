"""How excessive the links of a message are under the limits of a pack, from what is counted of them. Pure."""

from dataclasses import dataclass

from models.policy.limits import Limits

EXCESSIVE = "links.excessive"
TOO_MANY, DENSE, DOUBTFUL, MOST = 0.6, 0.3, 0.15, 0.95
WORDS_A_LINK = 6


@dataclass(frozen=True, slots=True)
class LinkFacts:
    """What counts of a message's links: different ones, links to public bodies left out; the words beside them; how many hide where they go."""

    counted: int
    words: int
    hiding: int

    def crowding(self, limits: Limits, *, mail: bool) -> float:
        """Return how excessive their number and density are."""
        if self.counted >= (limits.links_per_mail if mail else limits.links_per_post):
            return TOO_MANY
        return DENSE if not mail and self.counted >= 2 and self.words < WORDS_A_LINK * self.counted else 0.0

    def strength(self, limits: Limits, *, mail: bool) -> float:
        """Return what that comes to together with links that hide where they go; 0 where neither number nor density speaks."""
        found = self.crowding(limits, mail=mail)
        return min(MOST, found + DOUBTFUL * self.hiding) if found else 0.0
