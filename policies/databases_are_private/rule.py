"""A database has no public address and speaks encrypted only."""

from policies.rule import House
from policies.values import Values

SEVERITY = "CRITICAL"
CONTROLS = ["HOUSE-DATA-2", "COM-CO-1.1"]
RESOURCES = ["google_sql_database_instance", "google_alloydb_instance"]


def wrong(it: Values, house: House) -> object:
    if it.type == "google_alloydb_instance":
        plain = it.text("client_connection_config.ssl_config.ssl_mode") == "ALLOW_UNENCRYPTED_AND_ENCRYPTED"
        return plain or it.get("network_config.enable_public_ip") is True
    secure = it.text("settings.ip_configuration.ssl_mode") in ("ENCRYPTED_ONLY", "TRUSTED_CLIENT_CERTIFICATE_REQUIRED")
    return not secure or it.get("settings.ip_configuration.ipv4_enabled", True) is not False
