"""The names of things in the addresses of views, with the form that each must have."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path

from api.fields import SLUG

CallId = Annotated[
    str,
    Path(
        description="The call.",
        pattern=f"^{SLUG}$",
        examples=["seoul-oda-2024"],
    ),
]
Stage = Annotated[
    str,
    Path(description="The stage.", pattern=f"^{SLUG}$", examples=["document"]),
]
ApplicationId = Annotated[
    str,
    Path(
        description="The application, `call_id:city_id`.",
        pattern=f"^{SLUG}:{SLUG}$",
        examples=["seoul-oda-2024:pelim"],
    ),
]
CityId = Annotated[str, Path(description="The city.", pattern=f"^{SLUG}$", examples=["pelim"])]
EvaluatorId = Annotated[
    str,
    Path(description="The evaluator, by pseudonym.", pattern=f"^{SLUG}$", examples=["ev-7"]),
]
ProjectId = Annotated[
    str,
    Path(
        description="The project, by the id of its application.",
        pattern=f"^{SLUG}:{SLUG}$",
        examples=["seoul-oda-2024:pelim"],
    ),
]
