"""Vertex AI Model Registry: versions of the team's model, aliases, and what each was made of."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from typing import Any, Protocol

from pipelines.artifacts import Fitted, Report, file_digest, load, write_json, write_whole
from pipelines.place import Place
from pipelines.services.ledger import Ledger

CHAMPION, CANDIDATE = "champion", "candidate"


@dataclass(frozen=True)
class Version:
    """One version of the model."""

    version: str
    digest: str
    uri: str
    run: str
    place: Place

    @property
    def card(self) -> Report:
        """Its metrics, data, lineage and limits of use, which lie beside it."""
        found: Report = load(dict, self.place.file(self.uri).with_name("card.json"))
        return found

    def model(self) -> Fitted:
        """The model itself; refused where its bytes are not the registered ones."""
        path = self.place.file(self.uri)
        if (found := file_digest(path)) != self.digest:
            raise RuntimeError(f"{self.uri}: has digest {found[:12]}, registered is {self.digest[:12]}")
        model: Fitted = load(Fitted, path)
        return model


class Registry(Protocol):
    """Keeps models."""

    def champion(self) -> Version | None:
        """The version that serves; None before the first."""
        ...

    def upload(self, source_uri: str, digest: str, run: str, card: Report) -> Version:
        """A new version, called candidate. The same run and bytes give the version that there is."""
        ...

    def versions(self) -> list[Version]:
        """All versions, oldest first."""
        ...

    def crown(self, version: str, expected: str | None) -> bool:
        """Makes a version the champion; False where the champion is not `expected` any more."""
        ...


def at(place: Place) -> Registry:
    return OnLaptop(place) if place.laptop else OnGoogle(place)


def request(place: Place, uri: str, digest: str, run: str, card: Report) -> Report:
    """The model to upload: the serving container is the pipeline's own image."""
    return {
        "display_name": place.team,
        "version_aliases": [CANDIDATE],
        "version_description": f"run {run}, sha256:{digest}",
        "artifact_uri": uri.rsplit("/", 1)[0],
        "labels": place.labels | {"run": run},
        "encryption_spec": place.encryption,
        "metadata": card,
        "container_spec": {
            "image_uri": place.image,
            "command": ["python", "-m", "pipelines.serve"],
            "env": [{"name": "BLUEPRINT_PLACE", "value": place.model_dump_json(exclude_none=True)}],
            "predict_route": "/predict",
            "health_route": "/health",
            "ports": [{"container_port": 8080}],
        },
    }


class OnGoogle:
    """Vertex AI. The card lies beside the model in the bucket; its digest is in the description: labels are short."""

    def __init__(self, place: Place) -> None:
        from pipelines.services.vertex_api import client

        self._place, self._models = place, client(place, "ModelServiceClient")
        self._name = f"{place.parent}/models/{place.team}"

    def champion(self) -> Version | None:
        from google.api_core.exceptions import NotFound

        try:
            return self._version(self._models.get_model(name=f"{self._name}@{CHAMPION}"))
        except NotFound:
            return None

    def upload(self, source_uri: str, digest: str, run: str, card: Report) -> Version:
        from google.api_core.exceptions import NotFound

        try:
            if found := next((v for v in self.versions() if (v.run, v.digest) == (run, digest)), None):
                return found
            parent: dict[str, str] = {"parent_model": self._name}
        except NotFound:
            parent = {"model_id": self._place.team}
        write_json(self._place.file(source_uri).with_name("card.json"), card)
        model = request(self._place, source_uri, digest, run, card)
        asked: dict[str, Any] = {"parent": self._place.parent, "model": model, **parent}
        answer = self._models.upload_model(request=asked).result()
        return Version(answer.model_version_id, digest, source_uri, run, self._place)

    def versions(self) -> list[Version]:
        return [self._version(one) for one in self._models.list_model_versions(name=self._name)]

    def crown(self, version: str, expected: str | None) -> bool:
        now = self.champion()
        if (now.version if now else None) != expected:
            return False
        aliases = [CHAMPION, *([f"-{CANDIDATE}"] if expected != version else [])]
        self._models.merge_version_aliases(name=f"{self._name}@{version}", version_aliases=aliases)
        return True

    def _version(self, model: Any) -> Version:
        digest = str(model.version_description).rpartition("sha256:")[2]
        uri = f"{model.artifact_uri}/model.pickle"
        return Version(model.version_id, digest, uri, model.labels["run"], self._place)


class OnLaptop:
    """STAND-IN. Versions are numbered files; aliases change under a lock."""

    def __init__(self, place: Place) -> None:
        self._place, self._ledger = place, Ledger(place, f"models-{place.team}")

    def champion(self) -> Version | None:
        aliases = self._ledger.get("aliases") or {}
        return self._version(aliases[CHAMPION]) if aliases.get(CHAMPION) else None

    def upload(self, source_uri: str, digest: str, run: str, card: Report) -> Version:
        with self._ledger.locked():
            known = self.versions()
            if found := next((v for v in known if (v.run, v.digest) == (run, digest)), None):
                return found
            number = str(len(known) + 1)
            uri = f"gs://{self._place.bucket}/models/{self._place.team}/{number}/model.pickle"
            write_whole(self._place.file(uri), lambda to: shutil.copyfile(self._place.file(source_uri), to))
            write_json(self._place.file(uri).with_name("card.json"), card)
            facts = {"digest": digest, "uri": uri, "run": run}
            self._ledger.put(number, facts | {"request": request(self._place, uri, digest, run, card)})
            self._alias(CANDIDATE, number)
        return Version(number, digest, uri, run, self._place)

    def versions(self) -> list[Version]:
        return [self._version(name) for name in sorted(self._ledger.names(), key=_number) if name.isdigit()]

    def crown(self, version: str, expected: str | None) -> bool:
        with self._ledger.locked():
            if (self._ledger.get("aliases") or {}).get(CHAMPION) != expected:
                return False
            self._alias(CHAMPION, version)
            return True

    def _alias(self, alias: str, version: str) -> None:
        self._ledger.put("aliases", (self._ledger.get("aliases") or {}) | {alias: version})

    def _version(self, name: str) -> Version:
        found = self._ledger.get(name)
        assert found
        return Version(name, found["digest"], found["uri"], found["run"], self._place)


def _number(name: str) -> int:
    return int(name) if name.isdigit() else 0
