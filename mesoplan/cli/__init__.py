"""The command line: words in, one call, words out. Alone reads the clock; `app` alone exits."""
