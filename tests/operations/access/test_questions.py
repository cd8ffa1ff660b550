"""Access by question: every question is answered as its requirement wants, and the answer hangs on what it names."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from groups.personas import Persona
from operations.access.asking import Access
from operations.access.matrix import as_sheet, matrix
from operations.access.owners import code_owners
from operations.access.plan import resources
from operations.access.questions import Question, answered, flipped, read_questions, wrong
from operations.graph import Graph
from operations.proofs import proofs
from sandbox.iam import Answer, Held, Policies
from sandbox.store import Store
from settings.model import Installation
from settings.places import EXAMPLE, OWN
from settings.problems import InvalidSettings
from tests.conftest import ROOT
from tests.estate import Estate

QUESTIONS = read_questions()
ENOUGH = 80


def test_there_are_questions_of_every_group_of_requirements() -> None:
    assert len(QUESTIONS) >= ENOUGH
    assert {"A", "G", "I", "O", "P"} <= {question.requirement[0] for question in QUESTIONS}
    assert len({str(question) for question in QUESTIONS}) == len(QUESTIONS)
    flips = {
        id_
        for proof in proofs()
        if proof.test.endswith("::test_the_answer_flips_when_what_decides_it_is_changed")
        for id_ in proof.ids
        if not id_.startswith("HOUSE-")
    }
    assert {question.requirement for question in QUESTIONS} - flips == {"D-emergency"}
    assert flips <= {question.requirement for question in QUESTIONS}


def test_every_question_is_answered_as_its_requirement_wants(access: Access) -> None:
    assert ["\n".join([str(q), *told.lines()]) for q, told in wrong(access, QUESTIONS)] == []


@pytest.mark.proves(
    "A1a",
    "A1b",
    "A3",
    "G1",
    "G2a",
    "G2b",
    "G3a",
    "G3b",
    "G4a",
    "G4b",
    "I1b",
    "I2a",
    "I2b",
    "I3c",
    "I3d",
    "I4b",
    "I4c",
    "I4d",
    "I5",
    "I9a",
    "O3b",
    "O6a",
    "O7",
    "P1b",
    "P2b",
    "SC6",
    "GO-deploy-1",
    "GO-govern-4",
    "HOUSE-IAM-5",
    "HOUSE-IAM-7",
    defect="what decides an answer is taken away or granted",
)
@pytest.mark.parametrize("question", QUESTIONS, ids=str)
def test_the_answer_flips_when_what_decides_it_is_changed(access: Access, question: Question) -> None:
    assert wrong(access, [question]) == []
    assert flipped(access, question) != []


def _planted(access: Access, change: Callable[[Held], Held | None]) -> Access:
    held = [changed for one in access.held if (changed := change(one)) is not None]
    assert held != access.held
    return Access(held, access.words, access.rules)


CHANGES = re.compile(r"\.(create|delete|update|set\w*|upload\w*|deploy\w*|export|import|actAs|getAccessToken)$")

# Running, reading and saving queries; BigQuery Studio keeps what is saved as repositories of Dataform.
SAVING = {"bigquery.jobs.create", "bigquery.readsessions.create", "bigquery.readsessions.update"}
SAVING |= {"dataform.folders.create", "dataform.repositories.create"}


def unlisted(access: Access) -> set[str]:
    """What data scientists could change in their interactive project although no file of ours lists it for them."""
    roles, policies = access.rules.roles, access.policies
    project, group = access.words.where("interactive/churn"), access.words.who("data-scientist:churn")
    held = {grant.role for grant in policies.grants.get(policies.places.plain(project), ()) if grant.member == group}
    listed = {name for role in roles.values() for name in role.names} | SAVING
    possible = {name for role in held for name in policies.permissions(role) or ()}
    named = {name for name in possible if CHANGES.search(name) and name not in listed}
    return {name for name in named if access.can("data-scientist", name, "interactive/churn").decision.allowed}


@pytest.mark.proves("D7", "HOUSE-IAM-2", defect="a role that makes notebooks and buckets")
def test_what_scientists_may_change_is_a_list_and_guardrails_stay(access: Access) -> None:
    def wider(one: Held) -> Held:
        theirs = one.address.startswith("interactive-churn: ") and "data_scientist-logging-viewer" in one.address
        return replace(one, values={**one.values, "role": "roles/storage.admin"}) if theirs else one

    assert unlisted(access) == set()
    found = unlisted(_planted(access, wider))
    assert "storage.buckets.create" in found
    assert "storage.buckets.setIamPolicy" not in found, "what is denied stays denied"


def test_a_wider_role_a_lost_denial_and_a_grant_to_another_team_are_each_found(access: Access) -> None:
    def wider(one: Held) -> Held:
        is_theirs = "data_scientist-bigquery-jobuser" in one.address
        return replace(one, values={**one.values, "role": "roles/bigquery.admin"}) if is_theirs else one

    def undenied(one: Held) -> Held | None:
        return None if "deny-keys-everybody" in one.address or "disableServiceAccountKey" in one.address else one

    def elsewhere(one: Held) -> Held:
        theirs = one.address.startswith("interactive-churn: ") and "data_scientist-" in one.address
        member = "group:grp-acme-data-scientist-assistant@example.com"
        return replace(one, values={**one.values, "member": member}) if theirs else one

    assert "A1a" in {q.requirement for q, _ in wrong(_planted(access, wider), QUESTIONS)}
    assert "G3b" in {q.requirement for q, _ in wrong(_planted(access, elsewhere), QUESTIONS)}
    unlocked = _planted(access, undenied)
    assert (
        unlocked.can("interactive/churn/launcher", "iam.serviceAccountKeys.create", "interactive/churn").decision.by
        == ()
    )


def test_a_role_that_nobody_knows_leaves_the_question_open(access: Access) -> None:
    def strange(one: Held) -> Held:
        return replace(one, values={**one.values, "role": "roles/moon.walker"}) if "jobuser" in one.address else one

    told = _planted(access, strange).can("data-scientist", "bigquery.jobs.create", "interactive/churn")
    assert (told.decision.answer, int(told.code)) == (Answer.UNKNOWN, 3)
    assert "roles/moon.walker" in told.decision.why


def test_what_is_asked_of_the_stacks_is_what_stands_in_the_sandbox(
    estate: Estate, deployed: Path, installation: Installation
) -> None:
    """The plan's grants and denials equal those of the deployed estate, but for numbers that only a cloud hands out."""
    planned = Policies(resources(Graph.read(estate.folder)))
    with Store(deployed / ".sandbox/cloud.db") as store:
        real = Policies.of(store)
        folders = {str(v["name"]): f"folders/{v['display_name']}" for _, v in store.find("google_folder")}

    def known(policies: Policies) -> set[tuple[str, str, str, str | None]]:
        found = {(g.place, g.role, g.member, g.condition) for some in policies.grants.values() for g in some}
        named = {(_named(place, folders), role, member, condition) for place, role, member, condition in found}
        ours = ("group:", "user:")
        return {g for g in named if "accessPolicies" not in g[0] and (g[2].startswith(ours) or _own_account(g[2]))}

    assert known(planned) == known(real)
    assert {_named(p, folders) for p in planned.denials} == {_named(p, folders) for p in real.denials}
    assert len(known(real)) > len(installation.teams)


