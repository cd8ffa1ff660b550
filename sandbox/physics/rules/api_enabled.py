"""The API of a resource must be enabled in the resource's project and in the project that is charged for the call."""

from sandbox.physics.change import Change, forbidden
from sandbox.physics.services import needed
from sandbox.physics.world import World

TYPES = None
ACTIONS = ("create", "update", "delete")
RANK = 2


def check(change: Change, world: World) -> None:
    for project, service in needed(change):
        if not world.enabled(project, service) and (change.action != "delete" or world.project_exists(project)):
            title = service.partition(".")[0]
            number = world.number(project)
            page = f"https://console.developers.google.com/apis/api/{service}/overview?project={number}"
            message = (
                f"{title} API has not been used in project {number} before or it is disabled. Enable it by visiting"
                f" {page} then retry. If you enabled this API recently, wait a few minutes for the action to propagate"
                " to our systems and retry."
            )
            hint = f"Enable {service} in {project} before; depend on its google_project_service."
            raise forbidden(message, "SERVICE_DISABLED", way_out=hint)
