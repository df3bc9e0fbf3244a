"""Plans a whole table of rows, one plan a row, and updates what stands from an earlier time.

- `row_words`: what the cells of a row ask for
- `row_ids`: ids as names of files, each once
- `row_digests`: what tells whether a row asks for something else than before
- `outcomes`: what has become of a row
- `recurring`: what rows that ask for the same have in common, rendered once
- `planning`: a row -> its plan, new or changed
- `tables`: the schedule and the rejected rows, as tables
- `places`: the folder that has the plan of each row
- `archive`, `table_files`, `outputs`: what is left behind beside the plans, or in an archive
- `running`: the rows, in one process or several
- `gone`: plans whose row is gone
- `summary`, `whole`: all of it, and what is said of it
"""
