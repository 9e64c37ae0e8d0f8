"""Reads every Python file of the product and says which ones are broken; needs nothing installed."""

import ast
import sys
from pathlib import Path

FOLDERS = ("app", "migrations", "tests")


def faults(root: Path) -> list[str]:
    """One line per file that is no Python."""
    found = []
    for path in sorted(file for folder in FOLDERS for file in (root / folder).rglob("*.py")):
        try:
            ast.parse(path.read_bytes(), str(path))
        except (SyntaxError, ValueError) as error:
            found.append(f"{path.relative_to(root)}: {error}")
    return found


if __name__ == "__main__":
    sys.exit("\n".join(faults(Path(__file__).resolve().parents[1])) or 0)
