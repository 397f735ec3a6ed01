"""What every shape of the API is, and a text in both languages."""

from pydantic import BaseModel, ConfigDict


class Shape(BaseModel):
    """A part of an answer, made from a row or an object of the same names."""

    model_config = ConfigDict(from_attributes=True)


class Words(Shape):
    """One text in both languages."""

    en: str
    cy: str
