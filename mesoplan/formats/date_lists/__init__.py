"""Reads lists and tables of dates, as people and spreadsheets write them.

- `reader`: a file's text, and whether it is a list or a table
- `plain`: a list, one date a line
- `table`: CSV and TSV with a header
- `cells`: one date with its time
"""
