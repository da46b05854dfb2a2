"""The schema of stored values: types and ranges, and one sentence for each violation.

Numbers, texts and truth values are distinct: ``true`` is not 1, and ``"1"`` is not a number.
"""

import functools
import math
import re
from typing import Annotated, Any, TypeVar, get_type_hints

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, PlainSerializer, TypeAdapter, ValidationError

#: Refuses unknown names, NaN and infinities.
STORED = ConfigDict(extra="forbid", allow_inf_nan=False)

LONGEST_TEXT = 200
LARGEST = 1e9  # largest value of a number that has no other limit


def _tidy(text: str) -> str:
    if not text.isprintable() or text.strip() != text:
        raise ValueError(f"{shown(text)} should be printable text without spaces around it")
    return text


def plain_gamma(gamma: float) -> float | str:
    """Converts γ for JSON, where infinity is ``"inf"``."""
    return "inf" if math.isinf(gamma) else float(gamma)


Whole = Annotated[int, Field(strict=True, ge=0, le=2**31 - 1)]
Count = Annotated[int, Field(strict=True, ge=1, le=2**31 - 1)]
Seed = Annotated[int, Field(strict=True, ge=0, le=2**63 - 1)]
_Number = Annotated[float, Field(strict=True, allow_inf_nan=False)]
Finite = Annotated[_Number, Field(ge=-LARGEST, le=LARGEST)]
NonNegative = Annotated[_Number, Field(ge=0, le=LARGEST)]
Positive = Annotated[_Number, Field(gt=0, le=LARGEST)]
Share = Annotated[_Number, Field(ge=0, le=1)]
ShareBelowOne = Annotated[_Number, Field(ge=0, lt=1)]
Flag = Annotated[bool, Field(strict=True)]
Text = Annotated[str, Field(strict=True, min_length=1, max_length=LONGEST_TEXT), AfterValidator(_tidy)]
NameOrPath = Annotated[str, Field(strict=True, min_length=1, max_length=4096)]
Gamma = Annotated[
    float,
    Field(strict=True, ge=0, allow_inf_nan=True),
    BeforeValidator(lambda stored: math.inf if stored == "inf" else stored),
    PlainSerializer(plain_gamma),
]

_Stored = TypeVar("_Stored")


def shown(value: object) -> str:
    """Formats a value for a message, without the middle if it is long."""
    text = repr(value)
    return text if len(text) <= 80 else text[:38] + "..." + text[-38:]


def checked(schema: TypeAdapter[_Stored], values: object, *within: str) -> _Stored:
    """Converts stored values to the values of a schema; ``within`` are the names of the enclosing fields.

    Raises:
        ValueError: a value does not fit; the message names the first such value and says why.
    """
    try:
        return schema.validate_python(values)
    except ValidationError as error:
        raise ValueError(first_problem(error, *within)) from error


@functools.cache
def _schemas(config: type) -> dict[str, TypeAdapter]:
    hints = get_type_hints(config, include_extras=True)
    return {name: TypeAdapter(hints[name], config=None) for name in config.__dataclass_fields__}


def check_fields(config: Any) -> None:  # a dataclass annotated with the types of this module
    """Checks and converts the fields of a config made by Python code; raises the errors of :func:`checked`."""
    for name, schema in _schemas(type(config)).items():
        object.__setattr__(config, name, checked(schema, getattr(config, name), name))


def first_problem(error: ValidationError, *within: str) -> str:
    """Describes the first error of a schema in words; ``within`` are the names of the enclosing fields."""
    first = error.errors(include_url=False)[0]
    name, kind = ".".join(map(str, (*within, *first["loc"]))), first["type"]
    if kind == "value_error":  # raised by a check in Python, with a complete message
        return str(first.get("ctx", {}).get("error", first["msg"]))
    if kind == "missing":
        return f"{name} is missing"
    if kind in ("extra_forbidden", "unexpected_keyword_argument"):
        return f"{name} {shown(first['input'])} is unknown to this version"
    return f"{name} {shown(first['input'])} {re.sub('^[A-Z][a-z]+ (?=should )', '', first['msg'])}"
