"""BigQuery's jobs: begun, found, listed and cancelled; done when they are answered."""

import uuid
from typing import Any

from sandbox.api import access, checking, generic, stamping
from sandbox.api.call import Call
from sandbox.api.dispatch import Wire, reply
from sandbox.api.errors import ApiError, denied
from sandbox.api.verbs.bigquery_work import RESULTS, WORK
from sandbox.bucket_api import Answer
from sandbox.uploads import Resumable, Upload, multipart, parse_description

Values = dict[str, Any]

_UPLOADS = Resumable()
_PAGE = 10_000


def _insert(call: Call, wire: Wire) -> Answer:
    """jobs.insert, with or without data."""
    kind = call.query.get("uploadType", "")
    if "upload_id" in call.query:
        span = wire.headers.get("content-range", "")
        received, upload, _ = _UPLOADS.receive(call.query["upload_id"], span, wire.body)
        if upload is None:
            return Answer(308, headers=(("Range", f"bytes=0-{received - 1}"),) if received else ())
    elif kind == "resumable":
        described = checking.body(call.api, "Job", parse_description(wire.body))
        id_ = _UPLOADS.begin(described, call.query)
        place = f"{call.facade.endpoint}/bigquery/upload/bigquery/v2/{call.name}?uploadType=resumable&upload_id={id_}"
        return Answer(200, headers=(("Location", place),))
    elif kind == "multipart":
        upload = multipart(wire.headers.get("content-type", ""), wire.body)
    else:
        upload = Upload(parse_description(wire.body), b"")
    description = {key: value for key, value in upload.description.items() if key != "contentType"}
    job = checking.body(call.api, "Job", description)
    return reply(_run(call, job, upload.data if kind else None))


def _run(call: Call, job: Values, data: bytes | None = None) -> Values:
    """Do a job and remember how it ended; what fails is a failed job, as BigQuery has it."""
    configuration, parent = job.get("configuration") or {}, call.name.removesuffix("/jobs").removesuffix("/queries")
    reference = {"projectId": parent.split("/")[1], "location": "EU"} | (job.get("jobReference") or {})
    reference.setdefault("jobId", str(uuid.uuid4()))
    name, moment = f"{parent}/jobs/{reference['jobId']}", stamping.millis()
    id_ = f"{reference['projectId']}:{reference['location']}.{reference['jobId']}"
    body: Values = {"kind": "bigquery#job", "id": id_}
    body |= {"jobReference": reference, "configuration": configuration, "user_email": call.principal.partition(":")[2]}
    body["statistics"] = {"creationTime": moment, "startTime": moment}
    body["status"] = {"state": "DONE"}
    if call.resources.get(call.api, name):
        raise ApiError(409, f"Already Exists: Job {body['id']}", reason="duplicate")
    try:
        _do(call, name, body, data)
    except ApiError as problem:
        error = {"reason": problem.reason, "message": problem.message}
        body["status"] |= {"errorResult": error, "errors": [error]}
        body["_code"] = problem.code
    body["statistics"]["endTime"] = stamping.millis()
    if not configuration.get("dryRun"):
        call.resources.create(call.api, name, body)
    return _shown(body)


def _shown(body: Values) -> Values:
    return {key: value for key, value in body.items() if not key.startswith("_")}


def _do(call: Call, name: str, body: Values, data: bytes | None) -> None:
    configuration = body["configuration"]
    for kind, work in WORK.items():
        if kind in configuration:
            configuration["jobType"] = kind.upper()
            work(call, name, body, data)
            return
    raise ApiError(400, "Required parameter is missing: query, load, copy or extract", reason="required")


def _ask(call: Call) -> Values:
    """jobs.query: a query job and the first page of its answer in one."""
    asked = call.body
    query: Values = {"query": asked["query"]}
    query |= {key: asked[key] for key in ("defaultDataset", "queryParameters", "parameterMode") if key in asked}
    configuration = {
        "query": query | {"useLegacySql": asked.get("useLegacySql", True)},
        "dryRun": asked.get("dryRun", False),
    }
    reference = {"location": asked["location"]} if asked.get("location") else {}
    job = _run(call, {"configuration": configuration, "jobReference": reference})
    if "errorResult" in job["status"]:
        error = job["status"]["errorResult"]
        codes = {"notFound": 404, "accessDenied": 403, "duplicate": 409}
        raise ApiError(codes.get(error["reason"], 400), error["message"], reason=error["reason"])
    name = f"{call.name.removesuffix('/queries')}/jobs/{job['jobReference']['jobId']}"
    size = int(asked.get("maxResults") or _PAGE)
    whole = bool((asked.get("formatOptions") or {}).get("useInt64Timestamp"))
    return _answer(call, job, name, 0, size, whole) | {"kind": "bigquery#queryResponse"}


def _results(call: Call) -> Values:
    job = _get(call, call.name.replace("/queries/", "/jobs/"))
    if "errorResult" in job["status"]:
        error = job["status"]["errorResult"]
        raise ApiError(int(job.get("_code", 400)), error["message"], reason=error["reason"])
    start, size = generic.number(call, "pageToken", "startIndex"), generic.number(call, "maxResults", default=_PAGE)
    whole = call.query.get("formatOptions.useInt64Timestamp", "").lower() == "true"
    name = call.name.replace("/queries/", "/jobs/")
    return _answer(call, job, name, start, size, whole) | {"kind": "bigquery#getQueryResultsResponse"}


def _answer(call: Call, job: Values, name: str, start: int, size: int, whole: bool) -> Values:
    told = job["statistics"].get("query") or {}
    held = call.store.documents.get(RESULTS, name) or {"fields": told.get("schema", {}).get("fields", []), "rows": {}}
    rows = held["rows"].get(str(whole), held["rows"].get("True", []))
    body: Values = {"schema": {"fields": held["fields"]}, "jobReference": job["jobReference"], "jobComplete": True}
    body |= {
        "totalRows": str(len(rows)),
        "rows": rows[start : start + size],
        "totalBytesProcessed": "0",
        "cacheHit": False,
    }
    if "numDmlAffectedRows" in told:
        body["numDmlAffectedRows"] = told["numDmlAffectedRows"]
    return body | ({"pageToken": str(start + size)} if start + size < len(rows) else {})


def _get(call: Call, name: str, permission: str = "bigquery.jobs.get") -> Values:
    """A job; who did not start it needs a permission."""
    found = call.get(name)
    mine = found["user_email"] == call.principal.partition(":")[2]
    if not mine and call.principal != access.OPERATOR:
        about = access.full_name("bigquery", name.partition("/jobs/")[0])
        allowed, why = access.judge(call, permission, about)
        if not allowed:
            raise denied(permission, about, why)
    return found


def _shown_job(call: Call) -> Values:
    return _shown(_get(call, call.name))


def _list(call: Call) -> Values:
    found = [_shown(body) for _, body in call.resources.below(call.api, call.name.removesuffix("/jobs"), "jobs")]
    found.sort(key=lambda body: str(body["statistics"]["creationTime"]), reverse=True)
    return generic.page(call, [body | {"state": "DONE"} for body in found])


def _cancel(call: Call) -> Values:
    return {
        "kind": "bigquery#jobCancelResponse",
        "job": _shown(_get(call, call.name.removesuffix("/cancel"), "bigquery.jobs.update")),
    }


RAW = {"bigquery.jobs.insert": _insert}
METHODS = {
    "bigquery.jobs.query": _ask,
    "bigquery.jobs.get": _shown_job,
    "bigquery.jobs.getQueryResults": _results,
    "bigquery.jobs.list": _list,
    "bigquery.jobs.cancel": _cancel,
}
