"""What the navigation and the home page link to."""

from app.core.navigation import Link
from app.registry.resources import by_name
from app.registry.stories import EXCHANGES, REPORTS


def link_to(entity: str) -> Link:
    """Leads to the list of an entity."""
    resource = by_name(entity)
    return Link(resource.plural, resource.page_path, entity)


LINKS: tuple[Link, ...] = (
    # factory:begin links
    # factory:end links
)
STORY_LINKS: tuple[Link, ...] = (
    *(Link(report.title, report.path, report.entity) for report in REPORTS),
    *(Link(exchange.title, exchange.path, exchange.entity, "create" if exchange.direction == "import" else "read") for exchange in EXCHANGES),
)
