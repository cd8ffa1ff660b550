"""Observability: whoever can act is called, with thresholds of the environment and a word on what to do."""

import json
import re

from settings.loading import names_of
from settings.model import Installation
from stacks.tables import Watching, table
from tests.estate import Estate, Resource

WATCHING: Watching = table(Watching, "watching")
SUBJECTS = {"quality", "latency", "errors", "resources", "tokens"}
EVERY_TEAM = {
    "endpoint-errors",
    "endpoint-latency",
    "pipeline-failed",
    "anomaly-found",
    "feature-drift",
    "prediction-drift",
}


def _alerts(estate: Estate, begin: str) -> dict[str, Resource]:
    found = estate.resources("google_monitoring_alert_policy")
    begin = f"alert-{begin}-"
    return {r.name.removeprefix(begin).split("_policy")[0]: r for r in found if r.name.startswith(begin)}


def _threshold(alert: Resource) -> dict:
    (condition,) = alert.values["conditions"]
    return condition["condition_threshold"]


def test_every_team_is_called_for_errors_latency_pipelines_and_drift_in_each_environment(
    estate: Estate, installation: Installation
) -> None:
    for environment in installation.environments:
        for key, team in installation.teams.items():
            found = _alerts(estate, f"{environment}-{key}")
            assert set(found) >= EVERY_TEAM, (environment, key)
            assert ("workflow-failed" in found) == (team.orchestrator == "composer")
            for alert in found.values():
                assert any(f"channel_team-{key}_" in c for c in alert.values["notification_channels"]), alert.address
                assert f"-{key}-" in _threshold(alert)["filter"], alert.address


def test_thresholds_are_those_of_the_environment(estate: Estate, installation: Installation) -> None:
    for environment, settings in installation.environments.items():
        found = _alerts(estate, f"{environment}-churn")
        assert _threshold(found["endpoint-errors"])["threshold_value"] == settings.alerts.endpoint_error_ratio
        assert _threshold(found["endpoint-latency"])["threshold_value"] == settings.alerts.endpoint_latency_ms
        assert _threshold(found["feature-drift"])["threshold_value"] == settings.alerts.feature_drift
        assert "denominator_filter" in _threshold(found["endpoint-errors"])


def test_security_is_called_for_keys_perimeters_and_policies_everywhere(
    estate: Estate, installation: Installation
) -> None:
    wanted = {"keys-denied", "keys-changed", "perimeter-denied", "policies-changed", "dangerous-grants"}
    for place in ("common", *installation.environments):
        found = {what: alert for what, alert in _alerts(estate, place).items() if what in wanted}
        assert set(found) == wanted, place
        assert all("channel_security_" in str(alert.values["notification_channels"]) for alert in found.values())


def test_every_alert_says_what_to_do(estate: Estate) -> None:
    for alert in estate.resources("google_monitoring_alert_policy"):
        assert len(alert.values["documentation"]["content"]) > 20, alert.address


def test_every_log_alert_rests_on_a_metric_that_is_counted_in_the_platforms_bucket(estate: Estate) -> None:
    counted = {r.name: r for r in estate.resources("google_logging_metric")}
    (bucket,) = estate.resources("google_logging_project_bucket_config")
    named = set()
    for alert in estate.resources("google_monitoring_alert_policy"):
        named |= set(re.findall(r"google_logging_metric\.([\w-]+)\.name", _threshold(alert)["filter"]))
    assert named == set(counted)
    for metric in counted.values():
        assert metric.values["bucket_name"].endswith(f"/buckets/{bucket.values['bucket_id']}")
        assert not re.search(r"\{[a-z_]+\}", metric.values["filter"]), metric.address


def test_each_environment_has_one_dashboard_with_a_tile_for_every_subject_and_team(
    estate: Estate, installation: Installation
) -> None:
    boards = {r.name: json.loads(r.values["dashboard_json"]) for r in estate.resources("google_monitoring_dashboard")}
    assert len(boards) == len(installation.environments)
    assert {tile.subject for tile in WATCHING.tiles.values()} >= SUBJECTS
    for board in boards.values():
        tiles = board["mosaicLayout"]["tiles"]
        assert len(tiles) == len(WATCHING.tiles)
        assert all(len(tile["widget"]["xyChart"]["dataSets"]) == len(installation.teams) for tile in tiles)


def test_every_metric_is_watched_on_the_resource_type_that_has_it() -> None:
    kinds = {
        "aiplatform.googleapis.com/prediction/": "aiplatform.googleapis.com/Endpoint",
        "aiplatform.googleapis.com/publisher/": "aiplatform.googleapis.com/PublisherModel",
        "aiplatform.googleapis.com/model_monitoring/": "aiplatform.googleapis.com/Model",
        "aiplatform.googleapis.com/pipelinejob/": "aiplatform.googleapis.com/PipelineJob",
        "composer.googleapis.com/workflow/": "cloud_composer_workflow",
    }
    shown = [*WATCHING.alerts.values(), *WATCHING.tiles.values()]
    for query in [one.filter for one in shown if one.filter] + [
        a.ratio_to for a in WATCHING.alerts.values() if a.ratio_to
    ]:
        found = re.match(r'metric\.type="([^"]+)" AND resource\.type="([^"]+)"', query)
        assert found, query
        assert [kind for begin, kind in kinds.items() if found[1].startswith(begin)] == [found[2]]


def test_one_project_sees_the_metrics_of_every_team_and_of_the_logs(estate: Estate, installation: Installation) -> None:
    seen = {r.values["name"] for r in estate.resources("google_monitoring_monitored_project")}
    assert len(seen) == 1 + len(installation.teams) * len(installation.environments)


def test_alerts_about_security_see_every_project_of_their_place_whatever_the_number_of_teams(
    estate: Estate, installation: Installation
) -> None:
    names = names_of(installation)
    for place in installation.environments:
        pattern = re.search(r'full_match\("(.+?)"\)', _threshold(_alerts(estate, place)["keys-denied"])["filter"])
        assert pattern
        for what in ("keys", "network", *installation.teams):
            assert re.fullmatch(pattern[1].partition("|${")[0], f"projects/{names.project(place, what)}")
        others = {names.project(other, "keys") for other in installation.environments if other != place}
        assert not any(re.fullmatch(pattern[1].partition("|${")[0], f"projects/{other}") for other in others)


def test_an_alert_waits_for_the_one_project_whose_metric_it_is(estate: Estate) -> None:
    for alert in estate.resources("google_monitoring_alert_policy"):
        (seen,) = [d for d in alert.values["depends_on"] if "monitored_project" in d]
        where = (
            "logging"
            if "logging.googleapis.com/user" in _threshold(alert)["filter"]
            else "-".join(alert.values["user_labels"][key] for key in ("environment", "team"))
        )
        assert f"monitored_{where}_" in seen, alert.address