def _named(place: str, folders: dict[str, str]) -> str:
    name = place.rpartition(".com/")[2]
    return place.replace(name, folders.get(name, name))


def _own_account(member: str) -> bool:
    return (
        member.startswith("serviceAccount:") and "@acme-" in member and member.endswith("k7q2.iam.gserviceaccount.com")
    )


def test_only_scientists_work_and_only_in_the_interactive_environment(access: Access) -> None:
    found = matrix(access)
    working = ("query", "train", "run", "register")
    for environment, rows in found.items():
        for who, answers in rows.items():
            wanted = Answer.YES if (environment, who) == ("interactive", "data-scientist") else Answer.NO
            assert {answers[column] for column in working} == {wanted}, (environment, who)
            never = ("serve", "notebooks", "buckets", "export", "secrets", "share", "impersonate")
            found_here = {column for column in never if answers[column] is not Answer.NO}
            owns_folders = {"share"} if (environment, who) == ("interactive", "org-admin") else set()
            assert found_here == owns_folders, (environment, who)


def test_the_matrix_is_a_report_too(access: Access) -> None:
    found = matrix(access)
    sheet = as_sheet(found)
    assert len(sheet.rows) == sum(len(people) for people in found.values())
    assert "interactive,data-scientist,yes,yes,yes,yes,yes,yes,-" in sheet.csv()
    assert '<td>data-scientist</td><td class="yes">yes</td>' in sheet.html()


