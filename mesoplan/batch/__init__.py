"""Plans a whole table of rows, one plan per row, and updates the plans of an earlier time.

- `rows`: what a row asks for: its cells, its id, and a digest that says whether it has changed
- `planning`: a row -> its plan, new or changed, or the reason why it has none
- `tables`: the schedule and the rejected rows
- `output`: the folder of plans, the tables beside them, or an archive of it all
- `run`: all rows in their order, and the plans whose row is gone
"""
