"""Delivery: four pipelines as code, private workers, approvals by the right people, least rights."""

from __future__ import annotations

import json

import cdktf
import pytest
from pydantic import ValidationError

from cloudbuild.checking import GIVEN
from cloudbuild.pipelines import FOLDER, OWN_CODE, REPOSITORY, Build, Trigger, read, read_build
from settings.loading import names_of
from settings.model import Installation
from stacks.constructs.build_trigger import BuildTrigger
from tests.estate import Estate, Resource
from tests.resolved import resolved

APPROVERS = ("roles/cloudbuild.builds.approver", "roles/cloudbuild.builds.editor", "roles/owner")
WAVES = [f"infrastructure-apply-{wave}" for wave in read()["infrastructure"].waves]
GUARDED = {*WAVES, "interactive-publish", "container-promote"}


def triggers(estate: Estate) -> dict[str, Resource]:
    return {r.values["name"]: r for r in estate.resources("google_cloudbuild_trigger")}


def identity(trigger: Resource) -> str:
    return str(trigger.values["service_account"].rpartition("/")[2])


def test_the_pipelines_are_the_four_folders_and_each_trigger_runs_a_build_file_of_one(estate: Estate) -> None:
    pipelines = read()
    assert set(pipelines) == {"infrastructure", "interactive", "container", "operational"}
    for trigger in triggers(estate).values():
        path = FOLDER.parent / trigger.values["description"].rpartition(": ")[2]
        build = read_build(path.parent.name, path.name)
        assert [step["id"] for step in trigger.values["build"]["step"]] == [step.id for step in build.steps]
    used = {(key, trigger.build) for key, pipeline in pipelines.items() for trigger in pipeline.triggers.values()}
    written = {(path.parent.name, path.name) for path in FOLDER.glob("*/*.yaml") if path.name != "trigger.yaml"}
    assert used == written


def test_every_substitution_of_a_build_has_a_value(estate: Estate) -> None:
    for trigger in triggers(estate).values():
        path = FOLDER.parent / trigger.values["description"].rpartition(": ")[2]
        needed = read_build(path.parent.name, path.name).substitutions - GIVEN
        assert set(trigger.values["substitutions"]) >= needed, trigger.values["name"]


def test_every_build_runs_on_private_workers_under_an_identity_of_its_own_project(
    estate: Estate, installation: Installation
) -> None:
    names = names_of(installation)
    accounts = {str(resolved(estate, a, "account_id")) for a in estate.resources("google_service_account", "delivery")}
    pools = {names.worker_pool(place) for place in ("delivery-i", "delivery-w")}
    for trigger in triggers(estate).values():
        assert trigger.values["build"]["options"]["worker_pool"] in pools
        assert trigger.values["project"] in trigger.values["build"]["options"]["worker_pool"]
        name, _, project = identity(trigger).partition("@")
        assert name in accounts
        assert project.startswith(trigger.values["project"])
    made = estate.resources("google_cloudbuild_worker_pool")
    assert len(made) == len(pools)
    for pool in made:
        assert pool.values["worker_config"]["no_external_ip"] is True
        assert pool.values["private_service_connect"]["route_all_traffic"] is True
        assert any("agent-cloudbuild" in before for before in pool.values["depends_on"])


def test_a_merge_that_reaches_catalog_cloud_or_production_waits_for_approval(
    estate: Estate, installation: Installation
) -> None:
    waiting = {name for name, t in triggers(estate).items() if t.values["approval_config"]["approval_required"]}
    words = {"predictive": ("release", "retire", "roll-back"), "generative": ("promote",)}
    teams = installation.teams.items()
    per_team = {f"operational-{word}-{key}" for key, team in teams for word in words[team.purpose]}
    assert waiting == GUARDED | per_team
    for name, trigger in triggers(estate).items():
        production = trigger.values["substitutions"].get("_ENVIRONMENT") == "production"
        looks = [step["args"][:2] for step in trigger.values["build"]["step"]] == [["eval", "start-watch"]]
        assert not production or name in waiting or looks, "what only looks need not wait"


