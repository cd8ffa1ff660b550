"""Vertex AI Model Registry: versions of the team's model, aliases, and what each was made of."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from typing import Any, Protocol

from pipelines.artifacts import Fitted, Report, file_digest, load, write_json, write_whole
from pipelines.place import Place
from pipelines.services.ledger import Ledger

CHAMPION, CANDIDATE, CROWNED = "champion", "candidate", "crowned"
STATE, RETIRED = "state", "retired"
"""Which versions went out of use, as a label: an alias belongs to one version only."""


@dataclass(frozen=True)
class Version:
    """One version of the model."""

    version: str
    digest: str
    uri: str
    run: str
    place: Place
    aliases: tuple[str, ...] = ()
    retired: str = ""
    """On whose word it went out of use, when and why; empty while it is in use."""

    @property
    def crowned(self) -> bool:
        """Whether it is the champion, or was and nobody went back from it: an alias of its own says so."""
        return f"{CROWNED}-{self.version}" in self.aliases

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
        """Makes a version the champion, unless it is; False where it has retired, or another one than `expected` is."""
        ...

    def uncrown(self, version: str) -> None:
        """Forgets of a version that it was champion: one that was gone back from is nothing to go back to."""
        ...

    def retire(self, version: str, word: str) -> bool:
        """Marks a version as out of use, on this word; it stays, and the first word stays with it.

        False where it is the champion.
        """
        ...


def at(place: Place) -> Registry:
    return OnLaptop(place) if place.stands_in else OnGoogle(place)


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
        answer = self._models.upload_model(request=asked).result(timeout=None)
        return Version(answer.model_version_id, digest, source_uri, run, self._place)

    def versions(self) -> list[Version]:
        found = self._models.list_model_versions(name=self._name)
        return sorted((self._version(one) for one in found), key=lambda one: int(one.version))

    def crown(self, version: str, expected: str | None) -> bool:
        now = self.champion()
        if now and now.version == version:
            return True
        if (now.version if now else None) != expected or self._of(version).retired:
            return False
        aliases = [CHAMPION, f"{CROWNED}-{version}", f"-{CANDIDATE}"]
        self._models.merge_version_aliases(name=f"{self._name}@{version}", version_aliases=aliases)
        return True

    def uncrown(self, version: str) -> None:
        if self._of(version).crowned:
            name, gone = f"{self._name}@{version}", f"-{CROWNED}-{version}"
            self._models.merge_version_aliases(name=name, version_aliases=[gone])

    def _of(self, version: str) -> Version:
        return self._version(self._models.get_model(name=f"{self._name}@{version}"))

    def retire(self, version: str, word: str) -> bool:
        name = f"{self._name}@{version}"
        model = self._models.get_model(name=name)
        if CHAMPION in model.version_aliases:
            return False
        if model.labels.get(STATE) != RETIRED:
            told = f"{model.version_description}; {RETIRED} {word}"
            changed = {"name": name, "labels": {**model.labels, STATE: RETIRED}, "version_description": told}
            self._models.update_model(model=changed, update_mask={"paths": ["labels", "version_description"]})
        if CANDIDATE in model.version_aliases:
            self._models.merge_version_aliases(name=name, version_aliases=[f"-{CANDIDATE}"])
        return True

    def _version(self, model: Any) -> Version:
        described, _, word = str(model.version_description).partition(f"; {RETIRED} ")
        retired = word if model.labels.get(STATE) == RETIRED else ""
        digest, uri = described.rpartition("sha256:")[2], f"{model.artifact_uri}/model.pickle"
        run, aliases = model.labels["run"], tuple(model.version_aliases)
        return Version(model.version_id, digest, uri, run, self._place, aliases, retired)


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
            self._alias({CANDIDATE: number})
            self._ledger.put(number, facts | {"request": request(self._place, uri, digest, run, card)})
        return Version(number, digest, uri, run, self._place)

    def versions(self) -> list[Version]:
        return [self._version(name) for name in sorted(self._ledger.names(), key=_number) if name.isdigit()]

    def crown(self, version: str, expected: str | None) -> bool:
        with self._ledger.locked():
            now = (self._ledger.get("aliases") or {}).get(CHAMPION)
            if now != version:
                if now != expected or self._version(version).retired:
                    return False
                self._alias({CHAMPION: version, f"{CROWNED}-{version}": version}, gone=(CANDIDATE, version))
            return True

    def uncrown(self, version: str) -> None:
        with self._ledger.locked():
            self._alias({}, gone=(f"{CROWNED}-{version}", version))

    def retire(self, version: str, word: str) -> bool:
        with self._ledger.locked():
            found = self._ledger.get(version)
            assert found
            if (self._ledger.get("aliases") or {}).get(CHAMPION) == version:
                return False
            self._ledger.put(version, {RETIRED: word} | found)
            self._alias({}, gone=(CANDIDATE, version))
            return True

    def _alias(self, more: dict[str, str], gone: tuple[str, str] | None = None) -> None:
        known = self._ledger.get("aliases") or {}
        self._ledger.put("aliases", dict(it for it in known.items() if it != gone) | more)

    def _version(self, name: str) -> Version:
        found = self._ledger.get(name)
        assert found
        aliases = tuple(k for k, v in (self._ledger.get("aliases") or {}).items() if v == name)
        return Version(name, found["digest"], found["uri"], found["run"], self._place, aliases, found.get(RETIRED, ""))


def _number(name: str) -> int:
    return int(name) if name.isdigit() else 0
