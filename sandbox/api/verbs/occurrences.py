"""Artifact Analysis: what is known of an image. No scanner is here: who wants a finding creates the occurrence."""

from typing import Any

from sandbox.api import access, checking, discovery, filters, generic, stamping
from sandbox.api.call import Call, Facade
from sandbox.api.errors import ApiError, not_found

Values = dict[str, Any]

NOT_SCANNED = "SANDBOX: no scanner has looked at this image"
_SCANNER = "projects/goog-analysis/"


def _create(call: Call) -> Values:
    """A statement about an image, under a note to which the caller may attach it."""
    checking.required(call.api, "Occurrence", call.body)
    note = str(call.body["noteName"])
    if not note.startswith(_SCANNER):
        access.demand(call, "containeranalysis.notes.attachOccurrence", access.full_name(call.api.name, note))
        if call.resources.get(call.api, note) is None:
            raise not_found(note)
    elif call.principal != access.OPERATOR:
        raise ApiError(403, f"{note} is Google's own.")
    return generic.create(call)


def _list(call: Call) -> Values:
    """Filters call the image `resourceUrl`, occurrences call it `resourceUri`."""
    parent, _, collection = call.name.rpartition("/")
    found = [body for _, body in call.resources.below(call.api, parent, collection)]
    return generic.page(call, filters.chosen(call.asked("filter").replace("resourceUrl", "resourceUri"), found))


def pushed(facade: Facade, project: str, uri: str) -> None:
    """Note that a new image would have been scanned; what plays the scanner found nothing, and says so."""
    api = discovery.api("containeranalysis", "v1")
    name = f"projects/{project}/occurrences/{uri.rpartition(':')[2][:32]}"
    told: Values = {
        "name": name,
        "resourceUri": uri,
        "noteName": f"{_SCANNER}notes/PACKAGE_VULNERABILITY",
        "kind": "DISCOVERY",
    }
    analysis = {"analysisStatus": "FINISHED_SUCCESS", "continuousAnalysis": "INACTIVE", "lastScanTime": stamping.now()}
    if facade.resources.get(api, name) is None:
        told |= {"createTime": stamping.now(), "discovery": analysis, "remediation": NOT_SCANNED}
        facade.resources.create(api, name, told)


_OCCURRENCES = "containeranalysis.projects.occurrences."
METHODS = {f"{_OCCURRENCES}create": _create, f"{_OCCURRENCES}list": _list}
