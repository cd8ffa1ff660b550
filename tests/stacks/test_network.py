"""Networks from which nothing leaves, perimeters with doors for named identities only."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from ipaddress import IPv4Network
from pathlib import Path

import pytest
import yaml

from settings.loading import names_of
from settings.model import Installation
from stacks.tables import ProtectedServices, table
from tests.conftest import ROOT
from tests.estate import Estate, Resource
from tests.resolved import resolved

NETWORKS = ("network-*", "delivery")
ANYWHERE = IPv4Network("0.0.0.0/0")
POLICIES = "google_access_context_manager_service_perimeter_*gress_policy"
EXISTING = "projects/acme-int-network-k7q2/global/networks/corporate"


def in_networks(estate: Estate, type_: str) -> list[Resource]:
    return [r for stack in NETWORKS for r in estate.resources(type_, stack)]


def allows(estate: Estate, direction: str) -> Iterator[tuple[Resource, list[IPv4Network]]]:
    far_end = "dest_ip_ranges" if direction == "EGRESS" else "src_ip_ranges"
    for rule in in_networks(estate, "google_compute_network_firewall_policy_rule"):
        if rule.values["direction"] == direction and rule.values["action"] == "allow":
            yield rule, [IPv4Network(cidr) for cidr in rule.values["match"][far_end]]


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> Estate:
    """The estate of another installation: enforced perimeters, GitLab, a second region, a network that exists."""
    folder = tmp_path_factory.mktemp("other")
    shutil.copytree(ROOT / "settings", folder / "settings", ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    path = folder / "settings/organization.yaml"
    organization = yaml.safe_load(path.read_text())
    provider = {"host": "gitlab", "owner": "ml", "uri": "https://git.example.com", "ranges": ["198.51.100.0/24"]}
    organization["repositories"]["provider"] = provider
    organization["regions"] = ["europe-west4", "europe-west1"]
    organization["common_perimeter"] = "enforced"
    organization["existing"] = {"networks": {"interactive": {"id": EXISTING, "adopt": "reference"}}}
    path.write_text(yaml.safe_dump(organization))
    for number, environment in enumerate(("interactive", "nonproduction", "production")):
        path = folder / f"settings/environments/{environment}.yaml"
        settings = yaml.safe_load(path.read_text())
        settings["perimeter"] = "enforced"
        settings["network"]["subnets"]["europe-west1"] = f"10.{100 + number}.0.0/20"
        path.write_text(yaml.safe_dump(settings))
    out = folder / "out"
    subprocess.run([sys.executable, "-m", "stacks.app", str(folder / "settings"), str(out)], check=True, cwd=ROOT)
    return Estate.read(out)


def test_no_allow_rule_is_wider_than_a_known_range_and_none_lets_the_world_in(
    estate: Estate, installation: Installation
) -> None:
    published = set(installation.organization.repositories.provider.ranges)
    private = [cidr for _, cidr in installation.networks]
    for direction in ("EGRESS", "INGRESS"):
        for rule, ranges in allows(estate, direction):
            assert rule.values["match"]["layer4_configs"][0]["ip_protocol"] != "all", rule.address
            assert rule.values["match"]["layer4_configs"][0]["ports"], rule.address
            for cidr in ranges:
                known = cidr in published if direction == "EGRESS" else False
                assert known or any(cidr.subnet_of(ours) for ours in private), (rule.address, cidr)


def test_what_no_rule_allows_is_refused_and_logged_before_any_rule_of_an_instance(estate: Estate) -> None:
    networks = in_networks(estate, "google_compute_network")
    assert {n.values["network_firewall_policy_enforcement_order"] for n in networks} == {"BEFORE_CLASSIC_FIREWALL"}
    rules = in_networks(estate, "google_compute_network_firewall_policy_rule")
    assert all(rule.values["enable_logging"] for rule in rules)
    policies = {(rule.stack, rule.values["firewall_policy"]) for rule in rules}
    assert len(policies) == len(networks)
    for stack, policy in policies:
        mine = [r for r in rules if (r.stack, r.values["firewall_policy"]) == (stack, policy)]
        priorities = [r.values["priority"] for r in mine]
        assert len(set(priorities)) == len(priorities)
        refusals = {r.values["direction"]: r for r in mine if r.values["action"] == "deny"}
        for direction, far_end in (("EGRESS", "dest_ip_ranges"), ("INGRESS", "src_ip_ranges")):
            refusal = refusals[direction]
            assert [IPv4Network(cidr) for cidr in refusal.values["match"][far_end]] == [ANYWHERE]
            assert refusal.values["match"]["layer4_configs"] == [{"ip_protocol": "all"}]
            allowed = [r.values["priority"] for r in mine if r.values["action"] == "allow"]
            assert refusal.values["priority"] > max(allowed)
    attached = in_networks(estate, "google_compute_network_firewall_policy_association")
    assert len(attached) == len(networks)


def test_nothing_is_routed_to_the_internet_but_the_repository_host(estate: Estate, installation: Installation) -> None:
    published = set(installation.organization.repositories.provider.ranges)
    networks = in_networks(estate, "google_compute_network")
    assert all(network.values["delete_default_routes_on_create"] for network in networks)
    assert not any(network.values["auto_create_subnetworks"] for network in networks)
    routes = in_networks(estate, "google_compute_route")
    assert {IPv4Network(route.values["dest_range"]) for route in routes} <= published


def test_only_notebooks_reach_the_repository_host_and_operational_networks_have_no_way_out(
    estate: Estate, installation: Installation
) -> None:
    names = names_of(installation)
    for environment, place in installation.environments.items():
        stack = f"network-{environment}"
        rules = estate.resources("google_compute_network_firewall_policy_rule", stack)
        out = [r for r in rules if r.values.get("target_service_accounts")]
        if place.kind == "operational":
            assert not out
            assert not estate.resources("google_compute_router*", stack)
            assert not estate.resources("google_compute_route", stack)
            continue
        (rule,) = out
        notebooks = {names.service_account(environment, team, "notebook") for team in installation.teams}
        assert set(rule.values["target_service_accounts"]) == notebooks
        assert rule.values["match"]["layer4_configs"] == [{"ip_protocol": "tcp", "ports": ["443"]}]


def test_google_is_reached_at_a_private_address_and_no_other_name_exists(
    estate: Estate, installation: Installation
) -> None:
    wanted = set(yaml.safe_load((ROOT / "stacks/domains.yaml").read_text())["private"])
    assert {"googleapis.com", "pkg.dev", "notebooks.cloud.google.com", "kernels.googleusercontent.com"} <= wanted
    for environment, place in installation.environments.items():
        stack = f"network-{environment}"
        (endpoint,) = estate.resources("google_compute_global_forwarding_rule", stack)
        assert (endpoint.values["target"], endpoint.values["load_balancing_scheme"]) == ("vpc-sc", "")
        records = estate.resources("google_dns_record_set", stack)
        assert {r.values["name"].removeprefix("*.").rstrip(".") for r in records} == wanted
        assert {str(resolved(estate, r, "rrdatas")) for r in records} == {str([str(place.network.google_apis)])}
        zones = {z.values["dns_name"]: z.values for z in estate.resources("google_dns_managed_zone", stack)}
        assert zones["."]["visibility"] == "private"
        assert "forwarding_config" not in zones["."]
        public = {name for name, zone in zones.items() if zone.get("forwarding_config")}
        assert public == ({"github.com."} if place.kind == "interactive" else set())
        (logging,) = estate.resources("google_dns_policy", stack)
        assert logging.values["enable_logging"] is True


def test_managed_services_next_to_a_network_have_no_internet_either(estate: Estate, installation: Installation) -> None:
    for environment in installation.environments:
        (peered,) = estate.resources("google_service_networking_vpc_service_controls", f"network-{environment}")
        assert peered.values["enabled"] is True


def test_subnets_log_their_flows_and_reach_google_privately(estate: Estate) -> None:
    for subnet in in_networks(estate, "google_compute_subnetwork"):
        assert subnet.values["private_ip_google_access"] is True
        assert subnet.values["log_config"]["metadata"] == "INCLUDE_ALL_METADATA"


def test_every_project_with_data_stands_in_exactly_one_perimeter(estate: Estate, installation: Installation) -> None:
    members = estate.resources("google_access_context_manager_service_perimeter_dry_run_resource")
    inside = [_project(estate, member) for member in members]
    assert len(set(inside)) == len(inside)
    names = names_of(installation)
    outside = {names.project("common", "seed")}
    everything = {str(resolved(estate, p, "project_id")) for p in estate.resources("google_project")}
    assert everything - set(inside) == outside


def _project(estate: Estate, member: Resource) -> str:
    reference = member.values["resource"].removeprefix("projects/${").removesuffix(".number}")
    section, parts = (
        ("data", reference.removeprefix("data.")) if reference.startswith("data.") else ("resource", reference)
    )
    type_, name = parts.split(".")
    return str(estate.documents[member.stack][section][type_][name]["project_id"])


def test_a_perimeter_protects_every_service_in_use_and_names_the_rest(
    estate: Estate, installation: Installation
) -> None:
    services: ProtectedServices = table(ProtectedServices, "restricted_services")
    assert {api for apis in installation.apis.values() for api in apis} <= {*services.restricted, *services.open}
    assert not set(services.restricted) & set(services.open)
    assert set(services.reachable) <= set(services.open)
    for perimeter in estate.resources("google_access_context_manager_service_perimeter"):
        spec = perimeter.values["spec"]
        assert spec["restricted_services"] == [f"{service}.googleapis.com" for service in sorted(services.restricted)]
        reachable = spec["vpc_accessible_services"]
        assert reachable["enable_restriction"] is True
        assert reachable["allowed_services"][0] == "RESTRICTED-SERVICES"


def test_no_door_is_for_everybody_for_every_method_or_to_everywhere(estate: Estate) -> None:
    doors = estate.resources(POLICIES)
    assert doors
    for door in doors:
        direction = "egress" if "egress" in door.type else "ingress"
        origin, target = door.values[f"{direction}_from"], door.values[f"{direction}_to"]
        assert "identity_type" not in origin, door.address
        assert origin["identities"], door.address
        assert all(who.startswith(("serviceAccount:", "group:", "${")) for who in origin["identities"]), door.address
        assert target["resources"], door.address
        assert "*" not in target["resources"], door.address
        operations = target.get("operations", [])
        assert bool(operations) != bool(target.get("roles")), door.address
        for operation in operations:
            assert operation["service_name"] != "*", door.address
            assert operation["method_selectors"], door.address
            assert {"method": "*"} not in operation["method_selectors"], door.address
        assert not {"roles/owner", "roles/editor", "roles/viewer"} & set(target.get("roles", [])), door.address


def test_people_come_from_their_workplaces_only(estate: Estate) -> None:
    ways_in = estate.resources("google_access_context_manager_*_ingress_policy", "exchange")
    people = [r for r in ways_in if any(who.startswith("group:") for who in r.values["ingress_from"]["identities"])]
    assert people
    for door in people:
        (source,) = door.values["ingress_from"]["sources"]
        assert source["access_level"].endswith("/accessLevels/acme_workplaces"), door.address


def test_only_googles_log_router_comes_from_a_place_without_a_name(estate: Estate) -> None:
    unnamed = {
        who
        for door in estate.resources("google_access_context_manager_*_ingress_policy")
        if {"access_level": "*"} in door.values["ingress_from"]["sources"]
        for who in door.values["ingress_from"]["identities"]
    }
    assert unnamed == {"serviceAccount:service-org-123456789012@gcp-sa-logging.iam.gserviceaccount.com"}


def test_titles_of_doors_are_unique_in_their_perimeter(estate: Estate) -> None:
    for kind in ("dry_run_ingress", "dry_run_egress"):
        doors = estate.resources(f"google_access_context_manager_service_perimeter_{kind}_policy")
        titles = [(door.values["perimeter"].rpartition("/")[2], door.values["title"]) for door in doors]
        assert len(set(titles)) == len(titles)


def test_in_dry_run_nothing_is_enforced_and_enforced_is_the_same_as_rehearsed(estate: Estate, other: Estate) -> None:
    rehearsed = estate.resources("google_access_context_manager_service_perimeter")
    assert rehearsed
    assert all("status" not in p.values and p.values["use_explicit_dry_run_spec"] for p in rehearsed)
    assert not estate.resources("google_access_context_manager_service_perimeter_resource")
    assert not estate.resources("google_access_context_manager_service_perimeter_[ei]*gress_policy")
    for perimeter in other.resources("google_access_context_manager_service_perimeter"):
        assert perimeter.values["status"] == perimeter.values["spec"]
        ignored = perimeter.values["lifecycle"]["ignore_changes"]
        assert {"status[0].resources", "status[0].ingress_policies", "spec[0].egress_policies"} <= set(ignored)
    dry, real = (
        {
            (r.stack, r.values["resource"])
            for r in other.resources(f"google_access_context_manager_service_perimeter_{k}")
        }
        for k in ("dry_run_resource", "resource")
    )
    assert dry == real


def test_an_existing_network_is_used_and_not_made(other: Estate) -> None:
    assert not other.resources("google_compute_network", "network-interactive")
    subnets = other.resources("google_compute_subnetwork", "network-interactive")
    assert {s.values["region"] for s in subnets} == {"europe-west4", "europe-west1"}
    assert {s.values["network"] for s in subnets} == {EXISTING}


def test_each_region_has_its_own_subnet_keys_and_way_out(other: Estate) -> None:
    for type_ in ("google_compute_subnetwork", "google_compute_router_nat"):
        found = other.resources(type_, "network-interactive")
        assert {r.values["region"] for r in found} == {"europe-west4", "europe-west1"}


def test_gitlab_is_connected_with_its_three_tokens(other: Estate) -> None:
    for connection in other.resources("google_cloudbuildv2_connection"):
        gitlab = connection.values["gitlab_config"]
        assert gitlab["host_uri"] == "https://git.example.com"
        assert gitlab["webhook_secret_secret_version"].endswith("/secrets/repository-webhook/versions/latest")
    secrets = {s.values["secret_id"] for s in other.resources("google_secret_manager_secret", "delivery")}
    assert secrets == {"repository-token", "repository-read-token", "repository-webhook"}


def test_two_syntheses_give_the_same_bytes(estate: Estate, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "stacks.app", str(ROOT / "settings"), str(tmp_path)]
    subprocess.run(command, check=True, cwd=ROOT)
    for path in sorted((tmp_path / "stacks").glob("*/cdk.tf.json")):
        assert path.read_bytes() == (estate.folder / "stacks" / path.parent.name / "cdk.tf.json").read_bytes()
