"""How every name and label is spelled. Names are computed, never random; Google's limits are enforced here.

Limits are those of Google's public documentation (read 2026-11): project id 6-30, service account id 6-30, bucket 3-63,
key ring and key 1-63, network names 1-63 (RFC 1035), BigQuery dataset 1-1024 of [A-Za-z0-9_], label values 0-63.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from hashlib import sha256

from settings.model import Organization
from settings.problems import InvalidSettings, Problem

COMMON = "common"
CODES = {COMMON: "com", "data": "dat"}

_SHAPES = {
    "project id": re.compile(r"[a-z][a-z0-9-]{4,28}[a-z0-9]"),
    "service account id": re.compile(r"[a-z][a-z0-9-]{4,28}[a-z0-9]"),
    "bucket name": re.compile(r"(?!goog)[a-z0-9][a-z0-9-]{1,61}[a-z0-9]"),
    "resource name": re.compile(r"[a-z]([a-z0-9-]{0,61}[a-z0-9])?"),
    "endpoint name": re.compile(r"[a-z][a-z0-9]{0,19}"),
    "dataset id": re.compile(r"[a-z0-9_]{1,1024}"),
    "perimeter name": re.compile(r"[a-z][a-z0-9_]{0,49}"),
    "group address": re.compile(r"[a-z][a-z0-9-]{0,63}@[a-z0-9.-]+"),
    "role id": re.compile(r"[A-Za-z0-9_.]{3,64}"),
    "folder name": re.compile(r"[a-z0-9][a-z0-9 _-]{1,28}[a-z0-9]"),
}


# Google keeps these words for itself (documentation of project ids and bucket names, read 2026-11).
_WORDS = {"project id": ("google", "null", "ssl", "undefined"), "bucket name": ("google",)}


def _checked(kind: str, name: str) -> str:
    for word in _WORDS.get(kind, ()):
        if word in name:
            raise InvalidSettings(
                [Problem(f"{kind} '{name}'", f"holds '{word}', which Google forbids", "change its key")]
            )
    if not _SHAPES[kind].fullmatch(name):
        problem = Problem(f"{kind} '{name}'", f"is not allowed by Google ({len(name)} characters)", "shorten its key")
        raise InvalidSettings([problem])
    return name


@dataclass(frozen=True)
class Names:
    """Every name of one installation. `environment` is an environment key, or "common" or "data" for what serves all.

    Each method returns a valid name or raises InvalidSettings; the same arguments always give the same name.
    """

    organization: Organization
    codes: dict[str, str]

    @classmethod
    def of(cls, organization: Organization, environments: dict[str, str]) -> Names:
        """`environments` maps an environment key to its three-letter code."""
        return cls(organization, CODES | environments)

    def _joined(self, *parts: str) -> str:
        return "-".join((self.organization.prefix, *parts))

    def project(self, environment: str, what: str) -> str:
        """Project id; an existing project keeps its own. The suffix is there because deleted ids never come back."""
        if adopted := self.organization.existing.projects.get(f"{environment}-{what}"):
            return adopted.id
        return _checked("project id", self._joined(self.codes[environment], what, self.organization.suffix))

    def projects(self, *environments: str) -> str:
        """A regular expression (RE2) that the ids of all projects of these environments match."""
        adopted = sorted(self.organization.existing.projects.items())
        made = [self._joined(self.codes[key], "[a-z0-9-]+", self.organization.suffix) for key in environments]
        return "|".join(made + [re.escape(it.id) for key, it in adopted if key.partition("-")[0] in environments])

    def folder(self, environment: str) -> str:
        """Display name of an environment's folder."""
        return _checked("folder name", self._joined(environment))

    def bucket(self, environment: str, what: str, purpose: str) -> str:
        """Bucket name, globally unique because it begins with a project id."""
        return _checked("bucket name", f"{self.project(environment, what)}-{purpose}")

    def state_bucket(self) -> str:
        """The bucket that holds the state of every stack."""
        return self.bucket(COMMON, "seed", "state")

    def template_bucket(self) -> str:
        """The bucket of the catalog's archives."""
        return self.bucket(COMMON, "catalog", "templates")

    def plan_bucket(self) -> str:
        """The bucket of saved plans: what is approved there is what is applied."""
        return self.bucket(COMMON, "delivery-i", "plans")

    def order_bucket(self) -> str:
        """The bucket in which people leave orders of the catalog, and the order desk its answers."""
        return self.bucket(COMMON, "delivery-i", "orders")

    def approved_bucket(self) -> str:
        """The bucket that says which digest of an image operational pipelines use."""
        return self.bucket(COMMON, "delivery-w", "approved")

    def release_bucket(self) -> str:
        """The bucket of the signatures of generative teams' releases."""
        return self.bucket(COMMON, "delivery-w", "releases")

    def release_key_ring(self) -> str:
        """Full id of the key ring that signs releases; it lives where the builds run that sign."""
        project = self.project(COMMON, "delivery-w")
        return (
            f"projects/{project}/locations/{self.organization.region}/keyRings/{_checked('resource name', 'releases')}"
        )

    def release_key(self, team: str) -> str:
        """Full id of the key that signs a team's releases."""
        return f"{self.release_key_ring()}/cryptoKeys/{_checked('resource name', team)}"

    def repository_token(self, what: str) -> str:
        """Name of a secret, the same in each delivery project, with a token of the repository host."""
        return _checked("resource name", f"repository-{what}")

    def attestor(self) -> str:
        """Name of the attestor that seals promoted images, of its note and of its key."""
        return _checked("resource name", "promoted")

    def repository(self, repository: str) -> str:
        """Address of a repository of the artifacts project, as images are called by it."""
        project = self.project(COMMON, "artifacts")
        return f"{self.organization.region}-docker.pkg.dev/{project}/{_checked('resource name', repository)}"

    def package_index(self, repository: str) -> str:
        """Address, without https, at which installers find the packages of a repository of the artifacts project."""
        project = self.project(COMMON, "artifacts")
        return f"{self.organization.region}-python.pkg.dev/{project}/{_checked('resource name', repository)}/simple/"

    def worker_pool(self, what: str) -> str:
        """Full id of the private worker pool of a delivery project."""
        pool = _checked("resource name", self._joined("workers"))
        return f"projects/{self.project(COMMON, what)}/locations/{self.organization.region}/workerPools/{pool}"

    def service_account_id(self, role: str) -> str:
        """Account id of the workload or deployer called `role`."""
        return _checked("service account id", role)

    def service_account(self, environment: str, what: str, role: str) -> str:
        """E-mail of the service account `role` in a project."""
        return f"{self.service_account_id(role)}@{self.project(environment, what)}.iam.gserviceaccount.com"

    def deployer(self, concern: str) -> str:
        """E-mail of the identity that deploys the stacks of one concern."""
        return self.service_account(COMMON, "seed", f"deploy-{concern}")

    def log_bucket(self) -> str:
        """Id of the log bucket that gathers the logs of the whole platform; it lives in the logging project."""
        return self.resource("platform")

    def role_id(self, what: str) -> str:
        """Id of a custom role of the platform's own."""
        return _checked("role id", f"{self.organization.prefix}_{what}")

    def role(self, what: str) -> str:
        """Full name of a custom role, which lives in the organization."""
        return f"organizations/{self.organization.organization_id}/roles/{self.role_id(what)}"

    def key_ring(self, environment: str, region: str) -> str:
        """Full id of an environment's key ring in a region."""
        ring = _checked("resource name", f"{environment}-{region}")
        if adopted := self.organization.existing.key_rings.get(ring):
            return adopted.id
        return f"projects/{self.project(environment, 'keys')}/locations/{region}/keyRings/{ring}"

    def key(self, environment: str, region: str, service: str) -> str:
        """Full id of the key for one service (see settings/keys.yaml) in an environment and region."""
        return f"{self.key_ring(environment, region)}/cryptoKeys/{_checked('resource name', service)}"

    def network(self, environment: str) -> str:
        """Name of an environment's Shared VPC; it lives in the environment's `network` project."""
        return _checked("resource name", self._joined(self.codes[environment], "vpc"))

    def network_link(self, environment: str) -> str:
        """Partial self link of an environment's network."""
        for key, adopted in self.organization.existing.networks.items():
            if key == environment:
                return adopted.id
        return f"projects/{self.project(environment, 'network')}/global/networks/{self.network(environment)}"

    def subnet(self, environment: str, region: str) -> str:
        """Name of an environment's subnet in a region."""
        return _checked("resource name", self._joined(self.codes[environment], region))

    def subnet_link(self, environment: str, region: str) -> str:
        """Partial self link of an environment's subnet."""
        host = self.project(environment, "network")
        return f"projects/{host}/regions/{region}/subnetworks/{self.subnet(environment, region)}"

    def perimeter(self, environment: str) -> str:
        """Short name of an environment's service perimeter."""
        return _checked("perimeter name", f"{self.organization.prefix}_{self.codes[environment]}_perimeter")

    def access_level(self, what: str) -> str:
        """Short name of an access level."""
        return _checked("perimeter name", f"{self.organization.prefix}_{what}")

    def google_apis(self, *parts: str) -> str:
        """Name of a network's private endpoint for Google APIs: no dashes, at most 20 characters."""
        return _checked("endpoint name", "".join([self.organization.prefix, *parts, "apis"]).replace("-", ""))

    def resource(self, *parts: str) -> str:
        """Name of anything that follows RFC 1035 and needs no special form."""
        return _checked("resource name", self._joined(*parts))

    def dataset(self, *parts: str) -> str:
        """BigQuery dataset id."""
        return _checked("dataset id", "_".join(parts).replace("-", "_"))

    def endpoint(self, environment: str, team: str, key: str) -> str:
        """Name of a Vertex AI endpoint, which Google wants to be a number of at most ten digits."""
        digest = sha256(f"{self.project(environment, team)}/{key}".encode()).hexdigest()
        return str(10**9 + int(digest, 16) % (9 * 10**9))

    def tensorboard(self, title: str) -> str:
        """Display name of the TensorBoard of a team's project; its id is Google's."""
        return f"{title} experiments"

    def group(self, persona: str, team: str | None = None) -> str:
        """Address of a group; `team` for personas of which every team has its own."""
        parts = ["grp", self.organization.prefix, persona.replace("_", "-"), *([team] if team else [])]
        return _checked("group address", f"{'-'.join(parts)}@{self.organization.domain}")

    def tag(self, what: str) -> str:
        """Short name of a tag key."""
        return self._joined(what)

    def labels(self, environment: str, what: str, *, team: str | None = None) -> dict[str, str]:
        """Labels of a project and of all that lives in it."""
        labels = {"environment": environment, "application": what, "managed-by": "blueprint"}
        return dict(self.organization.labels) | labels | ({"team": team} if team else {})
