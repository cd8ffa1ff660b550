"""An order from the first gate to what exists afterwards; what is refused says why and what to do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from catalog_templates.template import Template
from operations.catalog_deployment import Deployment
from operations.catalog_desk import Desk
from operations.catalog_engine import Failed, Progress, Taken, must_exist, silent
from operations.catalog_facts import Place, now
from operations.catalog_gates import entitled, must_be_shared, must_fit_quota
from operations.catalog_index import Release
from operations.catalog_order import Order
from operations.catalog_publish import fetch
from operations.catalog_workshop import judge
from operations.outcome import Exit, OperationFailed
from settings.loading import names_of
from settings.problems import InvalidSettings, Problem, suggestion


def launch(desk: Desk, order: Order, progress: Progress = silent) -> Deployment:
    """Make what was ordered. Where that fails, nothing remains, or the error names what does.

    InvalidSettings for inputs that the template does not accept, OperationFailed (a gate says no) for everything else
    that is refused.
    """
    deployment, template, place = agreed(desk, order)
    with desk.turn:
        must_fit_quota(desk.engine, template, place)
        try:
            operation = desk.engine.begin(deployment, new=True)
        except Taken:
            text = f"exists already in {place.project}"
            raise OperationFailed(deployment.name, text, "choose another name", code=Exit.REFUSED) from None
    try:
        made = desk.engine.end(deployment, operation, progress)
    except Failed as error:
        raise _undone(desk, deployment, error) from None
    try:
        must_fit_quota(desk.engine, template, place, made)
    except OperationFailed as error:
        one = error.problem
        late = Failed(f"{one.place} {one.text}", made.resources)
        raise _undone(desk, deployment, late, one.way_out, error.code) from None
    return made


def previewed(desk: Desk, order: Order) -> list[str]:
    """What a launch would make, a line for each resource; refused as a launch is, and nothing is made."""
    deployment, template, place = agreed(desk, order)
    must_fit_quota(desk.engine, template, place)
    return _shown(desk, deployment, existing=False)


def agreed(desk: Desk, order: Order) -> tuple[Deployment, Template, Place]:
    """What an order leads to, once every gate but the quota lets it pass. InvalidSettings or OperationFailed else."""
    version, release, template = desk.find(order.template, order.version)
    entitled(desk.installation, order, template)
    place = desk.place(order.team, order.environment)
    if desk.counter is None:
        must_be_shared(desk.catalog, template, place)
    deployment = prepared(desk, place, order, template, version, release)
    fetch(desk.index.shelf, release)
    return deployment, template, place


def prepared(desk: Desk, place: Place, order: Order, template: Template, version: str, release: Release) -> Deployment:
    """The deployment that an order leads to. InvalidSettings with every input that is not accepted."""
    name, address, moment = deployment_name(template, order.choices), order.person.address, now()
    deployment = Deployment(
        name=name,
        project=place.project,
        region=place.installation.organization.region,
        template=template.key,
        version=version,
        archive=f"{desk.index.shelf.place}/{release.archive}",
        sha256=release.sha256,
        deployer=deployer(place, template),
        person=address,
        inputs={},
        state="CREATING",
        ordered_at=moment,
        changed_at=moment,
        labels=place.fact("labels", person=address, deployment=name, ordered_at=moment),
        runs=f"gs://{place.runs}/{name}",
    )
    return deployment.model_copy(update={"inputs": complete(place, template, order.choices, deployment)})


def update(desk: Desk, order: Order, name: str, version: str | None, progress: Progress = silent) -> Deployment:
    """Change inputs of a deployment, or bring it to another version. Its name stays."""
    changed = changed_by(desk, order, name, version)
    try:
        operation = desk.engine.begin(changed, new=False)
        return desk.engine.end(changed, operation, progress)
    except Taken:
        raise _busy(name) from None
    except Failed as error:
        raise OperationFailed(name, _left(name, error), "correct the input and update again") from None


def preview_of_update(desk: Desk, order: Order, name: str, version: str | None) -> list[str]:
    """What an update would change, a line for each resource; nothing is changed."""
    return _shown(desk, changed_by(desk, order, name, version), existing=True)


def changed_by(desk: Desk, order: Order, name: str, version: str | None) -> Deployment:
    """The deployment as an update wants it. InvalidSettings or OperationFailed as `launch`."""
    place = desk.place(order.team, order.environment)
    before = must_exist(desk.engine, place.project, name)
    chosen, release, template = _of_deployment(desk, before, version)
    entitled(desk.installation, order, template)
    kept = {key: value for key, value in before.inputs.items() if key in template.choices}
    if order.choices.get("name", kept["name"]) != kept["name"]:
        raise InvalidSettings([Problem("name", "cannot be changed", "order a new one and delete this one")])
    inputs = complete(place, template, {**kept, **order.choices}, before)
    fetch(desk.index.shelf, release)
    archive = f"{desk.index.shelf.place}/{release.archive}"
    changed = {"inputs": inputs, "version": chosen, "archive": archive, "sha256": release.sha256}
    return before.model_copy(update=changed)


def delete(desk: Desk, order: Order, name: str, progress: Progress = silent) -> None:
    """Take down a deployment; what Google refuses to delete stays, with the deployment, and the error says so."""
    before = to_delete(desk, order, name)
    try:
        desk.engine.delete(before, progress)
    except Taken:
        raise _busy(name) from None
    except Failed as error:
        way_out = "remove what stands in the way and delete it again"
        raise OperationFailed(name, _left(name, error), way_out) from None


def to_delete(desk: Desk, order: Order, name: str) -> Deployment:
    """The deployment that somebody wants to be gone and may order."""
    before = must_exist(desk.engine, desk.place(order.team, order.environment).project, name)
    entitled(desk.installation, order, _of_deployment(desk, before, None)[2])
    return before


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


def _undone(
    desk: Desk, deployment: Deployment, error: Failed, first: str = "fix the cause", code: Exit = Exit.FAILURE
) -> OperationFailed:
    """What to raise after a failed launch, once what it began is taken back."""
    name, told, way_out = deployment.name, f"{error} - nothing remains", f"{first} and order again"
    try:
        desk.engine.delete(deployment)
    except (Failed, Taken, OperationFailed) as second:
        told = _left(name, Failed(str(error), second.resources if isinstance(second, Failed) else error.resources))
        way_out = f"{first}, run 'blueprint catalog delete {name}' and order again"
    return OperationFailed(name, told, way_out, code=code)


def _left(name: str, error: Failed) -> str:
    """Why a change failed, and what is there nevertheless: the deployment, too, even if it holds nothing."""
    return f"{error} - remaining: {', '.join([*error.resources, f'deployment {name}'])}"


def _shown(desk: Desk, deployment: Deployment, *, existing: bool) -> list[str]:
    try:
        return desk.engine.preview(deployment, existing=existing)
    except Taken:
        raise _busy(deployment.name) from None
    except Failed as error:
        raise OperationFailed(deployment.name, str(error), "correct the order") from None


def _busy(name: str) -> OperationFailed:
    return OperationFailed(name, "is being changed already", "wait until that is done", code=Exit.REFUSED)


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
