{%- set reserved = ["/", "/api", "/static", "/metrics", "/healthz", "/sign-in", "/sign-up", "/sign-out", "/records"] -%}
{%- set ns = namespace(path="/" ~ (entity.plural | kebab_case), found=false, rights=false) -%}
{%- for page in blueprint.pages if page.entity == entity.name and page.kind == "list" and not ns.found -%}
{%- if page.path.startswith("/") and "{" not in page.path and ":" not in page.path and not page.path.endswith("/") and not page.path.startswith("/-/") -%}
{%- set ns.path = page.path -%}{%- set ns.found = true -%}
{%- endif -%}
{%- endfor -%}
{%- if ns.path in reserved -%}{%- set ns.path = "/records/" ~ (entity.plural | kebab_case) -%}{%- endif -%}
{%- for role in blueprint.roles -%}{%- for grant in role.can if grant.entity == entity.name -%}{%- set ns.rights = true -%}{%- endfor -%}{%- endfor -%}
"""What the specification says about {{ entity.name }}, and the proof that the product keeps to it."""

from tests.contract import EntityContract
from tests.facts import Facts{% if entity.fields %}, FieldFact{% endif %}{% if ns.rights %}, Right{% endif %}{% if entity.workflow and entity.workflow.transitions %}, StepFact{% endif %}

FACTS = Facts(
    entity={{ entity.name | py }},
    api={{ ("/api/" ~ (entity.plural | kebab_case)) | py }},
    page={{ ns.path | py }},
    display={{ entity.display | py }},
    owned={{ (entity.owner is not none and entity.owner != "") | py }},
    fields=({% for field in entity.fields %}
        FieldFact(
            name={{ field.name | py }},
            kind={{ field.type | py }},
            required={{ (field.required or false) | py }},
            unique={{ ((field.unique or false) and not field.computed and field.type not in ["json", "geo_point", "refs"]) | py }},
            default={{ field.default | py }},
            low={{ (none if field.min is none else field.min ~ "") | py }},
            high={{ (none if field.max is none else field.max ~ "") | py }},
            values=({% for value in field["values"] %}{% if loop.length > 1 %}
                {% endif %}{{ value | py }},{% endfor %}{% if field["values"] | length > 1 %}
            {% endif %}),
            target={{ (field.references.entity if field.references else none) | py }},
            on_delete={{ ((field.references.on_delete or "restrict") if field.references else none) | py }},
            computed={{ field.computed | py }},
        ),
{%- endfor %}{% if entity.fields %}
    {% endif %}),
    search=({% for name in entity.search %}{% if loop.length > 1 %}
        {% endif %}{{ name | py }},{% endfor %}{% if entity.search | length > 1 %}
    {% endif %}),
    state={{ (entity.workflow.field if entity.workflow else none) | py }},
    steps={% if entity.workflow and entity.workflow.transitions %}(
{%- for step in entity.workflow.transitions %}
        StepFact(
            name={{ step.name | py }},
            sources=({% for state in step.from %}{% if loop.length > 1 %}
                {% endif %}{{ state | py }},{% endfor %}{% if step.from | length > 1 %}
            {% endif %}),
            target={{ step.to | py }},
        ),
{%- endfor %}
    ){% else %}(){% endif %},
    roles=({% for role in blueprint.roles %}{% if loop.length > 1 %}
        {% endif %}{{ role.name | py }},{% endfor %}{% if blueprint.roles | length > 1 %}
    {% endif %}),
    rights={% if ns.rights %}(
{%- for role in blueprint.roles %}
{%- for grant in role.can if grant.entity == entity.name %}
        Right(
            role={{ role.name | py }},
            action={{ grant.action | py }},
            scope={{ (grant.scope or "own") | py }},
        ),
{%- endfor %}
{%- endfor %}
    ){% else %}(){% endif %},
)


class Test{{ entity.name }}(EntityContract):
    """Runs the contract of every entity on {{ entity.name }}."""

    facts = FACTS
