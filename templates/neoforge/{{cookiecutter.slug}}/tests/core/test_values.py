"""Values: formulas, amounts, uploads and documents."""

import datetime
from decimal import Decimal

import pytest

from app.core import formula, samples, schemas, uploads
from app.core.columns import Exact, UtcDateTime
from app.core.errors import Invalid
from app.core.exchange import harmless
from app.core.fields import Field, money_text, rounded, to_input, to_json, to_text, words
from app.core.pdf import write_pdf
from app.core.reader import as_number

FIELDS = {"a": Decimal(3), "b": Decimal("0.5"), "none": None, "zero": Decimal(0)}


def described(kind: str, **other: object) -> Field:
    """A field of a kind."""
    return Field(name="it", label="It", attribute="it", kind=kind, **other)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a * b", "1.5"),
        ("a + b * 2", "4"),
        ("(a + b) * 2", "7"),
        ("a - -b", "3.5"),
        ("+a / 2", "1.5"),
        ("0.1 + 0.2", "0.3"),
        ("a * none", None),
        ("a / zero", None),
    ],
)
def test_a_formula_is_arithmetic(text: str, expected: str | None) -> None:
    found = formula.evaluate(text, lambda path: FIELDS[path[0]])
    assert found == (None if expected is None else Decimal(expected))


@pytest.mark.parametrize("text", ["a(", "a ** b", "open('x')", "a if b else a", "'text'", "a[0]"])
def test_a_formula_is_nothing_else(text: str) -> None:
    with pytest.raises(formula.Malformed):
        formula.evaluate(text, lambda path: FIELDS[path[0]])


@pytest.mark.parametrize(
    ("amount", "text"),
    [("120", "120.00"), ("0.5", "0.50"), ("1E+3", "1000.00"), ("0.125", "0.125")],
)
def test_an_amount_has_two_digits_at_least(amount: str, text: str) -> None:
    assert money_text(Decimal(amount)) == text


def test_values_are_written_for_programs_people_and_forms() -> None:
    time = datetime.datetime(2026, 1, 2, 3, 4, 5, tzinfo=datetime.UTC)
    day = datetime.date(2026, 1, 2)
    place = {"lat": 1.5, "lon": 2.5}
    rows = [
        ("money", Decimal("1.5"), "1.50", "1.50 EUR", "1.50"),
        ("decimal", Decimal("1.50"), "1.5", "1.5", "1.5"),
        ("boolean", True, True, "Yes", "on"),
        ("datetime", time, "2026-01-02T03:04:05Z", "2026-01-02 03:04 UTC", "2026-01-02T03:04:05"),
        ("date", day, "2026-01-02", "2026-01-02", "2026-01-02"),
        ("enum", "in_progress", "in_progress", "In progress", "in_progress"),
        ("geo_point", place, place, "1.5, 2.5", "1.5, 2.5"),
        ("json", {"a": 1}, {"a": 1}, '{"a": 1}', '{\n  "a": 1\n}'),
        ("text", None, None, "–", ""),
        ("refs", [1, 2], [1, 2], "[1, 2]", ["1", "2"]),
    ]
    for kind, value, program, people, control in rows:
        field = described(kind, currency="EUR" if kind == "money" else None)
        assert to_json(field, value) == program, kind
        assert to_text(field, value) == people, kind
        assert to_input(field, value) == control, kind
    assert words("mark-paid_now") == "Mark paid now"


def test_results_are_rounded_as_their_kind_is() -> None:
    number = Decimal("2.345678949")
    assert rounded(described("integer"), Decimal("2.5")) == 3
    assert rounded(described("money"), Decimal("2.345")) == Decimal("2.35")
    assert rounded(described("decimal"), number) == Decimal("2.345679")
    assert rounded(described("date"), Decimal(1)) == datetime.date(1, 1, 1)
    assert rounded(described("boolean"), Decimal(2)) is True
    assert rounded(described("text"), Decimal("2.50")) == "2.5"
    day = datetime.date(2026, 3, 1)
    later = datetime.date(2026, 3, 15)
    assert as_number(later) - as_number(day) == 14  # type: ignore[operator]
    noon = datetime.datetime(2026, 3, 1, 12, tzinfo=datetime.UTC)
    assert as_number(noon) is not None and as_number("text") is None


def test_columns_keep_amounts_and_times_exact() -> None:
    exact, moment, dialect = Exact(4), UtcDateTime(), None
    for text in ("0.1", "-12.3456", "999999999999.9999"):
        stored = exact.process_bind_param(Decimal(text), dialect)  # type: ignore[arg-type]
        assert exact.process_result_value(stored, dialect) == Decimal(text)  # type: ignore[arg-type]
    east = datetime.timezone(datetime.timedelta(hours=2))
    time = datetime.datetime(2026, 1, 1, 12, tzinfo=east)
    kept = moment.process_bind_param(time, dialect)  # type: ignore[arg-type]
    assert moment.process_result_value(kept, dialect) == time  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "value", ["52.5, 13.4", "52.5 13.4", [52.5, 13.4], {"lat": 52.5, "lng": 13.4}]
)
def test_a_place_is_read_in_many_forms(value: object) -> None:
    assert schemas.check_one(described("geo_point"), value) == {"lat": 52.5, "lon": 13.4}


@pytest.mark.parametrize("value", ["91, 0", "0, 181", "here", [1], None, "nan, 0"])
def test_a_place_is_on_the_globe(value: object) -> None:
    with pytest.raises(Invalid):
        schemas.check_one(described("geo_point"), value)


@pytest.mark.parametrize("value", [float("nan"), "\ud800"])
def test_json_carries_only_what_json_can(value: object) -> None:
    with pytest.raises(Invalid):
        schemas.check_one(described("json"), value)


def test_samples_differ_and_keep_their_bounds() -> None:
    short = described("text", maximum="3")
    assert len({samples.sample(short, number) for number in range(1, 1000)}) == 999
    assert all(len(samples.sample(short, number)) <= 3 for number in (1, 40000))
    assert len(samples.sample(described("text", minimum="30"), 1)) == 30
    whole = described("integer", minimum="5", maximum="7")
    assert {samples.sample(whole, number) for number in range(9)} == {5, 6, 7}
    assert Decimal(samples.sample(described("money", maximum="-2"), 1)) <= -2


def test_only_names_that_we_gave_lead_to_files() -> None:
    for name in (None, "../secret", "note.txt", "0" * 32 + "-missing.txt"):
        assert uploads.locate(name) is None
    assert uploads.original_name("0" * 32 + "-note.txt") == "note.txt"


def test_a_spreadsheet_takes_no_cell_for_a_formula() -> None:
    assert harmless("=1+1") == "'=1+1" and harmless("@x") == "'@x"
    assert harmless("-12.5") == "-12.5" and harmless("plain") == "plain"


def test_a_document_has_pages() -> None:
    document = write_pdf("Title (1)", [f"line {number} ü –" for number in range(100)])
    assert document.count(b"/Type /Page ") == 2 and b"Title \\(1\\)" in document
    start = int(document.rsplit(b"startxref\n", 1)[1].split(b"\n")[0])
    assert document[start:].startswith(b"xref")
