"""BigQuery's jobs: queries, loads, copies and extracts; done when they are answered."""

import fnmatch
import re
import uuid
from typing import Any

from sandbox.api import access, checking, generic, stamping
from sandbox.api.call import Call
from sandbox.api.dispatch import Wire, reply
from sandbox.api.errors import ApiError, denied
from sandbox.api.verbs.bigquery_tables import may, warehouse
from sandbox.bucket_api import Answer
from sandbox.uploads import Resumable, Upload, multipart, parse_description

Values = dict[str, Any]

_UPLOADS = Resumable()
_RESULTS = "bigquery:results"
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
    for kind, work in _WORK.items():
        if kind in configuration:
            configuration["jobType"] = kind.upper()
            work(call, name, body, data)
            return
    raise ApiError(400, "Required parameter is missing: query, load, copy or extract", reason="required")


def _query(call: Call, name: str, body: Values, _: bytes | None) -> None:
    from sandbox.warehouse.queries import Query
    from sandbox.warehouse.tables import Table

    asked, project = body["configuration"]["query"], body["jobReference"]["projectId"]
    if asked.get("useLegacySql") is True:
        raise ApiError(400, "The sandbox does not know legacy SQL; use GoogleSQL.", reason="invalidQuery")
    dataset, target = asked.get("defaultDataset") or {}, asked.get("destinationTable")
    query = Query(
        warehouse(call),
        dataset.get("projectId") or project,
        dataset.get("datasetId", ""),
        lambda table, permission: may(call, table, permission),
        _parameters(asked.get("queryParameters") or []),
    )
    table = Table.of(target, project) if target else None
    dry = bool(body["configuration"].get("dryRun"))
    found = query.run(asked["query"], target=table, disposition=asked.get("writeDisposition", ""), dry=dry)
    told: Values = {"statementType": found.kind, "totalBytesProcessed": "0", "totalBytesBilled": "0", "cacheHit": False}
    told["referencedTables"] = [_reference(one) for one in found.tables]
    if found.affected is not None and found.kind in ("INSERT", "DELETE", "UPDATE"):
        told["numDmlAffectedRows"] = str(found.affected)
    told["schema"] = {"fields": found.fields}
    body["statistics"] |= {"query": told, "totalBytesProcessed": "0"}
    asked["destinationTable"] = target or (
        _reference(found.written)
        if found.written
        else {"projectId": project, "datasetId": "_sandbox", "tableId": name[-12:]}
    )
    if not dry:
        _keep(call, name, found.fields, found.rows)


def _keep(call: Call, name: str, fields: list[Values], rows: list[tuple[Any, ...]]) -> None:
    from sandbox.warehouse.columns import row

    shown = {str(whole): [row(fields, values, whole_times=whole) for values in rows] for whole in (True, False)}
    if shown["True"] == shown["False"]:
        del shown["False"]
    call.store.documents.put(_RESULTS, name, {"fields": fields, "rows": shown})


def _reference(table: Any) -> Values:
    return {"projectId": table.project, "datasetId": table.dataset, "tableId": table.table}


def _parameters(given: list[Values]) -> dict[str, str]:
    """Query parameters as SQL: text is quoted, numbers stand as they are."""
    out = {}
    for place, line in enumerate(given, 1):
        kind, value = line.get("parameterType") or {}, line.get("parameterValue") or {}
        if kind.get("type") == "ARRAY":
            inner = [_literal(kind["arrayType"]["type"], item.get("value")) for item in value.get("arrayValues") or []]
            text = f"[{', '.join(inner)}]"
        else:
            text = _literal(kind.get("type", "STRING"), value.get("value"))
        out[line.get("name") or str(place)] = text
    return out


def _literal(kind: str, value: Any) -> str:
    from sandbox.warehouse.columns import to_duck

    quoted = "NULL" if value is None else "'" + str(value).replace("'", "''") + "'"
    return f"CAST({quoted} AS {to_duck({'type': kind})})"


