"""What Cloud Build reports to the Git host of a commit, and who cannot make it report."""

import pytest
from google.cloud.devtools import cloudbuild_v1 as builds

from operations.outcome import OperationFailed
from sandbox.git_host import Repositories
from sandbox.git_host.checks import Checks

ACCOUNT, OTHER = (f"{name}@p1.iam.gserviceaccount.com" for name in ("check", "other"))
COMMIT = "ab" * 20
LINK = "projects/p1/locations/global/connections/c/repositories/churn"


@pytest.fixture
def checks(cloud):
    """A repository that waits for the build of the trigger `check`."""
    for email in (ACCOUNT, OTHER):
        name = f"projects/p1/serviceAccounts/{email}"
        cloud.store.put("google_service_account", name, {"email": email, "project": "p1", "id": name})
    cloud.store.put("google_cloudbuildv2_repository", LINK, {"id": LINK, "name": LINK, "project": "p1"})
    repositories = Repositories(cloud.store)
    repositories.create("churn", checks={"check": f"serviceAccount:{ACCOUNT}"})
    return Checks(repositories)


def build(email=ACCOUNT, **more):
    steps = [builds.BuildStep(name="bash", args=["true"])]
    return builds.Build(steps=steps, service_account=f"projects/p1/serviceAccounts/{email}", **more)


def triggered(cloud, email=ACCOUNT):
    """A trigger that looks at pull requests of the repository, run at the commit."""
    client = builds.CloudBuildClient()
    event, made = {"repository": LINK, "pull_request": {"branch": "^main$"}}, build(email)
    trigger = builds.BuildTrigger(
        name="check", service_account=made.service_account, repository_event_config=event, build=made
    )
    made = client.create_build_trigger(project_id="p1", trigger=trigger)
    client.run_build_trigger(project_id="p1", trigger_id=made.id, source={"commit_sha": COMMIT})
    cloud.operations.wait()
    client.delete_build_trigger(project_id="p1", trigger_id=made.id)


@pytest.mark.parametrize(("status", "state"), [("SUCCESS", "success"), ("FAILURE", "failure"), ("TIMEOUT", "failure")])
def test_the_build_of_a_trigger_says_at_its_commit_how_it_goes(cloud, checks, status, state):
    seen = []

    def runner(_):
        seen.append(checks.of("churn", COMMIT))
        return {"status": status}

    cloud.runners["build"] = runner
    triggered(cloud)
    assert (seen, checks.of("churn", COMMIT)) == ([{"check": "pending"}], {"check": state})
    assert checks.of("churn", "cd" * 20) == {"check": "missing"}


@pytest.mark.proves("GO-ci-1", defect="a build that claims to be the trigger's, and a trigger of another account")
def test_a_build_that_the_trigger_did_not_start_reports_nothing(cloud, checks):
    cloud.runners["build"] = lambda _: {"status": "SUCCESS"}
    source = builds.Source(connected_repository={"repository": LINK, "revision": COMMIT})
    claimed = build(source=source, substitutions={"TRIGGER_NAME": "check"}, build_trigger_id="made-up")
    builds.CloudBuildClient().create_build(project_id="p1", build=claimed).result(timeout=300)
    triggered(cloud, email=OTHER)
    assert checks.of("churn", COMMIT) == {"check": "missing"}
    triggered(cloud)
    assert checks.of("churn", COMMIT) == {"check": "success"}


@pytest.mark.proves("GO-ci-1", defect="a commit that the host does not have, and a runner that breaks")
@pytest.mark.parametrize("problem", [OperationFailed("churn", "no such commit", "push it"), ValueError("bug")])
def test_a_build_whose_runner_raises_anything_has_failed_and_so_has_its_check(cloud, checks, problem):
    def runner(_):
        raise problem

    cloud.runners["build"] = runner
    triggered(cloud)
    (ended,) = builds.CloudBuildClient().list_builds(project_id="p1")
    assert (ended.status, str(problem) in ended.status_detail) == (builds.Build.Status.FAILURE, True)
    assert checks.of("churn", COMMIT) == {"check": "failure"}


def test_a_build_ends_although_its_check_is_required_no_more(cloud, checks):
    def runner(_):
        checks.repositories.change("churn", {"checks": {"check": "user:ada@example.com"}})
        return {"status": "SUCCESS"}

    cloud.runners["build"] = runner
    triggered(cloud)
    (ended,) = builds.CloudBuildClient().list_builds(project_id="p1")
    assert ended.status == builds.Build.Status.SUCCESS
    assert checks.of("churn", COMMIT) == {"check": "pending"}
