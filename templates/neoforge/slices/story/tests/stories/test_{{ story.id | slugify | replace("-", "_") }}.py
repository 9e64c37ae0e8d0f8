"""Story {{ story.id }}, a {{ story.kind }}: its acceptance, step by step."""

from tests.acceptance import Expect, Stage, Step
{%- if story.detail %}
from tests.{{ {"report": "reporting", "exchange": "exchanging", "notify": "notifying"}[story.kind] }} import check_{{ story.kind }}
{%- endif %}
{%- for example in story.acceptance %}


def test_example_{{ loop.index }}(stage: Stage) -> None:
    """What the specification says, on an empty product."""
    stage.play(
        given={{ (example.given or "") | py }},
        when={{ (example.when or "") | py }},
        then={{ (example.then or "") | py }},
        steps=(
{%- for step in example.steps %}
            Step(
                role={{ step.as | py }},
                action={{ step.do | py }},
                entity={{ step.entity | py }},
                of={{ step.of | py }},
                values={{ (step["with"] or {}) | py }},
                bind={{ step.bind | py }},
            ),
{%- endfor %}
        ),
        expect=(
{%- for item in example.expect %}
            Expect(
                of={{ item.of | py }},
                field={{ item.field | py }},
                equals={{ item.equals | py }},
                count={{ item["count"] | py }},
                refused={{ (item.refused or false) | py }},
            ),
{%- endfor %}
        ),
    )
{%- endfor %}
{%- if story.detail %}


def test_{{ story.kind }}(stage: Stage) -> None:
    """What the kind of the story promises beyond its examples."""
    check_{{ story.kind }}(
        stage,
{%- if story.kind == "report" %}
        story={{ story.id | slugify | py }},
        entity={{ story.detail.entity | py }},
        measure={{ story.detail.measure | py }},
        field={{ story.detail.field | py }},
        group_by={{ story.detail.group_by | py }},
{%- elif story.kind == "exchange" %}
        story={{ story.id | slugify | py }},
        entity={{ story.detail.entity | py }},
        direction={{ story.detail.direction | py }},
        kind={{ story.detail.format | py }},
{%- else %}
        story={{ story.id | slugify | py }},
        entity={{ story.detail.on.entity | py }},
        transition={{ story.detail.on.transition | py }},
        field={{ story.detail.on.field | py }},
        days_before={{ story.detail.days_before | py }},
        to={{ story.detail.to | py }},
        channel={{ story.detail.channel | py }},
{%- endif %}
    )
{%- endif %}
