"""What stories add to records."""

# Imports stand sorted by bytes, as the factory keeps them.
# isort: off
# fmt: off
# factory:begin imports
# factory:end imports
# fmt: on
# isort: on
from app.core.stories import Exchange, Notice, Report

STORIES: tuple[Report | Exchange | Notice, ...] = (
    # factory:begin stories
    # factory:end stories
)
REPORTS = tuple(story for story in STORIES if isinstance(story, Report))
EXCHANGES = tuple(story for story in STORIES if isinstance(story, Exchange))
NOTICES = tuple(story for story in STORIES if isinstance(story, Notice))
