"""The addresses of {{ entity.name }}: its API and its pages."""

from fastapi import APIRouter

from app.core.api import api_router
from app.core.pages import pages_router
from app.entities.{{ entity.name | snake_case }}.resource import RESOURCE

router = APIRouter()
router.include_router(api_router(RESOURCE))
router.include_router(pages_router(RESOURCE))
