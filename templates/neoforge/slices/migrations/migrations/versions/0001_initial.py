{%- set sa_types = {"long_text": "sa.Text()", "integer": "sa.BigInteger()", "decimal": "sa.BigInteger()", "money": "sa.BigInteger()", "boolean": "sa.Boolean()", "date": "sa.Date()", "datetime": "sa.DateTime()", "geo_point": "sa.JSON(none_as_null=True)", "json": "sa.JSON(none_as_null=True)"} -%}
{%- set rules = {"restrict": "RESTRICT", "cascade": "CASCADE", "set_null": "SET NULL"} -%}
{%- set ns = namespace(placed="|", late=false) -%}
{%- for entity in blueprint.entities -%}{%- for field in entity.fields if field.type == "ref" and not field.computed and not field.required and field.references.entity not in [entity.name, "User"] -%}{%- set ns.late = true -%}{%- endfor -%}{%- endfor -%}
"""The tables of the first version, each after the tables that its rows cannot be without."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# References that may be empty can form a ring; where the database allows it, they are added once all tables exist.
LATE_REFERENCES: list[tuple[str, str, str, str]] = [
{%- for entity in blueprint.entities %}
{%- for field in entity.fields if field.type == "ref" and not field.computed and not field.required and field.references.entity not in [entity.name, "User"] %}
    ({{ entity.name | snake_case | py }}, {{ field.references.entity | snake_case | py }}, {{ field.name | py }}, {{ rules[field.references.on_delete or "restrict"] | py }}),
{%- endfor %}
{%- endfor %}
{%- if ns.late %}
{% endif %}]


def upgrade() -> None:
    """Makes all tables."""
    op.create_table(
        "user",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("email", sa.String(), unique=True, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("role", sa.String(), index=True, nullable=False),
        sa.Column("password_hash", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
    )
    op.create_table(
        "user__token",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("user_id", sa.Integer(), sa.ForeignKey("user.id", ondelete="CASCADE"), index=True, nullable=False),
        sa.Column("use", sa.String(), nullable=False),
        sa.Column("secret_hash", sa.String(), unique=True, nullable=False),
        sa.Column("expires_at", sa.DateTime(), nullable=False),
    )
    op.create_table(
        "user__message",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("user_id", sa.Integer(), sa.ForeignKey("user.id", ondelete="CASCADE"), index=True, nullable=True),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("story", sa.String(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("path", sa.String(), nullable=False),
        sa.Column("key", sa.String(), unique=True, nullable=True),
        sa.Column("created_at", sa.DateTime(), nullable=False),
    )
{%- for round in blueprint.entities %}
{%- for entity in blueprint.entities %}
{%- if ("|" ~ entity.name ~ "|") not in ns.placed %}
{%- set needs = namespace(met=true) %}
{%- for field in entity.fields if field.type == "ref" and field.required and not field.computed %}
{%- if field.references.entity not in [entity.name, "User"] and ("|" ~ field.references.entity ~ "|") not in ns.placed %}{% set needs.met = false %}{% endif %}
{%- endfor %}
{%- if needs.met %}
{%- set ns.placed = ns.placed ~ entity.name ~ "|" %}
    op.create_table(
        {{ entity.name | snake_case | py }},
{%- for field in entity.fields if not field.computed and field.type != "refs" %}
{%- set required = field.required or false %}
        sa.Column({{ field.name | py }}, {% if field.type == "ref" %}
{%- set rule = field.references.on_delete or "restrict" -%}
{%- set rule = "restrict" if required and rule == "set_null" else rule -%}
sa.Integer(), sa.ForeignKey({{ ((field.references.entity | snake_case) ~ ".id") | py }}, ondelete={{ rules[rule] | py }}{% if not required and field.references.entity not in [entity.name, "User"] %}, use_alter=True{% endif %}), {% if not field.unique %}index=True, {% endif %}
{%- else -%}
{{ sa_types[field.type] if field.type in sa_types else "sa.String()" }}, {% endif %}{% if field.unique and field.type not in ["json", "geo_point"] %}unique=True, {% endif %}nullable={{ (not required) | py }}),
{%- endfor %}
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("updated_at", sa.DateTime(), nullable=False),
{%- if entity.owner %}
        sa.Column("owner__id", sa.Integer(), sa.ForeignKey("user.id", ondelete="RESTRICT"), index=True, nullable=False),
{%- endif %}
    )
{%- endif %}
{%- endif %}
{%- endfor %}
{%- endfor %}
{%- for entity in blueprint.entities %}
{%- for field in entity.fields if field.type == "refs" and not field.computed %}
    op.create_table(
        {{ ((entity.name | snake_case) ~ "__" ~ field.name) | py }},
        sa.Column("source", sa.Integer(), sa.ForeignKey({{ ((entity.name | snake_case) ~ ".id") | py }}, ondelete="CASCADE"), primary_key=True),
        sa.Column("target", sa.Integer(), sa.ForeignKey({{ ((field.references.entity | snake_case) ~ ".id") | py }}, ondelete={{ ("RESTRICT" if field.required or (field.references.on_delete or "restrict") == "restrict" else "CASCADE") | py }}), primary_key=True, index=True),
    )
{%- endfor %}
{%- endfor %}
    if op.get_bind().dialect.supports_alter:
        for source, target, column, rule in LATE_REFERENCES:
            op.create_foreign_key(None, source, target, [column], ["id"], ondelete=rule)


def downgrade() -> None:
    """Drops every table that `upgrade` made."""
    bind = op.get_bind()
    tables = sa.MetaData()
    tables.reflect(bind)
    tables.remove(tables.tables["alembic_version"])
    tables.drop_all(bind)