@pytest.mark.parametrize(("place", "persona"), [("delivery-i", "devops_engineer"), ("delivery-w", "data_engineer")])
def test_only_the_approving_persona_approves_in_a_build_project(
    estate: Estate, installation: Installation, place: str, persona: str
) -> None:
    names = names_of(installation)
    project = names.project("common", place)
    holders = {
        str(resolved(estate, grant, "member"))
        for grant in estate.resources("google_project_iam_member")
        if str(resolved(estate, grant, "project")) == project and grant.values["role"] in APPROVERS
    }
    assert holders == {f"group:{names.group(persona)}"}
    wider = [g for g in estate.resources("google_folder_iam_member") if g.values["role"] == APPROVERS[0]]
    assert wider == []


def test_templates_are_checked_on_their_pull_request_and_published_by_another_identity(estate: Estate) -> None:
    check, publish = triggers(estate)["interactive-check"], triggers(estate)["interactive-publish"]
    assert check.values["repository_event_config"]["pull_request"]["branch"] == "^main$"
    assert [step["id"] for step in check.values["build"]["step"]] == ["check", "candidate"]
    assert identity(check) != identity(publish)


def test_a_plan_is_made_by_an_identity_that_takes_only_the_reading_deployer(
    estate: Estate, installation: Installation
) -> None:
    names = names_of(installation)
    proposed, plan, apply = (
        triggers(estate)[f"infrastructure-{word}"] for word in ("plan", "prepare", "apply-production")
    )
    readers = {identity(proposed), identity(plan)}
    assert len(readers | {identity(apply)}) == 3
    taken: dict[str, set[str]] = {}
    for grant in estate.resources("google_service_account_iam_member", "delivery"):
        if grant.values["role"] == "roles/iam.serviceAccountTokenCreator":
            who = str(resolved(estate, grant, "member")).removeprefix("serviceAccount:")
            taken.setdefault(who, set()).add(grant.values["service_account_id"].rpartition("/")[2])
    looking = [t.values["build"]["step"] for t in triggers(estate).values() if identity(t) in readers]
    plans = [step["args"] for steps in looking for step in steps if step["args"][0] == "plan"]
    assert [("--looking" in args) for args in plans] == [True] * 3
    assert names.deployer("plan") not in taken.pop(identity(apply))
    publish, order = (triggers(estate)[f"interactive-{word}"] for word in ("publish", "order"))
    others = {identity(publish): {names.deployer("solutions")}, identity(order): {names.deployer("offers")}}
    assert taken == {key: {names.deployer("plan")} for key in readers} | others
    state = {
        str(resolved(estate, g, "member")).removeprefix("serviceAccount:"): g.values["role"]
        for g in estate.resources("google_storage_bucket_iam_member", "delivery")
        if g.values["bucket"] == names.state_bucket()
    }
    looks = dict.fromkeys(readers, "roles/storage.objectViewer")
    assert state == looks | {identity(apply): "roles/storage.objectUser"}


@pytest.mark.proves("P1b", defect="a plan that is kept by the build of a pull request")
def test_what_runs_the_code_of_a_pull_request_keeps_no_plan(estate: Estate, installation: Installation) -> None:
    bucket = names_of(installation).plan_bucket()
    proposed = {identity(one) for one in triggers(estate).values() if _proposes(one)}
    keepers = {
        str(resolved(estate, grant, "member")).removeprefix("serviceAccount:")
        for grant in estate.resources("google_storage_bucket_iam_member", "delivery")
        if resolved(estate, grant, "bucket") == bucket
    }
    kept = [identity(triggers(estate)[f"infrastructure-{word}"]) for word in ("prepare", "apply-production")]
    assert keepers == set(kept)
    assert not proposed & keepers and len(proposed) > 1


def _proposes(trigger: Resource) -> bool:
    return "pull_request" in (trigger.values.get("repository_event_config") or {})


