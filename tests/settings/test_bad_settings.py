"""Bad input is told in the words of who wrote it: place, problem, way out; all of it in one run, never a traceback."""

# ruff: noqa: E501 - exact texts, each in one piece

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from settings.loading import read
from settings.problems import InvalidSettings
from tests.settings.breaking import GONE, Edits, problems_of

ORG, CHURN, ASSISTANT = "organization.yaml", "teams/churn.yaml", "teams/assistant.yaml"
INTER, NONPROD, PROD = (f"environments/{key}.yaml" for key in ("interactive", "nonproduction", "production"))
CUSTOMERS, HANDBOOK = "sources/customers.yaml", "sources/handbook.yaml"
NAME_FORM = "rename it: 2 to 14 lower-case letters, digits and single hyphens, a letter first"

CASES: dict[str, tuple[Edits, list[str]]] = {
    "unknown keys at every depth": (
        {
            ORG: {
                "prefx": "a",
                "contacts/biling": "a@b.c",
                "repositories/provider/hots": "x",
                "builds/workloads/sub": 1,
            },
            CHURN: {"buget": 3},
            PROD: {"network/subnet": "10.0.0.0/8", "alerts/endpoint_eror": 1},
            CUSTOMERS: {"tables/contracts/columns/0/nmae": "x", "tables/contracts/row_acess": {}},
            "org_policies.yaml": {"sql.restrictPublicIp/enfroce": True},
        },
        [
            "environments/production.yaml.alerts: unknown key 'endpoint_eror'; did you mean 'endpoint_error_ratio'?",
            "environments/production.yaml.network: unknown key 'subnet'; did you mean 'subnets'?",
            "org_policies.yaml.sql.restrictPublicIp: unknown key 'enfroce'; did you mean 'enforce'?",
            "organization.yaml: unknown key 'prefx'; did you mean 'prefix'?",
            "organization.yaml.builds.workloads: unknown key 'sub'; did you mean 'subnet'?",
            "organization.yaml.contacts: unknown key 'biling'; did you mean 'billing'?",
            "organization.yaml.repositories.provider: unknown key 'hots'; did you mean 'host'?",
            "sources/customers.yaml.tables.contracts: unknown key 'row_acess'; did you mean 'row_access'?",
            "sources/customers.yaml.tables.contracts.columns.0: unknown key 'nmae'; did you mean 'name'?",
            "teams/churn.yaml: unknown key 'buget'; did you mean 'budget'?",
        ],
    ),
    "wrong types": (
        {
            ORG: {
                "organization_id": 123456789012,
                "regions": "europe-west4",
                "common_budget": "2000",
                "log_retention_days": True,
                "contacts": "x",
                "prefix": False,
            },
            CHURN: {
                "budget/interactive": -5,
                "budget/production": 1.5,
                "endpoints": {"a": 1},
                "feature_store": "maybe",
            },
        },
        [
            "organization.yaml.common_budget: '2000' is not a whole number; write a whole number",
            "organization.yaml.contacts: 'x' is not a mapping; write it as 'key: value' lines",
            "organization.yaml.log_retention_days: 'true' is not a whole number; write a whole number",
            "organization.yaml.organization_id: '123456789012' is not text; write it in quotes",
            "organization.yaml.prefix: 'false' is not text; write it in quotes",
            "organization.yaml.regions: 'europe-west4' is not a list; write it as [a, b]",
            "teams/churn.yaml.budget.interactive: '-5' is not greater than 0; choose another number",
            "teams/churn.yaml.budget.production: '1.5' is not a whole number; write a whole number",
            "teams/churn.yaml.endpoints: a mapping is not a list; write it as [a, b]",
            "teams/churn.yaml.feature_store: 'maybe' is not true or false; write true or false",
        ],
    ),
    "keys that are missing or have no value": (
        {
            ORG: {"parent": GONE, "domain": None},
            CHURN: {"title": "", "budget": GONE, "sources": None},
            PROD: {"kind": GONE},
        },
        [
            "environments/production.yaml.kind: is missing; add it",
            "organization.yaml.domain: has no value; write one",
            "organization.yaml.parent: is missing; add it",
            "teams/churn.yaml.budget: is missing; add it",
            "teams/churn.yaml.sources: has no value; write one",
            "teams/churn.yaml.title: '' has 0 characters, at least 1; lengthen it",
        ],
    ),
    "files that are missing": (
        {ORG: GONE, PROD: GONE, "keys.yaml": GONE},
        [
            "environments/production.yaml: is missing; every installation has all three environments",
            "keys.yaml: is missing; add it",
            "organization.yaml: is missing; add it",
        ],
    ),
    "files that nobody reads": (
        {
            "organisation.yaml": "a: 1",
            "team/sales.yaml": "a: 1",
            "teams/sales.yml": "a: 1",
            PROD.replace("uction", ""): "",
        },
        [
            "environments/prod.yaml: is empty; write its keys",
            "environments/prod.yaml: no environment is called 'prod'; did you mean 'production'?",
            "organisation.yaml: is not read; did you mean 'organization.yaml'?",
            "team: is not read; did you mean 'teams'?",
            "teams/sales.yml: is not read; rename it to 'sales.yaml'",
        ],
    ),
    "what is not YAML": (
        {
            ORG: "a: [b\n",
            CHURN: 'title: "x\n',
            ASSISTANT: "a: 1\n---\nb: 2\n",
            INTER: "a: b: c\n",
            NONPROD: "\ta: 1\n",
            PROD: "a: \x01\n",
            CUSTOMERS: "when: 2026-13-45\n",
            HANDBOOK: "!!python/object:os.system x",
            "apis.yaml": "{[a]: 1}",
            "keys.yaml": "[" * 3000,
        },
        [
            "apis.yaml:1: a key is not plain text; fix the YAML",
            "environments/interactive.yaml:1: mapping values are not allowed here; fix the YAML",
            "environments/nonproduction.yaml:1: found character '\\t' that cannot start any token; fix the YAML",
            "environments/production.yaml: special characters are not allowed; fix the YAML",
            "keys.yaml: is nested too deeply; fix the YAML",
            "organization.yaml:2: expected ',' or ']', but got '<stream end>'; fix the YAML",
            "sources/customers.yaml: holds a malformed value (month must be in 1..12); put it in quotes",
            "sources/handbook.yaml:1: could not determine a constructor for the tag "
            "'tag:yaml.org,2002:python/object:os.system'; fix the YAML",
            "teams/assistant.yaml:2: but found another document; fix the YAML",
            "teams/churn.yaml:2: found unexpected end of stream; fix the YAML",
        ],
    ),
    "keys that stand twice": (
        {CHURN: "title: a\npurpose: generative\ntitle: b\n"},
        ["teams/churn.yaml:3: key 'title' stands twice; fix the YAML"],
    ),
    "files that hold something else": (
        {
            ORG: "- a\n",
            CHURN: "",
            ASSISTANT: b"\xff\xfe",
            PROD: "hello",
            "org_policies.yaml": "a: [1]",
            "keys.yaml": "# nothing\n",
        },
        [
            "environments/production.yaml: 'hello' is not a mapping; write it as 'key: value' lines",
            "keys.yaml: is empty; write its keys",
            "org_policies.yaml.a: a list is not a mapping; write it as 'key: value' lines",
            "organization.yaml: a list is not a mapping; write it as 'key: value' lines",
            "teams/assistant.yaml: is not UTF-8 text; save it as UTF-8",
            "teams/churn.yaml: is empty; write its keys",
        ],
    ),
    "keys that are not text": (
        {ORG: {"labels": {1: "x"}}, CHURN: {"budget": {1: 3}}},
        [
            "organization.yaml.labels: '1' is not text; write it in quotes",
            "teams/churn.yaml.budget: unknown key '1'; known are interactive, nonproduction, production",
        ],
    ),
    "values of the wrong form": (
        {
            ORG: {
                "parent": "project/1",
                "billing_account": "0a1b2c-3D4E5F-6A7B8C",
                "prefix": "a" * 200,
                "labels": {"A": "b"},
            },
            CHURN: {"contact": "churn-team", "orchestrator": "compser"},
            PROD: {"allowed_models": ["gemini"], "key_rotation_days": 120},
        },
        [
            "environments/production.yaml.allowed_models.0: 'gemini' has the wrong form; "
            "write it like 'publishers/google/models/gemini-3.5-flash:predict'",
            "environments/production.yaml.key_rotation_days: '120' is greater than 90; choose another number",
            "organization.yaml.billing_account: '0a1b2c-3D4E5F-6A7B8C' has the wrong form; "
            "write it like '0A1B2C-3D4E5F-6A7B8C'",
            "organization.yaml.labels: 'A' has the wrong form; write it like 'cost-center'",
            "organization.yaml.parent: 'project/1' has the wrong form; write it like 'folders/345678901234'",
            f"organization.yaml.prefix: '{'a' * 60}...' has the wrong form; write it like 'acme'",
            "teams/churn.yaml.contact: 'churn-team' has the wrong form; write it like 'platform@example.com'",
            "teams/churn.yaml.orchestrator: 'compser' is not one of vertex, composer; did you mean 'composer'?",
        ],
    ),
    "kinds that do not exist": (
        {HANDBOOK: {"kind": "mysql"}, CUSTOMERS: {"kind": GONE}, ORG: {"repositories/provider/host": "gitea"}},
        [
            "organization.yaml.repositories.provider: host 'gitea' is not one of github, gitlab; did you mean 'gitlab'?",
            "sources/customers.yaml: has no key 'kind'; add it with one of alloydb, bigquery, spanner, storage",
            "sources/handbook.yaml: kind 'mysql' is not one of bigquery, storage, spanner, alloydb; choose one of them",
        ],
    ),
    "team names": (
        {
            "teams/Bad_Name.yaml": "",
            "teams/customer-lifetime.yaml": "",
            "teams/keys.yaml": "",
        },
        [
            f"teams/Bad_Name.yaml: the file name 'Bad_Name' is not a key; {NAME_FORM}",
            "teams/Bad_Name.yaml: is empty; write its keys",
            f"teams/customer-lifetime.yaml: the file name 'customer-lifetime' is not a key; {NAME_FORM}",
            "teams/customer-lifetime.yaml: is empty; write its keys",
            "teams/keys.yaml: 'keys' is the name of one of the platform's own projects; choose another name",
            "teams/keys.yaml: is empty; write its keys",
        ],
    ),
    "words that Google keeps for itself": (
        {"teams/assl.yaml": "", ORG: {"existing": {}}},
        [
            "teams/assl.yaml: is empty; write its keys",
            "teams/assl.yaml: project id 'corp-int-assl-x7k2' holds 'ssl', which Google forbids; change its key",
        ],
    ),
    "an unknown region": (
        {ORG: {"regions": ["europe-wst4"]}},
        ["organization.yaml.regions.0: unknown region 'europe-wst4'; did you mean 'europe-west4'?"],
    ),
    "a region that stands twice": (
        {ORG: {"regions": ["europe-west4", "europe-west4"]}},
        ["organization.yaml.regions: 'europe-west4' stands twice; remove one"],
    ),
    "a region outside of where data may lie, without addresses": (
        {ORG: {"regions": ["europe-west4", "europe-west2"]}},
        [
            *(f"{place}.network.subnets: has no range for europe-west2; add one" for place in (INTER, NONPROD, PROD)),
            "organization.yaml.regions: 'europe-west2' is outside of multi_region 'eu', which gcp.resourceLocations "
            "allows; choose another or allow 'in:europe-west2-locations' as well",
        ],
    ),
    "ranges of the wrong form": (
        {PROD: {"network/services": "10.33.0.1/20", "network/composer": "10.35.0.0", "network/google_apis": 10}},
        [
            "environments/production.yaml.network.composer: '10.35.0.0' has no length; write it like '10.35.0.0/20'",
            "environments/production.yaml.network.google_apis: '10' is not an IPv4 address; write it like '10.2.0.5'",
            "environments/production.yaml.network.services: '10.33.0.1/20' is not the beginning of its range; "
            "write it as '10.33.0.0/20'",
        ],
    ),
    "ranges that overlap": (
        {PROD: {"network/subnets/europe-west4": "10.0.0.0/12", "network/google_apis": "10.48.0.7"}},
        [
            *(
                f"environments/production.yaml.network.subnets.europe-west4: 10.0.0.0/12 overlaps {range_} of "
                f"settings/environments/interactive.yaml.network.{key}; choose a free range"
                for range_, key in (
                    ("10.0.0.0/20", "subnets.europe-west4"),
                    ("10.1.0.0/20", "services"),
                    ("10.2.0.5", "google_apis"),
                    ("10.3.0.0/20", "composer"),
                )
            ),
            "organization.yaml.builds.infrastructure.subnet: 10.48.0.0/24 overlaps 10.48.0.7 of "
            "settings/environments/production.yaml.network.google_apis; choose a free range",
        ],
    ),
    "ranges that Google does not take": (
        {
            PROD: {"network/subnets/europe-west4": "8.8.0.0/20", "network/services": "172.17.0.0/16"},
            NONPROD: {"network/composer": "10.19.0.0/21", "network/services": "10.17.0.0/28"},
            ORG: {"repositories/provider/ranges": ["0.0.0.0/0"]},
        },
        [
            "environments/nonproduction.yaml.network.composer: 10.19.0.0/21 has the wrong size; choose one /20",
            "environments/nonproduction.yaml.network.services: 10.17.0.0/28 has the wrong size; "
            "choose one between /8 and /24",
            "environments/production.yaml.network.services: 172.17.0.0/16 overlaps 172.17.0.0/16, used by containers on "
            "Google's machines; choose another range",
            "environments/production.yaml.network.subnets.europe-west4: 8.8.0.0/20 is not private; choose one in "
            "10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16, 100.64.0.0/10",
            "organization.yaml.repositories.provider.ranges: 0.0.0.0/0 opens the networks to 4294967296 addresses; "
            "list the ranges that the host publishes",
        ],
    ),
    "a budget without an environment": (
        {CHURN: {"budget": {"interactive": 1, "prodution": 2}}, ASSISTANT: {"budget/nonproduction": GONE}},
        [
            "teams/assistant.yaml.budget: has no amount for nonproduction; add one",
            "teams/churn.yaml.budget: unknown key 'prodution'; did you mean 'production'?",
        ],
    ),
    "references that lead nowhere": (
        {
            ASSISTANT: {"sources": ["custmers"], "repository": "ml-templates"},
            CUSTOMERS: {
                "tables/contracts/row_access/churn-europe/team": "chrun",
                "tables/contracts/example": "sources/examples/../../../x.csv",
            },
            HANDBOOK: {"examples": ["sources/examples/nothing.md"]},
        },
        [
            "sources/customers.yaml.tables.contracts.example: 'sources/examples/../../../x.csv' is not below the settings "
            "folder; put it below sources/examples",
            "sources/customers.yaml.tables.contracts.row_access.churn-europe.team: no team 'chrun'; did you mean 'churn'?",
            "sources/handbook.yaml.examples: example file 'sources/examples/nothing.md' does not exist; "
            "put it below settings/",
            "teams/assistant.yaml.repository: 'ml-templates' is used twice; give each team its own",
            "teams/assistant.yaml.sources: no source 'custmers'; did you mean 'customers'?",
        ],
    ),
    "a Composer team without a range for Composer": (
        {PROD: {"network/composer": GONE}},
        [
            "environments/production.yaml.network.composer: has no range, but a team uses Composer; "
            "add one of length /20"
        ],
    ),
    "example rows that do not fit": (
        {
            "sources/examples/contracts.csv": "customer_id,month\n",
            CUSTOMERS: {
                "tables/contracts/columns": [
                    {"name": "customer_id", "type": "STRING"},
                    {"name": "customer_id", "type": "STRING"},
                ]
            },
        },
        [
            "sources/customers.yaml.tables.contracts.columns: 'customer_id' stands twice; remove one",
            "sources/customers.yaml.tables.contracts.example: the first line is customer_id,month; "
            "write the table's columns, customer_id,customer_id",
        ],
    ),
    "half of the world as a workplace": (
        {ORG: {"workplaces": ["0.0.0.0/1", "203.0.113.0/24"]}},
        ["organization.yaml.workplaces.0: '0.0.0.0/1' is more than one place has; write ranges of /16 or smaller"],
    ),
    "an organization that contradicts itself": (
        {ORG: {"parent": "organizations/999999999999", "labels": {"team": "x"}, "contacts/legal": "legal@other.test"}},
        [
            "organization.yaml.contacts.legal: 'legal@other.test' is refused by "
            "essentialcontacts.allowedContactDomains; use an address of corp.test or allow its domain",
            "organization.yaml.labels: 'team' is set by the platform; remove it",
            "organization.yaml.parent: 'organizations/999999999999' is not organization_id; "
            "write 'organizations/123456789012' or a folder",
        ],
    ),
    "existing things of the wrong form": (
        {
            ORG: {
                "existing": {
                    "folders": {"prod": {"id": "1"}},
                    "projects": {"common-logging": {"id": "X"}},
                    "networks": {"production": {"id": "vpc"}},
                    "key_rings": {"a": {"id": "projects/p/locations/l/keyRings/r", "adopt": "imprt"}},
                }
            }
        },
        [
            "organization.yaml.existing.folders: unknown key 'prod'; did you mean 'production'?",
            "organization.yaml.existing.folders.prod: id '1' has the wrong form; write it like 'folders/345678901234'",
            "organization.yaml.existing.key_rings.a.adopt: 'imprt' is not one of import, reference; "
            "did you mean 'import'?",
            "organization.yaml.existing.networks.production: id 'vpc' has the wrong form; "
            "write it like 'projects/P/global/networks/N'",
            "organization.yaml.existing.projects.common-logging: id 'X' has the wrong form; write it like 'acme-logging'",
        ],
    ),
    "existing things that belong nowhere": (
        {
            ORG: {
                "existing": {
                    "projects": {"common-logging": {"id": "abcdefg"}, "comon-seed": {"id": "abcdefg"}},
                    "key_rings": {"production-europe-wst4": {"id": "projects/p/locations/l/keyRings/r"}},
                }
            }
        },
        [
            "organization.yaml.existing.key_rings: unknown key 'production-europe-wst4'; "
            "did you mean 'production-europe-west4'?",
            "organization.yaml.existing.projects: 'abcdefg' stands twice; give each key its own",
            "organization.yaml.existing.projects: unknown key 'comon-seed'; begin it with one of common, data, "
            "interactive, nonproduction, production, for example 'common-logging'",
        ],
    ),
    "environments mixed up": (
        {PROD: {"code": "int"}, NONPROD: {"code": "dat", "kind": "interactive"}},
        [
            "environments/interactive.yaml.code: 'int' is taken; give each environment its own",
            "environments/nonproduction.yaml.code: 'dat' is taken; give each environment its own",
            "environments/nonproduction.yaml.kind: nonproduction cannot be 'interactive'; write 'operational'",
            "environments/production.yaml.code: 'int' is taken; give each environment its own",
        ],
    ),
    "policies without one rule": (
        {
            "org_policies.yaml": {
                "sql.restrictPublicIp/deny_all": True,
                "sql.restrictAuthorizedNetworks/enforce": GONE,
            }
        },
        [
            "org_policies.yaml.sql.restrictAuthorizedNetworks: has no rule; "
            "give exactly one of enforce, allow, deny, deny_all",
            "org_policies.yaml.sql.restrictPublicIp: has enforce and deny_all; "
            "give exactly one of enforce, allow, deny, deny_all",
        ],
    ),
    "broken files hide no problem of others": (
        {
            ORG: {"prefix": "CORP"},
            ASSISTANT: {"sources": ["custmers"]},
            PROD: {"network/services": "10.0.0.0/20"},
            HANDBOOK: "a: [\n",
        },
        [
            "environments/production.yaml.network.services: 10.0.0.0/20 overlaps 10.0.0.0/20 of "
            "settings/environments/interactive.yaml.network.subnets.europe-west4; choose a free range",
            "organization.yaml.prefix: 'CORP' has the wrong form; write it like 'acme'",
            "sources/handbook.yaml:2: expected the node content, but found '<stream end>'; fix the YAML",
            "teams/assistant.yaml.sources: no source 'custmers'; did you mean 'customers'?",
        ],
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_every_problem_is_told_in_one_run(case: str, problems: Callable[[Edits], list[str]]) -> None:
    edits, expected = CASES[case]
    assert sorted(problems(edits)) == sorted(f"settings/{line}" for line in expected)


def test_what_the_platform_counts_on_can_only_be_added_to(problems: Callable[[Edits], list[str]]) -> None:
    found = problems({"apis.yaml": {"team": ["run"], "seed": GONE}, "keys.yaml": {"common": ["run"]}})
    assert "settings/apis.yaml.seed: is missing; add it" in found
    assert "settings/apis.yaml.team: lacks 'aiplatform', which the platform uses; add it" in found
    assert "settings/keys.yaml.common: lacks 'bigquery', which the platform uses; add it" in found


def test_more_apis_and_keys_than_the_shipped_ones_are_fine(problems: Callable[[Edits], list[str]]) -> None:
    assert problems({"apis.yaml": {"more": ["run"]}}) == []


def test_what_cannot_be_opened_is_a_problem_like_any_other(folder: Path) -> None:
    (folder / "teams" / "loop.yaml").symlink_to("loop.yaml")
    (folder / "teams" / "inside.yaml").mkdir()
    (folder / "keys.yaml").unlink()
    (folder / "keys.yaml").mkdir()
    assert problems_of(folder) == [
        "settings/keys.yaml: cannot be read (Is a directory); make it a file that you may read",
        "settings/teams/inside.yaml: cannot be read (Is a directory); make it a file that you may read",
        "settings/teams/loop.yaml: cannot be read (Too many levels of symbolic links); make it a file that you may read",
    ]


def test_a_file_in_place_of_a_folder_is_told(folder: Path) -> None:
    for path in (folder / "teams").iterdir():
        path.unlink()
    (folder / "teams").rmdir()
    (folder / "teams").write_text("")
    assert "settings/teams: cannot be listed (Not a directory); make it a readable folder" in problems_of(folder)


@pytest.mark.parametrize("name", ["nowhere", "file"])
def test_no_settings_folder_says_what_to_do(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(InvalidSettings) as caught:
        read(tmp_path / name)
    way_out = "run 'blueprint init' or pass --settings"
    assert str(caught.value) == f"{tmp_path / name}: is not a settings folder; {way_out}"


def test_files_of_editors_and_a_byte_order_mark_do_no_harm(folder: Path) -> None:
    (folder / "teams" / ".#churn.yaml").symlink_to("nowhere")
    (folder / "teams" / "churn.yaml~").write_text("")
    (folder / "organization.yaml").write_bytes(b"\xef\xbb\xbf" + (folder / "organization.yaml").read_bytes())
    assert problems_of(folder) == []


def test_places_are_named_after_the_folder_wherever_one_stands(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "keys.yaml").unlink()
    monkeypatch.chdir(folder)
    assert problems_of(Path()) == ["settings/keys.yaml: is missing; add it"]
