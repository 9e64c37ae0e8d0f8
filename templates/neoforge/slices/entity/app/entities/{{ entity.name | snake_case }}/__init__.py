"""Everything about {{ entity.name }}."""
