"""Why a connection stands still: kept as a name, put into words where somebody reads it."""

from enum import StrEnum


class Trouble(StrEnum):
    """Why a connection is not read or acted through; the page has words for each in both languages."""

    AUTH = "auth"
    REFUSED = "refused"
    LIMITED = "limited"
    UNAVAILABLE = "unavailable"
    GONE = "gone"
    CAP = "cap"
    PACE = "pace"
    PERSON = "person"
