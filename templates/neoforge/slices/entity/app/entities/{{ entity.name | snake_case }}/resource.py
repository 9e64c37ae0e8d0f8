{%- set taken = ["metadata", "registry", "type_annotation_map", "id", "created_at", "updated_at", "datetime", "decimal", "typing", "sa", "orm", "columns", "database", "int", "str", "bool", "float", "dict"] -%}
{%- set api = "/api/" ~ (entity.plural | kebab_case) -%}
{%- set reserved = ["/", "/api", "/static", "/metrics", "/healthz", "/sign-in", "/sign-up", "/sign-out", "/records"] -%}
{%- set ns = namespace(path="/" ~ (entity.plural | kebab_case), found=false, aliases=0, links=false) -%}
{%- for page in blueprint.pages if page.entity == entity.name and page.kind == "list" and not ns.found -%}
{%- if page.path.startswith("/") and "{" not in page.path and ":" not in page.path and not page.path.endswith("/") and not page.path.startswith("/-/") -%}
{%- set ns.path = page.path -%}{%- set ns.found = true -%}
{%- endif -%}
{%- endfor -%}
{%- if ns.path in reserved -%}{%- set ns.path = "/records/" ~ (entity.plural | kebab_case) -%}{%- endif -%}
{%- for page in blueprint.pages if page.entity == entity.name -%}
{%- set detail = page.kind == "detail" and page.path.startswith(ns.path ~ "/{") -%}
{%- if page.path not in [ns.path, ns.path ~ "/new"] and not detail and page.kind in ["list", "board", "form", "detail"] -%}{%- set ns.aliases = ns.aliases + 1 -%}{%- endif -%}
{%- endfor -%}
{%- for field in entity.fields -%}{%- if field.type == "refs" and not field.computed -%}{%- set ns.links = true -%}{%- endif -%}{%- endfor -%}
"""What the product knows about {{ entity.name }}: its fields, who owns it, its states and its search."""

{% if entity.workflow and entity.workflow.transitions -%}
from app.core.fields import Field
from app.core.resource import {% if ns.aliases %}Alias, {% endif %}Resource, Transition
{%- else -%}
{% if entity.fields %}from app.core.fields import Field
{% endif %}from app.core.resource import {% if ns.aliases %}Alias, {% endif %}Resource
{%- endif %}
from app.entities.{{ entity.name | snake_case }} import model

RESOURCE = Resource(
    name={{ entity.name | py }},
    label={{ entity.name | title_case | py }},
    plural={{ entity.plural | title_case | py }},
    description={{ (entity.description or "") | py }},
    api_path={{ api | py }},
    page_path={{ ns.path | py }},
    model=model.{{ entity.name }},
    display={{ entity.display | py }},
    owned={{ (entity.owner is not none and entity.owner != "") | py }},
    fields=({% for field in entity.fields %}
        Field(
            name={{ field.name | py }},
            kind={{ field.type | py }},
            label={{ field.name | title_case | py }},
            attribute={{ (field.name ~ ("_" if field.name in taken else "")) | py }},
{%- if field.required and not field.computed %}
            required=True,
{%- endif %}
{%- if field.unique and not field.computed and field.type not in ["json", "geo_point", "refs"] %}
            unique=True,
{%- endif %}
{%- if field.default is not none and not field.computed %}
            default={{ field.default | py }},
{%- endif %}
{%- if field.min is not none %}
            minimum={{ (field.min ~ "") | py }},
{%- endif %}
{%- if field.max is not none %}
            maximum={{ (field.max ~ "") | py }},
{%- endif %}
{%- if field.type == "enum" %}
            values=({% for value in field["values"] %}{% if loop.length > 1 %}
                {% endif %}{{ value | py }},{% endfor %}{% if field["values"] | length > 1 %}
            {% endif %}),
{%- endif %}
{%- if field.type == "money" and field.currency %}
            currency={{ field.currency | py }},
{%- endif %}
{%- if field.references %}
            target={{ field.references.entity | py }},
{%- endif %}
{%- if field.computed %}
            formula={{ field.computed | py }},
{%- endif %}
{%- if field.help %}
            help={{ field.help | py }},
{%- endif %}
        ),
{%- endfor %}{% if entity.fields %}
    {% endif %}),
{%- if entity.search %}
    search=({% for name in entity.search %}{% if loop.length > 1 %}
        {% endif %}{{ name | py }},{% endfor %}{% if entity.search | length > 1 %}
    {% endif %}),
{%- endif %}
{%- if entity.workflow %}
    state={{ entity.workflow.field | py }},
{%- endif %}
{%- if entity.workflow and entity.workflow.transitions %}
    transitions=(
{%- for step in entity.workflow.transitions %}
        Transition(
            name={{ step.name | py }},
            label={{ step.name | title_case | py }},
            sources=({% for state in step.from %}{% if loop.length > 1 %}
                {% endif %}{{ state | py }},{% endfor %}{% if step.from | length > 1 %}
            {% endif %}),
            target={{ step.to | py }},
        ),
{%- endfor %}
    ),
{%- endif %}
{%- if ns.aliases %}
    aliases=({% for page in blueprint.pages if page.entity == entity.name %}
{%- set detail = page.kind == "detail" and page.path.startswith(ns.path ~ "/{") %}
{%- if page.path not in [ns.path, ns.path ~ "/new"] and not detail and page.kind in ["list", "board", "form", "detail"] %}{% if ns.aliases > 1 %}
        {% endif %}Alias(path={{ page.path | py }}, kind={{ page.kind | py }}),
{%- endif %}
{%- endfor %}{% if ns.aliases > 1 %}
    {% endif %}),
{%- endif %}
{%- if ns.links %}
    links={
{%- for field in entity.fields if field.type == "refs" and not field.computed %}
        {{ field.name | py }}: model.{{ field.name | upper }}_LINKS,
{%- endfor %}
    },
{%- endif %}
    seed_records={{ (entity.seed_records or 0) | py }},
)
