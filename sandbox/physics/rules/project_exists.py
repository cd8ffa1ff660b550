"""A resource can be made only in a project that exists.

Google answers 403 CONSUMER_INVALID, because it does not say who has a project and who has not.
"""

from sandbox.physics.change import Change, forbidden, project_in
from sandbox.physics.world import World

TYPES = None
ACTIONS = ("create", "update")
RANK = 1


def check(change: Change, world: World) -> None:
    project = project_in(change.values)
    if project and not world.project_exists(project):
        message = f"Permission denied on resource project {project}."
        hint = "Create the project before; depend on what makes it."
        raise forbidden(message, "CONSUMER_INVALID", path=("project",), way_out=hint)
