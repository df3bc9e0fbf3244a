"""Makes the mutants of a module: one small fault each, by the operators of mutmut and one of ours.

mutmut's own way of running reaches neither module-level tables nor properties and other decorated
functions, so only its operators are taken: they change numbers, texts, comparisons, arithmetic,
assignments and arguments. Ours forces each `if` one way and the other, which mutmut does for
conditional expressions only.

Left out, since no test can or should tell the difference: annotations, decorators, docstrings,
`if TYPE_CHECKING`, `cast`, bodies of protocols, and, as mutmut does, calls of `len` and
`isinstance`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from importlib import import_module
from itertools import accumulate
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from types import CodeType

_UNTOUCHED_CALLS = ("len", "isinstance", "cast")


@dataclass(frozen=True)
class Mutant:
    """One fault in one module: other code from *begin* to *end*, each a line and a column."""

    path: str
    """The module's file, from the checkout on."""
    original: str = field(repr=False)
    """The whole module without the fault."""
    function: str
    """The outermost function that holds the fault: “Slots.best”; empty at module level."""
    begin: tuple[int, int]
    end: tuple[int, int]
    code: str
    statement: tuple[int, int]
    """The first and the last line of the statement that holds it; of a compound one its head."""

    @property
    def module(self) -> str:
        """The module's name: “mesoplan.rules.limits”."""
        return self.path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")

    @property
    def content(self) -> tuple[str, str, str, str]:
        """What tells it from others wherever it stands: path, function, lines before and after."""
        lines = self.original.splitlines()[self.begin[0] - 1 : self.end[0]]
        changed = lines[0][: self.begin[1]] + self.code + lines[-1][self.end[1] :]
        before, after = (
            " ".join(line.strip() for line in side) for side in (lines, changed.splitlines())
        )
        return self.path, self.function, before, after

    def compiled(self, file: str) -> CodeType:
        """The module with the fault, as read from *file*; raises SyntaxError."""
        lines = self.original.splitlines(keepends=True)
        starts = [0, *accumulate(map(len, lines))]
        begin, end = (starts[line - 1] + column for line, column in (self.begin, self.end))
        faulty = self.original[:begin] + self.code + self.original[end:]
        return compile(faulty, file, "exec", dont_inherit=True)


def mutants_of(root: Path, path: str) -> list[Mutant]:
    """The mutants of the module at *path* below *root*, from its first line to its last.

    Some may be no Python.
    """
    return list(dict.fromkeys(_Changes(path, (root / path).read_text()).found))


class _Changes:
    """Walks a module and gathers every change of every node."""

    def __init__(self, path: str, source: str) -> None:
        self._path, self._source = path, source
        cst = import_module("libcst")
        metadata = import_module("libcst.metadata")
        self._cst = cst
        self._operators = import_module("mutmut.mutation.mutators").mutation_operators
        wrapper = metadata.MetadataWrapper(cst.parse_module(source), unsafe_skip_copy=True)
        self._positions = wrapper.resolve(metadata.PositionProvider)
        self._module = wrapper.module
        self.found: list[Mutant] = []
        self._walk(wrapper.module, names=(), function="", lines=(1, 1))

    def _walk(
        self, node: Any, names: tuple[str, ...], function: str, lines: tuple[int, int]
    ) -> None:
        cst = self._cst
        if self._is_left_out(node):
            return
        lines = self._statement_lines(node, lines)
        for replaced, code in self._changes(node):
            at = self._positions[replaced]
            begin, end = ((place.line, place.column) for place in (at.start, at.end))
            mutant = Mutant(self._path, self._source, function, begin, end, code, lines)
            self.found.append(mutant)
        if isinstance(node, cst.FunctionDef):
            # What a parameter is by default is worked out where the function is defined.
            self._walk(node.params, names, function, lines)
            here = function or ".".join((*names, node.name.value))
            self._walk(node.body, names, here, lines)
            return
        if isinstance(node, cst.ClassDef):
            if any(self._code(base.value) == "Protocol" for base in node.bases):
                return
            names = (*names, node.name.value)
        for child in node.children:
            self._walk(child, names, function, lines)

    def _is_left_out(self, node: Any) -> bool:
        cst = self._cst
        if isinstance(node, (cst.Annotation, cst.Decorator, cst.Import, cst.ImportFrom)):
            return True
        if isinstance(node, cst.Expr) and isinstance(node.value, cst.SimpleString):
            return True
        if isinstance(node, cst.If) and self._code(node.test) == "TYPE_CHECKING":
            return True
        return isinstance(node, cst.Call) and self._code(node.func) in _UNTOUCHED_CALLS

    def _changes(self, node: Any) -> Iterator[tuple[Any, str]]:
        """Parts of a node and what stands there instead."""
        cst = self._cst
        for kind, operator in self._operators:
            if isinstance(node, kind):
                for changed in operator(node):
                    yield node, self._code(changed)
        if isinstance(node, (cst.If, cst.CompIf)):
            for code in self._forced(node.test):
                yield node.test, code

    def _forced(self, condition: Any) -> Iterator[str]:
        cst = self._cst
        test = condition.with_changes(lpar=[cst.LeftParen()], rpar=[cst.RightParen()])
        for operator, right in ((cst.And(), "False"), (cst.Or(), "True")):
            yield self._code(cst.BooleanOperation(test, operator, cst.Name(right)))

    def _code(self, node: Any) -> str:
        return str(self._module.code_for_node(node)).strip()

    def _statement_lines(self, node: Any, outer: tuple[int, int]) -> tuple[int, int]:
        cst = self._cst
        if isinstance(node, cst.SimpleStatementLine):
            at = self._positions[node]
            return at.start.line, at.end.line
        if isinstance(node, cst.BaseCompoundStatement):
            at = self._positions[node]
            body = self._positions[node.body]
            return at.start.line, max(at.start.line, body.start.line - 1)
        return outer
