"""A service agent can be granted a role only once it exists: made by its identity, by being asked for, or by its API.

Google answers 400 and calls it a service account that does not exist; enabling the API is not enough for most services.
"""

from sandbox.physics.accounts import agent_exists, agent_of
from sandbox.physics.change import Change, invalid
from sandbox.physics.members import members
from sandbox.physics.world import World

TYPES = None
ACTIONS = ("create", "update")


def check(change: Change, world: World) -> None:
    for place, member in members(change):
        kind, _, email = member.partition(":")
        agent = agent_of(email) if kind == "serviceAccount" else None
        if agent is not None and not agent_exists(email, agent, world):
            message = f"Service account {email} does not exist."
            hint = f"Make the agent before: google_project_service_identity for {agent.service}."
            raise invalid(message, path=place, way_out=hint)