@pytest.mark.parametrize(
    "member",
    [
        "allUsers",
        "allAuthenticatedUsers",
        "domain:example.com",
        "principalSet://goog/cloudIdentityCustomerId/C0example",
    ],
)
def test_who_lists_everybody_too(access: Access, member: str) -> None:
    """Planted: a grant to more than one person, of a kind that has no address."""
    project = access.words.where("interactive/churn").rpartition("/")[2]
    grant = {"project": project, "role": "roles/storage.objectViewer", "member": member}
    wider = replace(access, held=[*access.held, Held("planted: all", "google_project_iam_member", grant)])
    found = {told.who for told in wider.who("storage.objects.get", "interactive/churn")}
    assert member in found - {told.who for told in access.who("storage.objects.get", "interactive/churn")}


def test_who_lists_the_ones_with_access_and_nobody_else(access: Access) -> None:
    found = access.who("cloudbuild.builds.approve", "common/delivery-w")
    people = [told.who for told in found if told.who.startswith("group:")]
    assert people == ["group:grp-acme-data-engineer@example.com"]


def test_an_answer_names_file_and_key(access: Access) -> None:
    yes = access.can("data-scientist", "aiplatform.customJobs.create", "interactive/churn")
    no = access.can("data-scientist", "storage.buckets.setIamPolicy", "interactive/churn")
    assert yes.origin == "groups/data_scientist.yaml: grants.interactive"
    assert no.origin is not None and no.origin.startswith("groups/denials.yaml: sharing")


@pytest.mark.parametrize(
    ("who", "permission", "where", "wanted"),
    [
        ("data-scientits", "storage.buckets.get", "interactive", "did you mean 'data-scientist'"),
        ("data-scientist", "storage.buckets.get", "interactive", "one group per team"),
        ("data-scientist:chum", "storage.buckets.get", "interactive", "did you mean 'churn'"),
        ("org-admin", "storage.bucket.get", "interactive", "did you mean 'storage.buckets.get'"),
        ("org-admin", "storage.buckets.get", "interactiv", "did you mean 'interactive'"),
        ("org-admin", "storage.buckets.get", "interactive/chum", "did you mean 'churn'"),
        ("org-admin", "storage.buckets.get", "interactive/churn/buckets/x", "did you mean 'bucket'"),
        ("org-admin", "storage.buckets.get", "moon/churn", "no place 'moon'"),
    ],
)
def test_words_that_lead_nowhere_are_named_with_the_way_out(
    access: Access, who: str, permission: str, where: str, wanted: str
) -> None:
    with pytest.raises(InvalidSettings) as raised:
        access.can(who, permission, where)
    assert wanted in str(raised.value)


def test_every_question_that_leads_nowhere_is_named_with_its_requirement(access: Access) -> None:
    moon = Question("A1a", "data-scientist", "storage.bucket.get", "interactive/churn", Answer.NO)
    nobody = Question("G1", "data-scientits", "storage.buckets.get", "interactive/churn", Answer.NO)
    with pytest.raises(InvalidSettings) as raised:
        answered(access, [*QUESTIONS[:1], moon, nobody])
    assert [problem.place for problem in raised.value.problems] == [
        "groups/questions.yaml.A1a",
        "groups/questions.yaml.G1",
    ]
    assert "did you mean 'storage.buckets.get'" in str(raised.value)


def nowhere(personas: Mapping[str, Persona], teams: Iterable[str]) -> list[str]:
    """Paths of the personas that no team has a folder at; those of an installation's own are those of the example."""
    paths = [path for persona in personas.values() for own in persona.writes.values() for path in own if path != "*"]
    here = {path: path.strip("/").replace(f"{OWN}/", f"{EXAMPLE}/") for path in paths}
    return [path for path in paths if not any((ROOT / here[path].format(team=team)).is_dir() for team in teams)]


def test_code_that_is_owned_exists(access: Access, installation: Installation) -> None:
    personas = access.words.personas
    assert nowhere(personas, installation.teams) == []
    wrong = personas["data_scientist"].model_copy(update={"writes": {"containers": ["/containers/{team}/"]}})
    assert nowhere(personas | {"data_scientist": wrong}, installation.teams) == ["/containers/{team}/"]


def test_code_belongs_to_whom_the_personas_say(access: Access, installation: Installation) -> None:
    """G1, G3a: MLOps engineers own the templates; a team's scientists own its repository and its containers."""
    personas = access.words.personas
    assert "/catalog_templates/ @example-ml/acme-mlops-engineer\n" in code_owners(installation, personas, "templates")
    own = code_owners(installation, personas, "team", "churn")
    assert own.endswith("* @example-ml/acme-data-scientist-churn\n")
    containers = code_owners(installation, personas, "containers")
    assert "/pipelines/images/churn/ @example-ml/acme-data-scientist-churn\n" in containers
    with pytest.raises(InvalidSettings, match="did you mean 'templates'"):
        code_owners(installation, personas, "template")
