"""Reads all that people read, and finds what a good receptionist wouldn't say.

`python -m tests.plain_words [FILE ...]` lists it. What is read: the messages, docstrings and
comments of the program, the help of every command, golden runs, the README and the manual.
Docstrings and comments are searched for words only; all else has short sentences, too.
"""

import ast
import io
import re
import sys
import tokenize
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parent.parent
MOST_WORDS = 20

SAY_INSTEAD = {
    r"(il)?legal(ly)?": "within the rules; possible; usable",
    r"h[eo]ld(s|ing)?( \w+){0,4} against": "check against",
    r"mend(s|ed|ing)?": "correct",
    r"(?<!there )(is|are|was|were) (no(?! \w*er\b| more| less)|(?-i:none))": "is not a",
    r"so (many|much) (days|minutes|hours|rows|sessions|rooms|times|weeks|places)": "the number of",
    r"all the same": "anyway",
    r"go(es)? before": "overrides",
    r"not said": "not recorded; not known",
    r"upkeep(?!=)": "maintenance",
    r"breach(es)?": "problem",
    r"violat\w+": "problem; breaks the rule",
    r"overdue": "not recorded",
    r"(tells?|telling|told)(?! (us|them|the patients?|patients)\b)(?<!we told)": "says; shows",
    r"likewise": "(leave it out)",
    r"as far as (that|it|they|there)": "if; where",
    r"(a|one|1) (line|row|file|plan) an? \w+": "one per line",
    r"(touch|boost)(-?up|er)s?|refreshers?": "maintenance",
    r"re-?schedul\w+": "move; rebook",
    r"doctors?(?!\.ics)": "practitioner",
    r"spacing": "interval",
}
"""What nobody says on the phone, and second names of things, each with what to say instead.

A pattern is a whole word or several, in capitals or not. Patients may be asked to “tell us”.
"""

AS_AGREED = ("Call the same day if pain, redness or swelling gets worse,",)
"""How longer sentences begin that a practitioner signs off as they are."""

_PATTERNS = {
    re.compile(rf"\b(?:{pattern})\b", re.IGNORECASE): better
    for pattern, better in SAY_INSTEAD.items()
}
_ANY = re.compile("|".join(pattern.pattern for pattern in _PATTERNS), re.IGNORECASE)
_QUOTED = re.compile(
    r"“[^”\n]*”|`[^`\n]*`|(?<!\w)'[^'\n]*'(?!\w)|(?<!\w)\"[^\"\n]*\"(?!\w)|<[^<>]*>"
)
_DAY = r"(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) +)?\d{1,2} [A-Z][a-z]{2,8}(?: \d{4})?(?:,? \d\d:\d\d)?"
_DAYS = re.compile(rf"{_DAY}(?: – {_DAY})?")
_END = re.compile(r"(?<=[.!?:…])[)”’\"*_]*(?:\s+|$)| [|·→—] |\n")
_JSON = re.compile(r'\s*["{}\[\]]')
_CALENDAR = re.compile(r"^BEGIN:VCALENDAR$.*?^END:VCALENDAR$", re.MULTILINE | re.DOTALL)
_READ = re.compile(r"(?:SUMMARY|DESCRIPTION|LOCATION|CONTACT)[^:]*:(.*)")
_TOML = re.compile(r"^(# )?(\w+ = .*|\[.*\])$", re.MULTILINE)
_CODE = re.compile(r"\(\?|\\[a-z.(\[]|\[\^|\[0-9|%\(|^[{}\[\]]")


class Finding(NamedTuple):
    """A place that somebody should rewrite."""

    where: str
    line: int
    why: str
    text: str

    def __str__(self) -> str:
        return f"{self.where}:{self.line}: {self.why}: {self.text}"


class Text(NamedTuple):
    """Something to read, from one place."""

    line: int
    text: str
    is_prose: bool = True
    """Whether its sentences are to be short: so they are, but in docstrings and comments."""


def problems_in(text: str, *, is_prose: bool = True) -> Iterator[tuple[str, str]]:
    """What is wrong with a text: why, and the words or the sentence."""
    for pattern, better in _PATTERNS.items() if _ANY.search(text) else ():
        if found := pattern.search(text):
            around = text[max(0, found.start() - 30) : found.end() + 30]
            yield f"“{found[0]}”; better: {better}", " ".join(around.split())
    if not is_prose:
        return
    for sentence in sentences(text):
        if sentence.count(";") > 1:
            yield f"{sentence.count(';')} semicolons", sentence
        if sentence.startswith(AS_AGREED) or _is_list(sentence):
            continue
        if (count := len(words(sentence))) > MOST_WORDS:
            yield f"{count} words", sentence


def sentences(text: str) -> list[str]:
    """The sentences of a text; a colon and the end of a line end one, too."""
    plain = _DAYS.sub("DAY", _QUOTED.sub("QUOTED", text))
    return [each.strip() for each in _END.split(plain) if each.strip()]


def words(sentence: str) -> list[str]:
    """The words of a sentence; a date, a field, and what is quoted are one each."""
    return [each for each in sentence.split() if any(map(str.isalnum, each))]


