"""One module per story that needs more than records: reports, exchange of files, notices."""
