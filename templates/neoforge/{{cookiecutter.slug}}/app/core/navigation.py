"""A link of the navigation."""

from typing import NamedTuple


class Link(NamedTuple):
    """Leads to a page about an entity; shown to those who may do what the page is for."""

    title: str
    path: str
    entity: str
    action: str = "read"
