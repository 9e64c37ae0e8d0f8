"""Every router of the product; stories come first, so that their addresses win over those of records."""

# Imports stand sorted by bytes, as the factory keeps them.
# isort: off
# fmt: off
# factory:begin imports
# factory:end imports
# fmt: on
# isort: on
from fastapi import APIRouter

from app.core.exchange import exchange_router
from app.core.reports import report_router
from app.registry.stories import EXCHANGES, REPORTS

ROUTERS: tuple[APIRouter, ...] = (
    *(report_router(report) for report in REPORTS),
    *(exchange_router(exchange) for exchange in EXCHANGES),
    # factory:begin routers
    # factory:end routers
)
