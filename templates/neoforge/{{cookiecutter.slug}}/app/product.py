"""What the product calls itself."""

NAME = {{ blueprint.product.name | py }}
ONE_LINER = {{ blueprint.product.one_liner | py }}
LANGUAGE = {{ ((blueprint.quality.languages or ["en"]) | first) | py }}
