"""An order from the first gate to what exists afterwards; what is refused says why and what to do."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from catalog_templates.template import Template
from operations.catalog_desk import Desk, Person
from operations.catalog_engine import Deployment, Failed, must_exist
from operations.catalog_facts import Place, now
from operations.catalog_index import Release
from operations.catalog_publish import fetch
from operations.catalog_register import ServiceCatalog
from operations.catalog_workshop import judge
from operations.outcome import Exit, OperationFailed
from settings.loading import names_of
from settings.problems import InvalidSettings, Problem, suggestion
from settings.values import EnvironmentKey

AGENT = "roles/config.agent"
Progress = Callable[[str], None]


def _silent(_: str) -> None:
    """Progress that nobody watches."""


@dataclass(frozen=True)
class Order:
    """What somebody wants. `version` None is the newest on offer."""

    template: str
    team: str
    person: Person
    choices: Mapping[str, Any]
    environment: EnvironmentKey = "interactive"
    version: str | None = None


def launch(desk: Desk, order: Order, progress: Progress = _silent) -> Deployment:
    """Make what was ordered. Where that fails, nothing remains, or the error names what does.

    InvalidSettings for inputs that the template does not accept, OperationFailed (a gate says no) for everything else
    that is refused.
    """
    version, release, template = desk.find(order.template, order.version)
    place = desk.place(order.team, order.environment)
    _must_be_registered(desk, template, place)
    deployment = prepared(place, order, template, version, release)
    archive = fetch(desk.index.shelf, release)
    with desk.turn:
        _must_fit_quota(desk, template, place)
        if not desk.engine.begin(deployment):
            text = f"exists already in {place.project}"
            raise OperationFailed(deployment.name, text, "choose another name", code=Exit.REFUSED)
    return _made(desk, deployment, archive, progress)


def prepared(place: Place, order: Order, template: Template, version: str, release: Release) -> Deployment:
    """The deployment that an order leads to, once every gate before the making has agreed."""
    entitled(order, template)
    name = deployment_name(template, order.choices)
    deployment = Deployment(
        name=name,
        project=place.project,
        region=place.installation.organization.region,
        template=template.key,
        version=version,
        archive=release.archive,
        sha256=release.sha256,
        deployer=deployer(place, template),
        person=order.person.address,
        inputs={},
        state="CREATING",
        ordered_at=(moment := now()),
        changed_at=moment,
    )
    return deployment.model_copy(update={"inputs": complete(place, template, order.choices, deployment)})


def update(desk: Desk, order: Order, name: str, version: str | None, progress: Progress = _silent) -> Deployment:
    """Change inputs of a deployment, or bring it to another version. Its name stays."""
    place = desk.place(order.team, order.environment)
    before = must_exist(desk.engine, place.project, name)
    chosen, release, template = _of_deployment(desk, before, version)
    entitled(order, template)
    kept = {key: value for key, value in before.inputs.items() if key in template.choices}
    if order.choices.get("name", kept["name"]) != kept["name"]:
        raise InvalidSettings([Problem("name", "cannot be changed", "order a new one and delete this one")])
    inputs = complete(place, template, {**kept, **order.choices}, before)
    changed = {"inputs": inputs, "version": chosen, "archive": release.archive, "sha256": release.sha256}
    now_updating = before.model_copy(update={**changed, "state": "UPDATING", "changed_at": now(), "error": ""})
    data = fetch(desk.index.shelf, release)
    _claim(desk, before, now_updating)
    return _made(desk, now_updating, data, progress, new=False)


def delete(desk: Desk, order: Order, name: str, progress: Progress = _silent) -> None:
    """Take down a deployment; what Google refuses to delete stays, with the deployment, and the error says so."""
    place = desk.place(order.team, order.environment)
    before = must_exist(desk.engine, place.project, name)
    entitled(order, _of_deployment(desk, before, None)[2])
    deleting = before.model_copy(update={"state": "DELETING", "changed_at": now()})
    _claim(desk, before, deleting)
    try:
        desk.engine.destroy(deleting, progress)
    except Failed as error:
        remains = {"state": "FAILED", "error": str(error), "resources": error.resources, "changed_at": now()}
        desk.engine.save(deleting.model_copy(update=remains))
        way_out = "remove what stands in the way and delete it again"
        raise OperationFailed(name, f"{error} - remaining: {', '.join(error.resources)}", way_out) from None
    desk.engine.forget(deleting)


def entitled(order: Order, template: Template) -> None:
    """Gates about who and where. OperationFailed with the reason."""
    manifest, person = template.manifest, order.person
    if order.environment not in manifest.environments:
        text = f"is not offered in {order.environment}"
        way_out = f"order it in {', '.join(manifest.environments)}; there only pipelines change anything"
        raise OperationFailed(f"template '{template.key}'", text, way_out, code=Exit.REFUSED)
    if person.persona not in manifest.orderers:
        way_out = f"ask one of: {', '.join(manifest.orderers)}"
        raise OperationFailed(str(person), f"may not order '{template.key}'", way_out, code=Exit.REFUSED)
    if person.team not in (None, order.team):
        way_out = f"order for {person.team}, or ask team {order.team}"
        raise OperationFailed(str(person), f"is not in team {order.team}", way_out, code=Exit.REFUSED)


def complete(place: Place, template: Template, choices: Mapping[str, Any], deployment: Deployment) -> dict[str, Any]:
    """Every input: what was chosen, what the platform fills. InvalidSettings with all that is not accepted."""
    problems = list(_foreign(template, choices))
    filled = {
        name: place.fact(fact, person=deployment.person, deployment=deployment.name, ordered_at=deployment.ordered_at)
        for name, fact in template.manifest.platform.items()
    }
    inputs = {name: value for name, value in choices.items() if name in template.choices} | filled
    problems += judge(template, inputs)
    if problems:
        raise InvalidSettings(problems)
    return inputs


def deployment_name(template: Template, choices: Mapping[str, Any]) -> str:
    """What a deployment is called: its template and its own name, so that no two collide."""
    return f"{template.key}-{choices.get('name', '')}".replace("_", "-").lower()[:63].rstrip("-")


def deployer(place: Place, template: Template) -> str:
    """The identity that makes what a template describes, in the project of a team."""
    role = f"launch-{template.key}".replace("_", "-")
    return names_of(place.installation).service_account(place.environment, place.team, role)


def _made(desk: Desk, deployment: Deployment, archive: bytes, progress: Progress, *, new: bool = True) -> Deployment:
    try:
        _deployer_must_be_ready(desk, deployment)
        outputs, resources = desk.engine.apply(deployment, archive, progress)
    except (Failed, OperationFailed, KeyboardInterrupt) as error:
        raise _undone(desk, deployment, error, progress, new) from None
    done = {"state": "ACTIVE", "outputs": outputs, "resources": resources, "changed_at": now(), "error": ""}
    desk.engine.save(active := deployment.model_copy(update=done))
    return active


def _undone(desk: Desk, deployment: Deployment, error: BaseException, progress: Progress, new: bool) -> BaseException:
    """What to raise after a failure. What a new deployment began is taken back first."""
    resources = getattr(error, "resources", [])
    if new:
        try:
            if resources:
                desk.engine.destroy(deployment, progress)
            desk.engine.forget(deployment)
            resources = []
        except Failed as second:
            resources = second.resources
    if not new or resources:
        changes = {"state": "FAILED", "error": str(error), "resources": resources, "changed_at": now()}
        desk.engine.save(deployment.model_copy(update=changes))
    if not isinstance(error, Failed):
        return error
    left = f"remaining: {', '.join(resources)}" if resources else "nothing remains"
    way_out = "fix the cause and order again" if new else "correct the input and update again"
    return OperationFailed(deployment.name, f"{error} - {left}", way_out)


def _deployer_must_be_ready(desk: Desk, deployment: Deployment) -> None:
    """The template's own identity exists and may be used; nothing is made as anybody else."""
    store, project = desk.engine.cloud.store, deployment.project
    wanted = f"projects/{project}/serviceAccounts/{deployment.deployer}"
    if store.get("google_service_account", wanted) is None:
        text = f"has no identity {deployment.deployer} to be made by"
        raise OperationFailed(f"template '{deployment.template}'", text, "deploy the team's stack", code=Exit.REFUSED)