def _load(call: Call, name: str, body: Values, data: bytes | None) -> None:
    from sandbox.warehouse.loading import load
    from sandbox.warehouse.tables import Table

    asked = body["configuration"]["load"]
    table = Table.of(asked["destinationTable"], body["jobReference"]["projectId"])
    files = [data] if data is not None else list(_sources(call, asked.get("sourceUris") or []))
    tables = warehouse(call)
    if tables.exists(table):
        may(call, table, "bigquery.tables.updateData")
    with call.resources.writing:
        brought = load(tables, asked, table, files)
    told = {"inputFiles": str(len(files)), "inputFileBytes": str(sum(map(len, files))), "outputRows": str(brought)}
    body["statistics"]["load"] = told | {"badRecords": "0", "outputBytes": told["inputFileBytes"]}


def _sources(call: Call, uris: list[str]) -> Any:
    for uri in uris:
        match = re.fullmatch(r"gs://([^/]+)/(.+)", uri)
        if match is None:
            raise ApiError(400, f"Source URI must be a Google Cloud Storage location: [{uri}].", reason="invalid")
        names = [found.name for found in call.store.list_objects(match[1]) if fnmatch.fnmatchcase(found.name, match[2])]
        if not names:
            raise ApiError(404, f"Not found: URI {uri}", reason="notFound")
        for name in names:
            may_read(call, match[1], name)
            found = call.store.get_object(match[1], name)
            assert found is not None
            yield found.data


def may_read(call: Call, bucket: str, name: str, permission: str = "storage.objects.get") -> None:
    """Refuse an object that the caller must not use."""
    about = access.full_name("storage", f"b/{bucket}/o/{name}")
    if call.principal != access.OPERATOR and not access.judge(call, permission, about)[0]:
        text = f"Access Denied: File gs://{bucket}/{name}: {permission} denied."
        raise ApiError(403, text, reason="accessDenied")


def _copy(call: Call, name: str, body: Values, _: bytes | None) -> None:
    from sandbox.warehouse.queries import engine
    from sandbox.warehouse.tables import Table

    asked, project = body["configuration"]["copy"], body["jobReference"]["projectId"]
    tables, target = warehouse(call), Table.of(asked["destinationTable"], project)
    for line in asked.get("sourceTables") or [asked["sourceTable"]]:
        source = Table.of(line, project)
        may(call, source, "bigquery.tables.getData")
        with call.resources.writing, engine(tables.folder) as connection:
            how = asked.get("writeDisposition") or "WRITE_EMPTY"
            tables.write(connection, target, f"SELECT * FROM {tables.source(source)}", how)


def _extract(call: Call, name: str, body: Values, _: bytes | None) -> None:
    from sandbox.warehouse.loading import extract
    from sandbox.warehouse.tables import Table

    asked = body["configuration"]["extract"]
    table = Table.of(asked["sourceTable"], body["jobReference"]["projectId"])
    may(call, table, "bigquery.tables.export")
    data = extract(warehouse(call), table, asked.get("destinationFormat", ""))
    for uri in asked.get("destinationUris") or [asked.get("destinationUri", "")]:
        bucket, _, place = uri.removeprefix("gs://").partition("/")
        may_read(call, bucket, place, "storage.objects.create")
        call.store.put_object(bucket, place.replace("*", "000000000000"), data)


_WORK = {"query": _query, "load": _load, "copy": _copy, "extract": _extract}


def _ask(call: Call) -> Values:
    """jobs.query: a query job and the first page of its answer in one."""
    asked = call.body
    query = {key: asked[key] for key in ("query", "defaultDataset", "queryParameters", "parameterMode") if key in asked}
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
    start = int(call.asked("pageToken") or call.asked("startIndex") or 0)
    size = int(call.asked("maxResults") or _PAGE)
    whole = call.query.get("formatOptions.useInt64Timestamp", "").lower() == "true"
    name = call.name.replace("/queries/", "/jobs/")
    return _answer(call, job, name, start, size, whole) | {"kind": "bigquery#getQueryResultsResponse"}


def _answer(call: Call, job: Values, name: str, start: int, size: int, whole: bool) -> Values:
    told = job["statistics"].get("query") or {}
    held = call.store.documents.get(_RESULTS, name) or {"fields": told.get("schema", {}).get("fields", []), "rows": {}}
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
