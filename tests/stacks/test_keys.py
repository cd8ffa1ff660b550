"""Keys: rotated, protected, one per service."""

from settings.model import Installation
from tests.estate import Estate

DAY = 24 * 60 * 60


def test_every_key_rotates_within_90_days_and_cannot_be_destroyed_by_a_plan(estate: Estate) -> None:
    keys = [k for k in estate.resources("google_kms_crypto_key") if k.values["purpose"] == "ENCRYPT_DECRYPT"]
    assert {k.stack for k in keys} >= {"keys-common", "keys-interactive", "keys-nonproduction", "keys-production"}
    assert all(int(k.values["rotation_period"].rstrip("s")) <= 90 * DAY for k in keys)
    assert all(k.values["lifecycle"]["prevent_destroy"] for k in keys)


def test_each_environment_has_a_key_per_service_and_region(estate: Estate, installation: Installation) -> None:
    for environment in installation.environments:
        found = sorted(k.values["name"] for k in estate.resources("google_kms_crypto_key", f"keys-{environment}"))
        assert found == sorted(installation.keys.environment * len(installation.organization.regions))
