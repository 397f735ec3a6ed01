"""What a mailbox connector notes about a mail in headers of our own; nobody else's mail may bear them."""

NOTE_PREFIX = "x-porthor-"
STAFF_NOTE = "x-porthor-staff"
"""Header of a message that staff put into a folder of theirs: `report` or `not-abuse`."""
REPORTED, NOT_ABUSE = "report", "not-abuse"
INTAKE_NOTE = "x-porthor-intake"
"""Header of a message that a standing block held at intake: `blocked-sender`."""
BLOCKED = "blocked-sender"
