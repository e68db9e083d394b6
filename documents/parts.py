"""What all parts of a template are made of: measures, names, the element. Data only."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Millimetres = Annotated[float, Field(ge=0, le=2000)]
Size = Annotated[float, Field(gt=0, le=2000)]
Points = Annotated[float, Field(gt=0, le=10)]
Color = Annotated[str, Field(pattern=r"^#[0-9a-f]{6}$")]
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,62}$")]
# Dots to an inch of the printer; codes are drawn in whole dots.
Resolution = Literal[203, 300, 600]


class Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Element(Part):
    """Something on a page. `on` says which pages of a copy bear a fixed element."""

    x: Millimetres = 0
    y: Millimetres = 0
    on: Literal["first", "later", "every", "last"] = "first"
    show_if_slot: Name | None = None
    show_if_flag: Name | None = None
    keep_with_next: bool = False
    keep_with_previous: bool = False
