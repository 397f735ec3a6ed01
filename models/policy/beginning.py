"""A new pack from the built-in one that is nearest: every clause under the new name, ready to be edited."""

import re
from datetime import date

from models.policy.loader import PACKS, builtin_pack, parse_pack

_HEAD = """# The policy of {name} as data, begun from the pack `{source}` on {day}.
# Put your own words, roles, clocks and clauses in place of those below, then: porthor packs check, porthor packs test.
"""


def begin(pack_id: str, source: str, name_en: str, name_cy: str, today: date) -> str:
    """Return the YAML of a new pack.

    Raises:
        PackError: The result is no pack, an id with capitals for one.
    """
    text = (PACKS / f"{source}.yaml").read_text("utf-8")
    old = builtin_pack(source).organisation
    text = re.sub(rf"\b{source}/", f"{pack_id}/", re.sub(r"\A(?:#.*\n)*", "", text))
    text = re.sub(r"^id: .*$", f"id: {pack_id}", text, count=1, flags=re.MULTILINE)
    text = re.sub(r"^version: .*$", f'version: "{today.isoformat()}"', text, count=1, flags=re.MULTILINE)
    for was, now in ((old.name.en, name_en), (old.name.cy, name_cy)):
        text = text.replace(f'"{was}"', f'"{now}"', 1)
    made = _HEAD.format(name=name_en, source=source, day=today.isoformat()) + text
    parse_pack(made.encode(), f"{pack_id}.yaml")
    return made
