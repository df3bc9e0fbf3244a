"""Reads the rows of a batch, as spreadsheets and programs write them; any number of rows.

- `values`: a row, one that can't be read, and several values in a cell
- `source`: the bytes, what they are written in, and what is no text at all
- `lines`: the lines of a row, none too long to be kept
- `header`: which column is which
- `delimited`: rows of CSV and TSV
- `json_lines`: rows of NDJSON, an object a line
- `reader`: opens any of them
"""
