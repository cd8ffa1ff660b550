"""Installations of every kind, as answers and files: valid most of the time, at the limits often."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from settings.answers import Answers, answers_from
from settings.new_installation import new_installation

ENVIRONMENTS = ("interactive", "nonproduction", "production")
REGIONS = {
    "eu": ("europe-west4", "europe-west1", "europe-southwest1", "europe-west2"),
    "us": ("us-central1", "us-east4", "us-south1"),
    "asia": ("asia-southeast1", "asia-northeast3"),
}
DOMAIN = "ml.corp.test"
COLUMNS = [{"name": "id", "type": "STRING"}, {"name": "seen", "type": "DATE", "classification": "restricted"}]

keys = st.from_regex(r"[a-z][a-z0-9]{0,8}(-[a-z0-9]{1,5}){0,2}", fullmatch=True).filter(lambda k: 2 <= len(k) <= 14)
long_keys = st.from_regex(r"[a-z][a-z0-9]{6}-[a-z0-9]{6}", fullmatch=True)
amounts = st.integers(1, 10**6)
existing_ids = st.from_regex(r"[a-z][a-z0-9-]{4,28}[a-z0-9]", fullmatch=True)


@dataclass(frozen=True)
class Example:
    """Answers, and the sources that are added to what they lead to."""

    answers: Answers
    sources: dict[str, dict[str, Any]]

    def write(self, target: Path) -> Path:
        """The settings folder; InvalidSettings where it cannot be."""
        new_installation(target, self.answers)
        (target / "sources").mkdir(exist_ok=True)
        for key, source in self.sources.items():
            (target / "sources" / f"{key}.yaml").write_text(json.dumps(source))
        return target


@st.composite
def teams(draw: st.DrawFn, names: list[str], sources: list[str]) -> dict[str, Any]:
    return {
        name: {
            "title": draw(st.text("abc äß:#'\"", min_size=1, max_size=30)),
            "purpose": draw(st.sampled_from(["predictive", "generative"])),
            "orchestrator": draw(st.sampled_from(["vertex", "composer"])),
            "contact": f"{name}@{DOMAIN}",
            "budget": {environment: draw(amounts) for environment in ENVIRONMENTS},
            "repository": f"repo-{name}",
            "endpoints": draw(st.lists(keys, max_size=2, unique=True)),
            "feature_store": draw(st.booleans()),
            "sources": draw(st.lists(st.sampled_from(sources), unique=True)) if sources else [],
        }
        for name in names
    }


@st.composite
def sources(draw: st.DrawFn, names: list[str], team_names: list[str]) -> dict[str, Any]:
    out: dict[str, Any] = {}
    for name in names:
        kind = draw(st.sampled_from(["bigquery", "storage", "spanner", "alloydb"]))
        out[name] = {"kind": kind, "description": "Rows", "owner": f"owner-{name}@{DOMAIN}"}
        if kind == "bigquery":
            rows = {t: {"team": t, "filter": "TRUE"} for t in team_names[:1]}
            out[name]["tables"] = {"events": {"columns": COLUMNS, "row_access": rows}}
    return out


@st.composite
def installations(draw: st.DrawFn, at_least: int = 0) -> Example:
    """Every kind of installation: below an organization or a folder, GitHub or GitLab, new or partly existing.

    `at_least` is how many teams and sources there are together.
    """
    names = draw(st.lists(keys | long_keys, min_size=at_least, max_size=4, unique=True))
    split = draw(st.integers(at_least // 2, len(names)))
    team_names, source_names = names[:split], names[split:]
    multi_region = draw(st.sampled_from(sorted(REGIONS)))
    regions = draw(st.lists(st.sampled_from(REGIONS[multi_region]), min_size=1, max_size=3, unique=True))
    given: dict[str, Any] = {
        "organization_id": draw(st.from_regex(r"[0-9]{10,12}", fullmatch=True)),
        "parent": draw(st.none() | st.just("folders/345678901234")),
        "customer_id": "C01abcd2e",
        "domain": DOMAIN,
        "billing_account": "AAAAAA-BBBBBB-CCCCCC",
        "prefix": draw(st.from_regex(r"[a-z][a-z0-9]{1,5}", fullmatch=True)),
        "suffix": draw(st.from_regex(r"[a-z0-9]{4}", fullmatch=True)),
        "regions": regions,
        "multi_region": multi_region,
        "contact": f"cloud@{DOMAIN}",
        "base_range": draw(st.sampled_from(["10.0.0.0/8", "10.64.0.0/10", "100.64.0.0/10"])),
        "existing": draw(existing(regions[0])),
        "teams": draw(teams(team_names, source_names)),
        **draw(repositories()),
    }
    return Example(answers_from(given), draw(sources(source_names, team_names)))


@st.composite
def existing(draw: st.DrawFn, region: str) -> dict[str, Any]:
    adopt = draw(st.sampled_from(["import", "reference"]))
    found: dict[str, Any] = {
        "folders": {"common": {"id": "folders/222222222222", "adopt": adopt}},
        "projects": {"common-logging": {"id": draw(existing_ids), "adopt": adopt}},
        "networks": {"production": {"id": "projects/corp-net/global/networks/prod"}},
        "key_rings": {
            f"production-{region}": {"id": f"projects/corp-kms/locations/{region}/keyRings/r", "adopt": adopt}
        },
        "access_policy": "123456789",
    }
    return {key: found[key] for key in draw(st.lists(st.sampled_from(sorted(found)), unique=True))}


@st.composite
def repositories(draw: st.DrawFn) -> dict[str, Any]:
    if draw(st.booleans()):
        return {"repository_host": "github", "repository_owner": "corp", "app_installation_id": 42}
    owner = {"repository_owner": "corp/ml", "repository_ranges": ["198.51.100.0/24"]}
    return {"repository_host": "gitlab", "gitlab_uri": "https://git.corp.test", **owner}