def test_what_is_applied_is_the_plan_that_was_kept_under_the_commit(estate: Estate) -> None:
    prepare = triggers(estate)["infrastructure-prepare"]
    for apply in (triggers(estate)[wave] for wave in WAVES):
        assert prepare.values["repository_event_config"]["push"] == apply.values["repository_event_config"]["push"]
        kept, (duties, applied, after) = prepare.values["build"]["step"][-1], apply.values["build"]["step"]
        places = [step["args"][step["args"].index(word) + 1] for step, word in ((kept, "--save"), (after, "--save"))]
        assert {*places, applied["args"][applied["args"].index("--saved") + 1]} == {"gs://$_PLANS/$COMMIT_SHA"}
        assert [step["args"][0] for step in (duties, applied, after)] == ["build", "deploy", "plan"]


def test_drift_is_looked_for_on_schedule_and_changes_nothing(estate: Estate, installation: Installation) -> None:
    drift = triggers(estate)["infrastructure-drift"]
    jobs = estate.resources("google_cloud_scheduler_job", "delivery-triggers")
    (job,) = (one for one in jobs if one.values["name"] == "infrastructure-drift")
    assert job.values["schedule"] == installation.organization.builds.drift_check
    assert str(resolved(estate, job, "pubsub_target")).find("infrastructure-drift") > 0
    assert not any("deploy" in step["args"] for step in drift.values["build"]["step"])
    assert identity(drift).startswith("infra-plan@")


def test_each_team_releases_through_its_own_triggers_repository_and_identity(
    estate: Estate, installation: Installation
) -> None:
    names = names_of(installation)
    branch = f"^{installation.organization.repositories.deployment_branch}$"
    for key, team in installation.teams.items():
        word, role = ("deploy", "operational") if team.purpose == "predictive" else ("deliver", "signing")
        deploy = triggers(estate)[f"operational-{word}-{key}"]
        assert identity(deploy) == names.service_account("common", "delivery-w", f"{role}-{key}")
        event = deploy.values["repository_event_config"]
        assert event["push"]["branch"] == branch
        assert str(resolved(estate, deploy, "repository_event_config")).find(team.repository) > 0
        starters = {
            str(resolved(estate, g, "member"))
            for g in estate.resources("google_pubsub_topic_iam_member", "delivery-triggers")
            if str(resolved(estate, g, "topic")).endswith(f"-{key}")
        }
        assert starters == {f"group:{names.group('data_scientist', key)}"}


def test_no_person_may_create_builds_and_no_builder_grants_access(estate: Estate, installation: Installation) -> None:
    names = names_of(installation)
    projects = {names.project("common", place) for place in ("delivery-i", "delivery-w", "artifacts", "catalog")}
    for grant in estate.resources("google_project_iam_member"):
        if str(resolved(estate, grant, "project")) not in projects:
            continue
        member, role = str(resolved(estate, grant, "member")), grant.values["role"]
        if member.startswith("group:"):
            assert role != "roles/cloudbuild.builds.editor", grant.address
        if member.endswith(tuple(f"@{project}.iam.gserviceaccount.com" for project in projects)):
            assert not role.endswith(("Admin", ".admin", "roles/owner", "roles/editor")), grant.address


def test_repositories_are_connected_once_each_and_tokens_are_readable_by_cloud_build_alone(
    estate: Estate, installation: Installation
) -> None:
    repositories = installation.organization.repositories
    expected = {repositories.infrastructure, repositories.templates, repositories.containers}
    expected |= {team.repository for team in installation.teams.values()}
    found = [r.values["name"] for r in estate.resources("google_cloudbuildv2_repository")]
    assert sorted(found) == sorted(expected)
    assert not estate.resources("google_sourcerepo_*")
    for secret in estate.resources("google_secret_manager_secret", "delivery"):
        (replica,) = secret.values["replication"]["user_managed"]["replicas"]
        assert replica["customer_managed_encryption"]["kms_key_name"]
    readers = estate.resources("google_secret_manager_secret_iam_member", "delivery")
    assert all("google_project_service_identity" in reader.values["member"] for reader in readers)


