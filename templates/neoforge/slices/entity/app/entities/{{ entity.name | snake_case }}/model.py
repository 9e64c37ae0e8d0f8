{%- set taken = ["metadata", "registry", "type_annotation_map", "id", "created_at", "updated_at", "datetime", "decimal", "typing", "sa", "orm", "columns", "database", "int", "str", "bool", "float", "dict"] -%}
{%- set py_types = {"integer": "int", "decimal": "decimal.Decimal", "money": "decimal.Decimal", "boolean": "bool", "date": "datetime.date", "datetime": "datetime.datetime", "geo_point": "dict[str, float]", "json": "typing.Any", "ref": "int"} -%}
{%- set sa_types = {"long_text": "sa.Text()", "integer": "sa.BigInteger()", "decimal": "columns.Exact(6)", "money": "columns.Exact(4)", "boolean": "sa.Boolean()", "date": "sa.Date()", "datetime": "columns.UtcDateTime()", "geo_point": "sa.JSON(none_as_null=True)", "json": "sa.JSON(none_as_null=True)"} -%}
{%- set rules = {"restrict": "RESTRICT", "cascade": "CASCADE", "set_null": "SET NULL"} -%}
{%- set ns = namespace(dates=false, decimals=false, any=false, columns=false, stored=false, plain=false) -%}
{%- for field in entity.fields if not field.computed -%}
{%- if field.type != "refs" -%}{%- set ns.stored = true -%}{%- endif -%}
{%- if field.type not in ["decimal", "money", "datetime"] -%}{%- set ns.plain = true -%}{%- endif -%}
{%- if field.type in ["date", "datetime"] -%}{%- set ns.dates = true -%}{%- endif -%}
{%- if field.type in ["decimal", "money"] -%}{%- set ns.decimals = true -%}{%- endif -%}
{%- if field.type == "json" -%}{%- set ns.any = true -%}{%- endif -%}
{%- if field.type in ["decimal", "money", "datetime"] -%}{%- set ns.columns = true -%}{%- endif -%}
{%- endfor -%}
"""The table of {{ entity.name }}."""
{% if ns.dates %}
import datetime
{%- endif %}
{%- if ns.decimals %}
import decimal
{%- endif %}
{%- if ns.any %}
import typing
{%- endif %}
{%- if ns.dates or ns.decimals or ns.any %}
{% endif %}
{%- if ns.plain %}
import sqlalchemy as sa
{%- endif %}
{%- if ns.stored %}
from sqlalchemy import orm
{%- endif %}
{%- if ns.plain or ns.stored %}
{% endif %}
from app.core import {% if ns.columns %}columns, {% endif %}database


class {{ entity.name }}({% if entity.owner %}database.Owned, {% endif %}database.Record):
    """One row per {{ entity.name }}."""

    __tablename__ = {{ entity.name | snake_case | py }}
{%- if ns.stored %}
{% endif %}
{%- for field in entity.fields if not field.computed and field.type != "refs" %}
{%- set attribute = field.name ~ ("_" if field.name in taken else "") %}
{%- set python = py_types[field.type] if field.type in py_types else "str" %}
{%- set required = field.required or false %}
    {{ attribute }}: orm.Mapped[{{ python }}{% if not required and python != "typing.Any" %} | None{% endif %}] = orm.mapped_column({{ field.name | py }}, {% if field.type == "ref" %}
{%- set rule = field.references.on_delete or "restrict" -%}
{%- set rule = "restrict" if required and rule == "set_null" else rule -%}
{%- set own = field.references.entity in [entity.name, "User"] -%}
sa.ForeignKey({{ ((field.references.entity | snake_case) ~ ".id") | py }}, ondelete={{ rules[rule] | py }}{% if not required and not own %}, use_alter=True{% endif %}), {% if not field.unique %}index=True, {% endif %}
{%- else -%}
{{ sa_types[field.type] if field.type in sa_types else "sa.String()" }}, {% endif %}{% if field.unique and field.type not in ["json", "geo_point"] %}unique=True, {% endif %}nullable={{ (not required) | py }})
{%- endfor %}
{%- for field in entity.fields if not field.computed and field.type == "refs" %}
{%- if loop.first %}

{% endif %}
{{ field.name | upper }}_LINKS = sa.Table(
    {{ ((entity.name | snake_case) ~ "__" ~ field.name) | py }},
    database.Base.metadata,
    sa.Column("source", sa.ForeignKey({{ ((entity.name | snake_case) ~ ".id") | py }}, ondelete="CASCADE"), primary_key=True),
    sa.Column("target", sa.ForeignKey({{ ((field.references.entity | snake_case) ~ ".id") | py }}, ondelete={{ ("RESTRICT" if field.required or (field.references.on_delete or "restrict") == "restrict" else "CASCADE") | py }}), primary_key=True, index=True),
)
{%- endfor %}
