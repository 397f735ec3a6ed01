"""Reads the reference certificate that training wrote: thresholds and the error rate they were measured to keep."""

import json
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from classifiers.base import ArtefactMissing
from models.domain import ChannelGroup
from models.policy.certificate import Certificate, acted_from, acted_on

ARTEFACT = Path(__file__).resolve().parent / "artefacts" / "certificate.json"


@cache
def reference_certificate() -> Certificate:
    """Return the certificate that governs `porthor classify` and the example.

    Raises:
        ArtefactMissing: It is not there or damaged.
    """
    try:
        return certificate_of(json.loads(ARTEFACT.read_text("utf-8")))
    except (OSError, ValueError, KeyError) as error:
        raise ArtefactMissing(f"{ARTEFACT}: the certificate cannot be read ({error}); run `make train`") from error


def certificate_of(data: dict[str, Any]) -> Certificate:
    """Return the certificate that `data` holds as its file does."""
    groups = {ChannelGroup(name): found for name, found in data["groups"].items()}
    return Certificate(
        certificate_id=data["id"],
        basis=data["basis"],
        model_version=data["model_version"],
        issued_at=datetime.fromisoformat(data["issued_at"]),
        valid_until=None,
        act={
            (label, group): acted_from(found["act"], found.get("offset", {}).get(label, 0.0))
            for group, found in groups.items()
            if found["act"]
            for label in acted_on(group)
        },
        review={(label, group): value for group, found in groups.items() for label, value in found["review"].items()},
        false_action_upper={group: found["upper"] for group, found in groups.items()},
        legitimate_n={group: found["n"] for group, found in groups.items()},
        worst_source="; ".join(f"{group}: {found['worst_source']}" for group, found in groups.items()),
        level={group: found["act"] for group, found in groups.items() if found["act"]},
        urgent={(label, group): value for group, found in groups.items() for label, value in found["urgent"].items()},
    )
