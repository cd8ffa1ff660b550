"""A project uses the network of another one only when it is attached to it, and a host with projects is not deleted."""

from sandbox.diagnostics import listing
from sandbox.physics.change import Change, invalid, project_in, unmet
from sandbox.physics.references import path_in
from sandbox.physics.world import World

TYPES = None
ACTIONS = ("create", "update", "delete")

_USES = (
    "google_composer_environment",
    "google_compute_instance",
    "google_container_cluster",
    "google_workbench_instance",
)


def check(change: Change, world: World) -> None:
    if change.action == "delete":
        if change.type in ("google_project", "google_compute_shared_vpc_host_project"):
            _not_hosting(change, world)
        return
    if change.type == "google_compute_shared_vpc_service_project":
        host = world.project_id(change.text("host_project"))
        if host and not world.has("google_compute_shared_vpc_host_project", host):
            hint = "Make it one before; depend on google_compute_shared_vpc_host_project."
            raise invalid(f"The project {host} is not a shared VPC host project.", path=("host_project",), way_out=hint)
    elif change.type in _USES:
        _attached(change, world)


def _attached(change: Change, world: World) -> None:
    own = world.project_id(project_in(change.values))
    for place, text in change.strings:
        path = path_in(text)
        if "/subnetworks/" not in path:
            continue
        host = world.project_id(path.split("/")[1])
        if own != host and not world.has("google_compute_shared_vpc_service_project", f"{host}/{own}"):
            hint = "Attach the project before; depend on google_compute_shared_vpc_service_project."
            raise invalid(f"Project {own} is not attached to the host project {host}.", path=place, way_out=hint)


def _not_hosting(change: Change, world: World) -> None:
    host = change.text("project_id") or change.text("project")
    attached = [id_ for id_, _ in world.store.under("google_compute_shared_vpc_service_project", f"{host}/")]
    if attached:
        message = f"The host project {host} still has attached service projects"
        raise unmet(message, "resourceInUseByAnotherResource", way_out=f"Detach first: {listing(attached)}.")
