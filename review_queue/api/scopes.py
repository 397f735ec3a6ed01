"""What a key of the API may be used for: never more than what its account may do."""

from enum import StrEnum


class Scope(StrEnum):
    """One thing a key may be used for."""

    CASES_READ = "cases:read"
    CASES_DECIDE = "cases:decide"
    REPLIES_SEND = "replies:send"
    QUARANTINE_RELEASE = "quarantine:release"
    BOT_OPERATE = "bot:operate"
    RULES_PROPOSE = "rules:propose"
    FORMAL_READ = "formal:read"
    ADMIN_READ = "admin:read"
