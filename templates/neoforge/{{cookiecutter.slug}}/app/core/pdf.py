"""Writes lines of text as a plain PDF, with nothing but the standard library."""

LINES_PER_PAGE = 60
CHARACTERS_PER_LINE = 110


def write_pdf(title: str, lines: list[str]) -> bytes:
    """Writes a document of A4 pages; long lines are cut, letters outside Latin-1 become `?`."""
    pages = [lines[at : at + LINES_PER_PAGE] for at in range(0, len(lines), LINES_PER_PAGE)]
    references = " ".join(f"{4 + 2 * number} 0 R" for number in range(len(pages)))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{references}] /Count {len(pages)} >>".encode(),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Courier /Encoding /WinAnsiEncoding >>",
    ]
    for number, page in enumerate(pages):
        objects += page_objects(title if number == 0 else "", page, 5 + 2 * number)
    return join(objects)


def page_objects(title: str, lines: list[str], content: int) -> list[bytes]:
    """A page and the text on it."""
    drawn = "\n".join(f"({escape(line)}) Tj T*" for line in [title, *lines])
    text = f"BT /F1 8 Tf 40 800 Td 12 TL\n{drawn}\nET".encode("latin-1", "replace")
    page = (
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] "
        f"/Resources << /Font << /F1 3 0 R >> >> /Contents {content} 0 R >>"
    )
    stream = f"<< /Length {len(text)} >>\nstream\n".encode() + text + b"\nendstream"
    return [page.encode(), stream]


def escape(line: str) -> str:
    """A line as PDF text."""
    cut = line[:CHARACTERS_PER_LINE].replace("\n", " ").replace("\r", " ")
    return cut.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")


def join(objects: list[bytes]) -> bytes:
    """Numbers the objects and adds the table of where they stand."""
    body = b"%PDF-1.4\n"
    offsets = []
    for number, content in enumerate(objects, start=1):
        offsets.append(len(body))
        body += f"{number} 0 obj\n".encode() + content + b"\nendobj\n"
    table = "".join(f"{offset:010d} 00000 n \n" for offset in offsets)
    count = len(objects) + 1
    tail = (
        f"xref\n0 {count}\n0000000000 65535 f \n{table}"
        f"trailer\n<< /Size {count} /Root 1 0 R >>\nstartxref\n{len(body)}\n%%EOF\n"
    )
    return body + tail.encode()
