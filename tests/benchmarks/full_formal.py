"""The formal side of a full store: incidents, warnings and restrictions in force."""

import json
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta

from models.store.formal.codec import dumped
from tests.benchmarks.full_cases import told
from tests.benchmarks.full_shapes import ORGS, Shape
from tests.fakes.formal import incident, restricted, warned

UNDER_MEASURES = 400


def fill_formal(insert: Callable[[str, str, Iterable[Sequence[object]]], None], shape: Shape) -> None:
    """Give the first contacts, who write most, two incidents, a warning, and one in two a restriction in force."""
    now = datetime.now(UTC)
    many = min(UNDER_MEASURES, shape.contacts)
    org_of = {int(contact): ORGS[org] for contact, org in zip(shape.contact, shape.org, strict=True)}
    people = [(n, org_of[n]) for n in range(1, many + 1) if n in org_of]
    incidents, measures = [], []
    for n, org in people:
        for step in range(2):
            at = now - timedelta(days=90 - 30 * step + n % 20)
            made = dumped(incident(0, at, org))
            incidents.append((n, org, told(at.timestamp()), "upheld", json.dumps(made)))
        at = now - timedelta(days=60)
        steps = [("warning", warned(at, org))]
        steps += [("restriction", restricted(org, now - timedelta(days=20)))] if n % 2 else []
        measures += [
            (n, org, kind, told(at.timestamp()), "standing", "1", json.dumps(dumped(step))) for kind, step in steps
        ]
    insert("incident", "contact_id, org, at, state, detail", incidents)
    insert("measure", "contact_id, org, kind, at, state, pack_version, detail", measures)
