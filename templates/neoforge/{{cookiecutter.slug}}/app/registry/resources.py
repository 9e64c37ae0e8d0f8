"""Every entity of the product, by name."""

# Imports stand sorted by bytes, as the factory keeps them.
# isort: off
# fmt: off
# factory:begin imports
# factory:end imports
# fmt: on
# isort: on
from app.core.resource import Resource

RESOURCES: tuple[Resource, ...] = (
    # factory:begin resources
    # factory:end resources
)
BY_NAME = {resource.name: resource for resource in RESOURCES}


def by_name(name: str) -> Resource:
    """The entity of a name; asking for one that does not exist is a mistake in the product."""
    return BY_NAME[name]
