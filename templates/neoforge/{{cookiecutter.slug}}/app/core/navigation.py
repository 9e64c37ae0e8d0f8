"""A link of the navigation."""

from typing import NamedTuple


class Link(NamedTuple):
    """Leads to a page about an entity; shown to those who may read it."""

    title: str
    path: str
    entity: str
