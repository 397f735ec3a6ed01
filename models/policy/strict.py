"""What every part of a pack is: strict about its fields, and in both languages where people read it."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field


class Strict(BaseModel):
    """A part of a pack: immutable, and an unknown field is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Bilingual(Strict):
    """One text in both languages; neither may be empty."""

    en: Annotated[str, Field(min_length=1)]
    cy: Annotated[str, Field(min_length=1)]
