"""The form of a pack as JSON Schema, for editors; kept in the reference and made anew with `make docs`."""

import json
import sys
from pathlib import Path

from models.policy.schema import Pack

PAGE = Path(__file__).resolve().parents[2] / "docs" / "reference" / "pack.schema.json"


def text() -> str:
    """Return the schema."""
    made = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "A policy pack of Porthor"}
    return json.dumps(Pack.model_json_schema() | made, indent=1, ensure_ascii=False) + "\n"


def main() -> None:
    """Write the file, or with `--check` say whether it is up to date."""
    if "--check" in sys.argv:
        if not PAGE.is_file() or PAGE.read_text("utf-8") != text():
            sys.exit(f"{PAGE}: out of date; run `make docs`")
        return
    PAGE.write_text(text(), "utf-8")


if __name__ == "__main__":
    main()
