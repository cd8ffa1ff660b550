"""A resource with a customer-managed key needs the service's agent to be granted the key before."""

from sandbox.physics.change import Change, forbidden
from sandbox.physics.keys import keys_of, may_use, users_of
from sandbox.physics.world import World

TYPES = None
ACTIONS = ("create", "update")
RANK = 6


def check(change: Change, world: World) -> None:
    for place, key in keys_of(change):
        for email in users_of(change, world):
            if not may_use(email, key, world):
                message = f"Permission denied on Cloud KMS key {key}. {email} is not authorized to use it."
                hint = "Grant it roles/cloudkms.cryptoKeyEncrypterDecrypter on the key before; depend on the grant."
                raise forbidden(message, "forbidden", path=place, way_out=hint)
