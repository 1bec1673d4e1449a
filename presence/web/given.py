"""What the routes are handed: parts of the service, and parameters that several share."""

from typing import Annotated

from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter

from presence.web.front import Front
from presence.web.search_box import SearchBox
from presence.web.surface import Surface

TheSurface = NamedDependency[Surface]
TheFront = NamedDependency[Front]
TheSearchBox = NamedDependency[SearchBox]

Id = FromPath[str]
"""Whatever is no id is answered as an unknown one; the guard bounds its length."""
Language = Annotated[str, QueryParameter(name="lang", description="Language of the texts; the organisation's first.")]
Topic = Annotated[str, QueryParameter(name="topic", description="What the enquiry is about, where that is known.")]
Words = Annotated[
    str,
    QueryParameter(
        name="q",
        max_length=200,
        pattern=r"^[^\x00]*$",
        description="Two characters or more of a name, number, unit, topic.",
    ),
]
