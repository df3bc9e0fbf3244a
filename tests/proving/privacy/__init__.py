"""What private files tell, and what a text can do: `python -m tests.proving.privacy --help`.

- `words`: no file of a private plan tells anything, over its whole life
- `modes`: every file is its owner's alone
- `errors`: no failure tells whose plan it was about
- `typed`, `injection`: hostile texts, typed or in files, are no more than texts
- `places`: links and special files are not followed into harm
- `code`: nothing in the program runs what it reads, or goes over a network
- `hostile_texts`, `sought`: the texts, and the words that are looked for in any form
- `watch`: all files that a command makes, those too that are there for a moment only
- `readers`: how other programs read what was written
- `count`: what was tried
"""
