"""What tests say they prove: their marker `proves`, read from the source without running anything."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

TESTS = Path(__file__).parents[1] / "tests"
ENOUGH = 2
NOT_RUN = {"skip", "skipif", "xfail", "importorskip"}


@dataclass(frozen=True)
class Proof:
    """One test: which ids it proves, the defect that it plants, and how often it checks something."""

    test: str
    ids: tuple[str, ...]
    defect: str
    checks: int

    @property
    def counts(self) -> bool:
        """Whether it names a defect and has room for both halves: what is right is accepted, the defect is refused."""
        return bool(self.defect.strip()) and self.checks >= ENOUGH


def proofs(folder: Path = TESTS) -> list[Proof]:
    """Every marked test below a folder."""
    return [proof for path in sorted(folder.rglob("test_*.py")) for proof in _of(path, folder.parent)]


def _of(path: Path, root: Path) -> Iterator[Proof]:
    text = path.read_text(encoding="utf-8")
    if ".proves(" not in text:
        return
    tree = ast.parse(text)
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            for call in _markers(node):
                ids = tuple(str(arg.value) for arg in call.args if isinstance(arg, ast.Constant))
                defect = "".join(str(ast.literal_eval(k.value)) for k in call.keywords if k.arg == "defect")
                yield Proof(f"{path.relative_to(root)}::{node.name}", ids, defect, _checks(node))


def _markers(node: ast.FunctionDef) -> Iterator[ast.Call]:
    for decorator in node.decorator_list:
        if isinstance(decorator, ast.Call) and ast.unparse(decorator.func) == "pytest.mark.proves":
            yield decorator


def _checks(node: ast.FunctionDef) -> int:
    """Asserts and expected errors of a test; one that runs over parameters checks at least twice, one skipped never."""
    if any(isinstance(one, ast.Attribute) and one.attr in NOT_RUN for one in ast.walk(node)):
        return 0
    found = sum(isinstance(one, ast.Assert) for one in ast.walk(node))
    found += sum(isinstance(one, ast.Call) and ast.unparse(one.func) == "pytest.raises" for one in ast.walk(node))
    again = any("parametrize" in ast.unparse(decorator) for decorator in node.decorator_list)
    return found * (ENOUGH if again else 1)