def _must_be_registered(desk: Desk, template: Template, place: Place) -> None:
    """People find a template only where Service Catalog shares it, and nothing else may be ordered."""
    solution = ServiceCatalog(desk.engine.cloud.store).solutions().get(template.key)
    environments = template.manifest.environments
    if place.environment in environments and (solution is None or place.project not in solution.shared_with):
        text, way_out = f"is not shared with {place.project}", "run 'blueprint catalog register'"
        raise OperationFailed(f"template '{template.key}'", text, way_out, code=Exit.REFUSED)


def _must_fit_quota(desk: Desk, template: Template, place: Place) -> None:
    used = [one for one in desk.engine.records(place.project) if one.template == template.key]
    if len(used) >= template.manifest.quota:
        text = f"has {len(used)} of {template.manifest.quota} '{template.key}' already"
        raise OperationFailed(f"team {place.team}", text, "delete one that is not needed", code=Exit.REFUSED)


def _claim(desk: Desk, before: Deployment, after: Deployment) -> None:
    with desk.turn:
        current = must_exist(desk.engine, before.project, before.name)
        if current.state.endswith("ING"):
            raise OperationFailed(
                before.name, f"is {current.state.lower()}", "wait until that is done", code=Exit.REFUSED
            )
        desk.engine.save(after)


def _of_deployment(desk: Desk, deployment: Deployment, version: str | None) -> tuple[str, Release, Template]:
    """Version, release and template of a deployment; a withdrawn version still serves what was made from it."""
    if version and version != deployment.version:
        return desk.find(deployment.template, version)
    release = desk.index.release(deployment.template, deployment.version)
    return deployment.version, release, desk.template(deployment.template, release)


def _foreign(template: Template, choices: Mapping[str, Any]) -> list[Problem]:
    problems = []
    for name in choices:
        if name in template.manifest.platform:
            problems.append(Problem(name, "is decided by the platform", "leave it out"))
        elif name not in template.choices:
            way_out = suggestion(name, template.choices, f"inputs are {', '.join(template.choices)}")
            problems.append(Problem(name, "is no input of this template", way_out))
    return problems