@pytest.mark.proves("SC6", defect="a step that runs code of the repository of templates")
def test_builds_run_code_of_their_repository_only_where_that_is_the_platforms(estate: Estate) -> None:
    own = {key for key, pipeline in read().items() if pipeline.own_code}
    assert own == {"infrastructure", "container", "operational"}
    for trigger in estate.resources("google_cloudbuild_trigger"):
        for step in trigger.values["build"]["step"]:
            assert (OWN_CODE in (step.get("env") or [])) is (trigger.values["name"].partition("-")[0] in own)


def test_every_topic_of_builds_has_a_customer_key(estate: Estate) -> None:
    for topic in estate.resources("google_pubsub_topic", "delivery*"):
        assert str(resolved(estate, topic, "kms_key_name")).endswith("/cryptoKeys/pubsub")


def test_a_secret_of_a_build_comes_from_secret_manager_to_the_steps_that_name_it() -> None:
    secret = {"versionName": "projects/$PROJECT_ID/secrets/token/versions/latest", "env": "TOKEN"}
    step = {"id": "a", "name": "$_BUILDER", "entrypoint": "blueprint", "secretEnv": ["TOKEN"]}
    steps = [step, step | {"id": "b", "secretEnv": []}]
    build = Build.model_validate({"steps": steps, "timeout": "60s", "availableSecrets": {"secretManager": [secret]}})
    stack = cdktf.TerraformStack(cdktf.Testing.app(), "one")
    BuildTrigger(
        stack,
        "trigger",
        project_id="p",
        location="l",
        name="n",
        description="d",
        trigger=Trigger(event="push", repository="templates", builder="interactive"),
        build=build,
        own_code=False,
        account="a",
        repository="r",
        branch="main",
        worker_pool="w",
        substitutions={},
        starters={},
        schedule=None,
        topic_key="k",
    )
    (made,) = json.loads(cdktf.Testing.synth(stack))["resource"]["google_cloudbuild_trigger"].values()
    available = {"env": "TOKEN", "version_name": secret["versionName"]}
    assert made["build"]["available_secrets"] == {"secret_manager": [available]}
    assert [step.get("secret_env") for step in made["build"]["step"]] == [["TOKEN"], None]
    assert build.every_substitution == {"_BUILDER", "PROJECT_ID"}


def test_a_trigger_that_is_no_message_cannot_have_starters() -> None:
    with pytest.raises(ValidationError, match="only messages have them"):
        Trigger(event="push", repository="team", builder="operational", starters=["data_scientist"])


LOOKS_BACK = ("--since", ("build", "duties"), ("catalog", "publish"), ("images", "seal"))
APPROVED = [("pipeline", "release"), ("pipeline", "retire"), ("pipeline", "rollback"), ("release", "promote")]


def strangers_to_history(estate: Estate) -> set[str]:
    """Identities whose builds look back in their repository and that get no token for it, or the other way round."""
    needed, held = set(), set()
    for trigger in triggers(estate).values():
        for step in trigger.values["build"]["step"]:
            if {*LOOKS_BACK, *APPROVED} & {tuple(step["args"][:2]), *step["args"]}:
                needed.add(identity(trigger))
    for grant in estate.resources("google_project_iam_member", "delivery"):
        if grant.values["role"] == "roles/cloudbuild.readTokenAccessor":
            held.add(str(resolved(estate, grant, "member")).removeprefix("serviceAccount:"))
    assert len(needed) > 5
    return needed ^ held


def test_who_looks_back_in_its_repository_gets_a_token_for_it_and_nobody_else(estate: Estate) -> None:
    assert strangers_to_history(estate) == set()
    (grant,) = (
        one
        for one in estate.resources("google_project_iam_member", "delivery")
        if one.values["role"] == "roles/cloudbuild.readTokenAccessor" and "infra-apply" in one.address
    )
    (found,) = strangers_to_history(estate.planted("delivery", grant.address, None))
    assert found.startswith("infra-apply@")


def test_every_build_knows_the_repository_that_it_was_started_for(estate: Estate) -> None:
    for trigger in triggers(estate).values():
        about = trigger.values.get("repository_event_config") or trigger.values["source_to_build"]
        assert trigger.values["build"]["options"]["env"] == [f"{REPOSITORY}={about['repository']}"]
