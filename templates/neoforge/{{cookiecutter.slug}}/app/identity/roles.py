"""The roles of the product and what each of them may do. Whatever is not listed here is refused."""
{%- set ns = namespace(grants=false) %}
{%- for role in blueprint.roles %}{% if role.can %}{% set ns.grants = true %}{% endif %}{% endfor %}

from app.core.access import {% if ns.grants %}Grant, {% endif %}Role

ROLES: tuple[Role, ...] = ({% for role in blueprint.roles %}
    Role(
        name={{ role.name | py }},
        label={{ role.name | title_case | py }},
        description={{ role.description | default("", true) | py }},
        signs_up={{ (role.signs_up or false) | py }},
        grants=(
{%- for grant in role.can %}
            Grant(
                action={{ grant.action | py }},
                entity={{ grant.entity | py }},
                scope={{ (grant.scope or "own") | py }},
            ),
{%- endfor %}
{%- if role.can %}
        ),
{%- else %}),
{%- endif %}
    ),
{%- endfor %}
{%- if blueprint.roles %}
{% endif %})
