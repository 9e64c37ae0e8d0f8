"""What can go wrong for a caller, as one family of exceptions that API and pages translate."""

from collections.abc import Mapping


class Problem(Exception):
    """Something that the caller can understand and change."""

    status = 400
    title = "The request cannot be served"

    def __init__(self, detail: str, errors: Mapping[str, str] | None = None) -> None:
        super().__init__(detail)
        self.detail = detail
        self.errors = dict(errors or {})

    def as_json(self) -> dict[str, object]:
        """The problem as RFC 9457 describes it, with one message per field."""
        errors = [{"field": field, "message": text} for field, text in self.errors.items()]
        return {
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
            "errors": errors,
        }


class NotSignedIn(Problem):
    """Nobody is signed in."""

    status = 401
    title = "Sign in first"


class Refused(Problem):
    """The member's role does not allow it."""

    status = 403
    title = "Not allowed"


class Missing(Problem):
    """There is no such record, or none that the member may know of."""

    status = 404
    title = "Not found"


class Conflict(Problem):
    """The request contradicts what is stored."""

    status = 409
    title = "Conflict"


class Invalid(Problem):
    """Values that the product cannot accept, one message per field."""

    status = 422
    title = "Some values are not valid"
