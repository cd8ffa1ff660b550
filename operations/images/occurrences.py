"""Artifact Analysis over HTTP: what scanners found in an image, and what was attested of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from operations.images.registry import send
from operations.outcome import Exit, OperationFailed
from pipelines.images.vulnerabilities import Finding, blocking, rules_of, stale

Values = dict[str, Any]
FINISHED = ("FINISHED_SUCCESS", "COMPLETE")


@dataclass(frozen=True)
class Occurrences:
    """What is said of images in a project. An image is named as HOST/NAME@DIGEST."""

    project: str

    def find(self, image: str, kind: str) -> Iterator[Values]:
        """Every statement of a kind about an image."""
        token, asked = "", f'kind="{kind}" AND resourceUrl="https://{image}"'
        while True:
            told = self._ask("GET", params={"filter": asked, "pageSize": 1000, "pageToken": token})
            yield from told.get("occurrences", ())
            if not (token := told.get("nextPageToken", "")):
                return

    def add(self, image: str, note: str, kind: str, content: Values) -> str:
        """Say something of an image; the name of the statement."""
        body = {"resourceUri": f"https://{image}", "noteName": note, "kind": kind, **content}
        return str(self._ask("POST", json=body)["name"])

    def _ask(self, http: str, **more: Any) -> Values:
        url = f"https://containeranalysis.googleapis.com/v1/projects/{self.project}/occurrences"
        answer = send(self.project, http, url, **more)
        if not answer.ok:
            told = answer.json().get("error", {}).get("message", answer.text[:200])
            code = Exit.REFUSED if answer.status_code in (401, 403) else Exit.FAILURE
            raise OperationFailed(self.project, f"{answer.status_code} {told}", "ask for the role", code=code)
        found: Values = answer.json()
        return found


def scanned(known: Occurrences, key: str, image: str, today: date) -> list[str]:
    """What the scanner said of an image, once nothing of it blocks. OperationFailed where it does, or if unknown."""
    analyses = list(known.find(image, "DISCOVERY"))
    if not any(one["discovery"].get("analysisStatus") in FINISHED for one in analyses):
        raise OperationFailed(image, "has not been scanned yet", "run it again later", code=Exit.INCONCLUSIVE)
    rules, findings = rules_of(key), [found for one in known.find(image, "VULNERABILITY") for found in _findings(one)]
    if problems := [*blocking(rules, findings, today), *stale(rules, findings)]:
        way_out = "build it anew on fixed packages, or accept it in pipelines/images/vulnerabilities.yaml"
        raise OperationFailed(image, "; ".join(problems), way_out, code=Exit.REFUSED)
    labels = [str(one["remediation"]) for one in analyses if "remediation" in one]
    return [f"{image}: {len(findings)} findings, none blocks", *labels]


def _findings(occurrence: Values) -> Iterator[Finding]:
    told = occurrence["vulnerability"]
    id_ = str(told.get("shortDescription") or occurrence["noteName"].rpartition("/")[2])
    for issue in told["packageIssue"]:
        severity = issue.get("effectiveSeverity") or told.get("effectiveSeverity") or told.get("severity", "")
        yield Finding(id_, str(issue["affectedPackage"]), severity)
