"""Writes the settings of a new installation out of a few answers: all of it or nothing."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from settings.address_plan import cut, laid_out
from settings.answers import GITHUB_RANGES, Answers, contradictions, multi_region
from settings.cross_checks import lies_in
from settings.folder import read_yaml
from settings.loading import read
from settings.parts import ENVIRONMENTS
from settings.problems import InvalidSettings, Problem
from settings.rendering import render
from settings.schemas import header, schema_texts, schemas, singular
from settings.writing import explained, sync_folder

SHIPPED = Path(__file__).parent
COPIED = ("apis.yaml", "keys.yaml", "org_policies.yaml")
EXAMPLE_DOMAIN = "@example.com"
OF_THE_EXAMPLE = ("labels", "members")
LOCATIONS = '"in:{multi_region}-locations"'
BLOCKS = 4


def new_installation(target: Path, answers: Answers, *, dry_run: bool = False) -> list[Path]:
    """Writes a settings folder that `read` accepts, and names its files. A dry run writes nothing and finds the same.

    Raises InvalidSettings with every problem; then there is nothing at `target` that was not there before.
    """
    problems = [*_in_the_way(target), *contradictions(answers)]
    if problems:
        raise InvalidSettings(problems)
    texts = _texts(answers)
    with explained(target), _draft(target, dry_run=dry_run) as draft:
        _fill(draft, texts)
        read(draft)
        if not dry_run:
            draft.rename(target)
            sync_folder(target.parent)
    return [target / name for name in texts]


def _in_the_way(target: Path) -> Iterator[Problem]:
    with explained(target):
        if target.is_dir() and any(target.iterdir()):
            yield Problem(str(target), "has files already", "name a folder that is empty or does not exist")
        elif target.exists() and not target.is_dir():
            yield Problem(str(target), "is not a folder", "name a folder that is empty or does not exist")


@contextmanager
def _draft(target: Path, *, dry_run: bool) -> Iterator[Path]:
    """A folder beside the target (so that one rename is enough), gone at the end whatever happens."""
    if not dry_run:
        target.parent.mkdir(parents=True, exist_ok=True)
    beside = Path(tempfile.mkdtemp(prefix=f".{target.name}.", dir=None if dry_run else target.parent))
    try:
        yield beside / target.resolve().name
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def _fill(folder: Path, texts: dict[str, str]) -> None:
    for name, text in texts.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")


def _texts(answers: Answers) -> dict[str, str]:
    """Every file of the installation by its path below the settings folder."""
    parts = _blocks(answers)
    documents = {"organization.yaml": _organization(answers, parts[len(ENVIRONMENTS)])}
    for environment, blocks in zip(ENVIRONMENTS, parts, strict=False):
        shape = _shipped(name := f"environments/{environment}.yaml")
        documents[name] = shape | {"network": laid_out(shape["network"], blocks, answers.regions)}
    for key, team in answers.teams.items():
        documents[f"teams/{key}.yaml"] = team.model_dump(mode="json", exclude_unset=True)
    texts = {name: (SHIPPED / name).read_text(encoding="utf-8") for name in COPIED}
    texts["org_policies.yaml"] = _with_locations(texts["org_policies.yaml"], answers)
    texts |= {f"schema/{name}": text for name, text in schema_texts().items()}
    texts |= _example(answers) if answers.example else {}
    models = schemas()
    return texts | {name: render(it, models[singular(name)], header(name)) for name, it in documents.items()}


def _blocks(answers: Answers) -> list[Iterator[Any]]:
    length = 20 - (len(answers.regions) - 1).bit_length()
    return cut(answers.base_range, parts=len(ENVIRONMENTS) + 1, blocks=BLOCKS, length=length)


def _organization(answers: Answers, blocks: Iterator[Any]) -> dict[str, Any]:
    shipped = _shipped("organization.yaml")
    given = answers.model_dump(mode="json", include={"organization_id", "customer_id", "domain", "billing_account"})
    given |= answers.model_dump(mode="json", include={"prefix", "suffix", "regions", "currency", "common_budget"})
    given |= {
        "parent": answers.home,
        "multi_region": multi_region(answers),
        "contacts": dict.fromkeys(shipped["contacts"], answers.contact),
        "repositories": {"provider": _provider(answers)},
        "builds": laid_out(shipped["builds"], blocks, answers.regions),
        "workplaces": answers.model_dump(mode="json")["workplaces"],
        "existing": answers.existing.model_dump(mode="json", exclude_defaults=True),
    }
    ordered = {key: given.get(key, value) for key, value in (shipped | given).items() if key not in OF_THE_EXAMPLE}
    return {key: value for key, value in ordered.items() if value not in ([], {})}


def _provider(answers: Answers) -> dict[str, Any]:
    host = answers.repository_host
    own: dict[str, Any] = (
        {"app_installation_id": answers.app_installation_id} if host == "github" else {"uri": answers.gitlab_uri}
    )
    ranges = [str(range_) for range_ in answers.repository_ranges] or list(GITHUB_RANGES)
    return {"host": host, "owner": answers.repository_owner, **own, "ranges": ranges}


def _with_locations(text: str, answers: Answers) -> str:
    """The shipped policies, which also allow the regions that lie outside of the multi-region."""
    around = multi_region(answers) or ""
    outside = [f"in:{region}-locations" for region in answers.regions if not lies_in(region, around)]
    return text.replace(LOCATIONS, ", ".join([LOCATIONS, *(f'"{value}"' for value in outside)]))


def _example(answers: Answers) -> dict[str, str]:
    """The shipped teams and sources without their people, with addresses in the installation's own domain."""
    found = [path for name in ("teams", "sources") for path in sorted((SHIPPED / name).rglob("*")) if path.is_file()]
    texts = {path.relative_to(SHIPPED).as_posix(): _without_people(path.read_text(encoding="utf-8")) for path in found}
    own = f"@{answers.domain}"
    return {n: t.replace(EXAMPLE_DOMAIN, own) if n.endswith(".yaml") else t for n, t in texts.items()}


def _without_people(text: str) -> str:
    return "".join(line for line in text.splitlines(keepends=True) if not line.startswith("members:"))


def _shipped(name: str) -> dict[str, Any]:
    document: dict[str, Any] = read_yaml(SHIPPED / name, name)
    return document
