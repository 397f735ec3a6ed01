"""Who may do what on the page: each route needs one right, and accounts and roles of the policy give rights."""

import re
from collections.abc import Iterable
from enum import StrEnum

from models.measures import authority
from models.policy.loader import builtin_pack, builtin_pack_ids


class Right(StrEnum):
    """What a person may do. `OWN` is anybody's who is signed in: their own password, language and session."""

    OWN = "own"
    READ = "read"
    JUDGE = "judge"
    OPERATE = "operate"
    RULES = "rules"
    APPROVE = "approve"
    PEOPLE = "people"


ACCOUNT_ROLES: dict[str, frozenset[Right]] = {
    "reader": frozenset({Right.OWN, Right.READ}),
    "reviewer": frozenset({Right.OWN, Right.READ, Right.JUDGE}),
    "operator": frozenset({Right.OWN, Right.READ, Right.JUDGE, Right.OPERATE}),
    "administrator": frozenset(Right),
}
"""What an account may do by itself, least first."""

ROUTES: tuple[tuple[str, str, Right], ...] = (
    ("*", r"/(password|sign-out|account)(/.*)?", Right.OWN),
    ("POST", r"/view-as/end", Right.OWN),
    ("*", r"/(people|view-as)(/.*)?", Right.PEOPLE),
    ("*", r"/(formal|letters|register)(/.*)?", Right.READ),
    ("*", r"/api/(keys|webhooks)(/.*)?", Right.PEOPLE),
    ("POST", r"(/api/v1)?/connections?(/.*)?", Right.OPERATE),
    ("POST", r"(/case|/api/v1/cases)/\d+/reply", Right.OPERATE),
    ("POST", r"/rota(/.*)?", Right.OPERATE),
    ("POST", r"(/api/v1)?/(lists|policy|bulk|queues/rules)/\d+/(approve|refuse)", Right.APPROVE),
    ("POST", r"(/api/v1)?/(lists|policy|queues)(/.*)?", Right.RULES),
    ("GET", r"/.*", Right.READ),
    ("*", r"/.*", Right.JUDGE),
)
"""Method, path and the right it needs; the first that fits counts. The formal side asks for its own roles besides."""

_COMPILED = tuple((method, re.compile(path), right) for method, path, right in ROUTES)


def needed(method: str, path: str) -> Right:
    """Return the right that a request needs; `HEAD` is a `GET`."""
    asked = "GET" if method == "HEAD" else method
    return next(right for wanted, path_of, right in _COMPILED if wanted in {"*", asked} and path_of.fullmatch(path))


def of(account_role: str, offices: Iterable[tuple[str, str]]) -> frozenset[Right]:
    """Return what an account of `account_role` may do that holds `offices`, each an organisation and a role of its pack.

    Who may warn may also operate and propose changes; who may formally manage may approve what another proposed.
    """
    found = set(ACCOUNT_ROLES.get(account_role, ACCOUNT_ROLES["reader"]))
    for org, role_id in offices:
        found |= _of_office(org, role_id)
    return frozenset(found)


def _of_office(org: str, role_id: str) -> set[Right]:
    if org not in builtin_pack_ids():
        return set()
    pack = builtin_pack(org)
    role = authority.role_of(pack, role_id)
    if role is None:
        return set()
    found = {Right.JUDGE}
    if role.rank >= authority.needed(pack, "warn").rank and role.rank > min(entry.rank for entry in pack.roles):
        found |= {Right.OPERATE, Right.RULES}
    if role.rank >= authority.needed(pack, "formally_manage").rank and Right.RULES in found:
        found.add(Right.APPROVE)
    return found
