"""A deployment of the catalog, and how Infrastructure Manager writes it."""

from __future__ import annotations

from typing import Any

from settings.model import Model

TERRAFORM = "=1.5.7"
NOTES = ("template", "version", "sha256", "person", "ordered_at")
CHANGEABLE = ("terraform_blueprint", "annotations", "labels", "service_account")
Values = dict[str, Any]


class Deployment(Model):
    """What Infrastructure Manager knows of one deployment. `archive` is its address, `runs` where its logs go."""

    name: str
    project: str
    region: str
    template: str
    version: str
    archive: str
    sha256: str
    deployer: str
    person: str
    inputs: dict[str, Any]
    state: str
    ordered_at: str
    changed_at: str
    created_at: str = ""
    labels: dict[str, str] = {}
    outputs: dict[str, Any] = {}
    resources: list[str] = []
    runs: str = ""
    error: str = ""

    @property
    def busy(self) -> bool:
        """Whether it is being made, changed or taken down."""
        return self.state.endswith("ING")


def asked(wanted: Deployment) -> Any:
    """A deployment as Google's client takes it."""
    from google.cloud.config_v1 import Deployment as Asked
    from google.cloud.config_v1 import TerraformBlueprint, TerraformVariable

    inputs = {name: TerraformVariable(input_value=value) for name, value in wanted.inputs.items()}
    return Asked(
        terraform_blueprint=TerraformBlueprint(gcs_source=wanted.archive, input_values=inputs),
        service_account=f"projects/{wanted.project}/serviceAccounts/{wanted.deployer}",
        labels=wanted.labels,
        annotations={name: str(getattr(wanted, name)) for name in NOTES},
        tf_version_constraint=TERRAFORM,
        artifacts_gcs_bucket=wanted.runs or None,
    )


def read(shown: Values, project: str, outputs: Values, resources: list[str]) -> Deployment:
    """A deployment as Google's client shows it, with what its last revision made."""
    blueprint, notes = shown["terraformBlueprint"], shown.get("annotations", {})
    errors = "; ".join(it.get("errorDescription", "") for it in shown.get("tfErrors", []))
    return Deployment(
        name=shown["name"].rpartition("/")[2],
        project=project,
        region=shown["name"].split("/")[3],
        archive=blueprint.get("gcsSource", ""),
        deployer=shown["serviceAccount"].rpartition("/")[2],
        inputs={name: _whole(it.get("inputValue")) for name, it in sorted(blueprint.get("inputValues", {}).items())},
        state=shown["state"],
        changed_at=shown.get("updateTime", ""),
        created_at=shown.get("createTime", ""),
        labels=shown.get("labels", {}),
        runs=shown.get("artifactsGcsBucket", ""),
        outputs=dict(sorted(outputs.items())),
        resources=resources,
        error=errors or shown.get("stateDetail", ""),
        **{name: notes.get(name, "") for name in NOTES},
    )


def outputs_of(revision: Values) -> Values:
    """The outputs of a revision by name."""
    found: Values = revision.get("applyResults", {}).get("outputs", {})
    return {name: _whole(it.get("value")) for name, it in found.items()}


def _whole(value: Any) -> Any:
    """A number as it was written: on its way each becomes one with a fraction."""
    return int(value) if isinstance(value, float) and value.is_integer() else value