def _is_list(sentence: str) -> bool:
    """“goal, area, interval, … or age”: a list, which may have more words."""
    items = re.split(r",| and | or |;", sentence)
    return len(items) > 5 and sum(len(words(each)) <= 4 for each in items) >= len(items) - 1


# ---------------------------------------------------------------- where texts are


def texts_of_code(source: str) -> Iterator[Text]:
    """The messages, docstrings and comments of a module."""
    nodes = [*ast.walk(ast.parse(source))]
    docstrings, parts = set(), set()
    for node in nodes:
        body = getattr(node, "body", None)
        for each in body if isinstance(body, list) else ():
            if isinstance(each, ast.Expr) and isinstance(each.value, ast.Constant):
                docstrings.add(each.value)
        if isinstance(node, ast.JoinedStr):
            parts |= {each for each in node.values if isinstance(each, ast.Constant)}
    for node in nodes:
        if isinstance(node, ast.JoinedStr):
            fields = (getattr(each, "value", "") for each in node.values)
            text = "".join(each if isinstance(each, str) else "FIELD" for each in fields)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in parts:
            text = node.value
        else:
            continue
        is_docstring = node in docstrings
        if " " in text.strip() and (is_docstring or not _CODE.search(text)):
            text = _TOML.sub(".", text).replace("\n# ", " ")
            yield Text(node.lineno, text, is_prose=not is_docstring)
    for token in tokenize.generate_tokens(io.StringIO(source).readline) if "#" in source else ():
        if token.type == tokenize.COMMENT:
            yield Text(token.start[0], token.string, is_prose=False)


def texts_of_help(shown: str) -> Iterator[Text]:
    """The paragraphs of a command's help, and the help of each option."""
    for block in re.split(r"\n\s*\n", shown):
        if re.match(r"\s*(Usage|Examples):", block):
            continue
        if re.match(r"\s*[A-Z][\w ]*:\n", block):
            for record in re.split(r"\n {2,4}(?=\S)", block)[1:]:
                for part in re.split(r"\s{2,}", re.sub(r"\n\s+", " ", record)):
                    yield Text(0, part)
        else:
            yield Text(0, " ".join(block.split()))


def texts_of_runs(golden: str) -> Iterator[Text]:
    """The lines of golden runs, cell by cell; help is read elsewhere."""
    golden = _CALENDAR.sub(lambda found: _words_of_calendar(found[0]), golden)
    is_help = False
    for number, line in enumerate(golden.splitlines(), start=1):
        if line.startswith("$ "):
            is_help = line.endswith(("--help", "--help-all")) or len(line.split()) == 2
        elif not is_help and not _JSON.match(line):
            for cell in re.split(r"\s{2,}|\\n", line.removeprefix("! ")):
                yield Text(number, cell)


def _words_of_calendar(calendar: str) -> str:
    """What a person reads of a calendar, in as many lines."""
    unfolded = re.sub(
        r"((?:\n .*)+)", lambda it: it[0].replace("\n ", "") + "\n" * it[0].count("\n"), calendar
    )
    lines = (_READ.match(line) for line in unfolded.split("\n"))
    return "\n".join(re.sub(r"\\([,;])", r"\1", line[1]) if line else "" for line in lines)


def texts_of_markdown(page: str) -> Iterator[Text]:
    """The paragraphs and items of a page, without its tables and its code."""
    page = re.sub(
        r"```.*?```|<!--.*?-->", lambda it: "\n" * it[0].count("\n"), page, flags=re.DOTALL
    )
    page = re.sub(r"\]\([^)]*\)", "]", page)
    line = 1
    for block in re.split(r"(\n(?=\s*(?:[-*+#|]|\d+\.) )|\n\s*\n)", page):
        is_row = block.lstrip().startswith("|")
        if block.strip():
            yield Text(line, " ".join(block.split()), is_prose=not is_row)
        line += block.count("\n")


READERS = {
    "mesoplan/**/*.py": texts_of_code,
    "tests/runs/*.txt": texts_of_runs,
    "README.md": texts_of_markdown,
    "mesoplan/manual/*.md": texts_of_markdown,
    "mesoplan/manual/patients/en.md": texts_of_markdown,
}


def problems_of(where: str, texts: Iterator[Text]) -> Iterator[Finding]:
    """What is to be rewritten among texts from one place."""
    for each in texts:
        for why, text in problems_in(each.text, is_prose=each.is_prose):
            yield Finding(where, each.line, why, text)


FILES = {
    path.relative_to(ROOT).as_posix(): reader
    for pattern, reader in READERS.items()
    for path in sorted(ROOT.glob(pattern))
}
"""Every file that is read, by its name from the root, and what reads it."""


def problems_of_file(name: str) -> list[Finding]:
    """What is to be rewritten in a file."""
    return list(problems_of(name, FILES[name]((ROOT / name).read_text("utf-8"))))


if __name__ == "__main__":
    for name in FILES:
        if len(sys.argv) < 2 or name in sys.argv[1:]:
            for finding in problems_of_file(name):
                print(finding)
