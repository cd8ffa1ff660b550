"""Who changes a plan of runs needs the right to let its account work, as who made it."""

import json
from http.client import HTTPConnection
from urllib.parse import urlsplit

import pytest

ADA, OPERATOR = "user:ada@example.com", "operator"
SCHEDULES = "/aiplatform/v1/projects/p1/locations/europe-west1/schedules"
RUNNER, OWN = (f"{name}@p1.iam.gserviceaccount.com" for name in ("runner", "own"))


def plan(account):
    job = {"pipelineSpec": {}, "runtimeConfig": {"gcsOutputDirectory": "gs://x"}, "serviceAccount": account}
    request = {"parent": "projects/p1/locations/europe-west1", "pipelineJob": job}
    return {"displayName": "s", "cron": "0 1 * * *", "maxConcurrentRunCount": "1", "createPipelineJobRequest": request}


@pytest.fixture
def ask(cloud):
    """Ada may change plans, and let one account work for her."""
    for email in (RUNNER, OWN):
        name = f"projects/p1/serviceAccounts/{email}"
        cloud.store.put("google_service_account", name, {"email": email, "project": "p1", "id": name, "name": name})
    grant = {"project": "p1", "role": "roles/aiplatform.user", "member": ADA, "condition": []}
    cloud.store.put("google_project_iam_member", "p1/user", grant)
    own = {"service_account_id": name, "role": "roles/iam.serviceAccountUser", "member": ADA, "condition": []}
    cloud.store.put("google_service_account_iam_member", "own/user", own)

    def send(principal, method, path, body):
        connection = HTTPConnection(urlsplit(cloud.endpoint).netloc, timeout=300)
        headers = {"Authorization": f"Bearer sandbox:{principal}"}
        connection.request(method, path, json.dumps(body), headers)
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())

    return send


def made(ask, account):
    status, schedule = ask(OPERATOR, "POST", SCHEDULES, plan(account))
    assert status == 200, schedule
    return f"/aiplatform/v1/{schedule['name']}"


def refused(answer):
    return answer[0] == 403 and "iam.serviceAccounts.actAs" in answer[1]["error"]["message"]


def test_a_change_is_made_by_who_may_let_the_account_of_the_plan_work(ask):
    later = {"cron": "0 2 * * *"}
    assert ask(ADA, "PATCH", f"{made(ask, OWN)}?updateMask=cron", later)[0] == 200
    other = made(ask, RUNNER)
    assert refused(ask(ADA, "PATCH", f"{other}?updateMask=cron", later))
    assert refused(ask(ADA, "PATCH", other, later))
    assert refused(ask(ADA, "PATCH", f"{other}?updateMask=cron", plan(OWN))), "the mask leaves the account as it is"
    assert refused(ask(ADA, "PATCH", made(ask, OWN), plan(RUNNER)))
    assert ask(ADA, "PATCH", f"{other}?updateMask=createPipelineJobRequest", plan(OWN))[0] == 200


def test_a_plan_without_a_job_makes_no_server_fail(ask):
    empty = {"createPipelineJobRequest": None}
    assert ask(OPERATOR, "POST", SCHEDULES, plan(OWN) | empty)[0] < 500
    assert ask(OPERATOR, "PATCH", made(ask, OWN), empty)[0] < 500
