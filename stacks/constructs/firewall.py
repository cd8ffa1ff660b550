"""A network's firewall policy: what is not allowed by a line of the table is refused and logged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from cdktf_cdktf_provider_google.compute_network_firewall_policy import ComputeNetworkFirewallPolicy
from cdktf_cdktf_provider_google.compute_network_firewall_policy_association import (
    ComputeNetworkFirewallPolicyAssociation,
)
from cdktf_cdktf_provider_google.compute_network_firewall_policy_rule import (
    ComputeNetworkFirewallPolicyRule,
    ComputeNetworkFirewallPolicyRuleMatch,
    ComputeNetworkFirewallPolicyRuleMatchLayer4Configs,
)
from constructs import Construct

from stacks.tables import FirewallRule

ACCOUNTS_PER_RULE = 10


class Firewall(Construct):
    """The table of rules (stacks/firewall.yaml) applied to one network.

    `ranges` and `accounts` give the table's words a meaning; a rule whose ranges or accounts are empty here is left
    out, never widened. `project_id` is a value of Project.using("compute"), `network` the network's id.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        project_id: str,
        network: str,
        name: str,
        rules: Mapping[str, FirewallRule],
        ranges: Mapping[str, Sequence[str]],
        accounts: Mapping[str, Sequence[str]],
    ) -> None:
        super().__init__(scope, id_)
        policy = ComputeNetworkFirewallPolicy(
            self, "policy", project=project_id, name=name, description="Refuses and logs what its rules do not allow."
        )
        self._project, self._policy = project_id, policy.name
        for key, rule in rules.items():
            far_end = sorted(ranges.get(rule.between, ()))
            if not far_end:
                continue
            if not rule.accounts:
                self._rule(key, rule, rule.priority, far_end)
                continue
            members = sorted(accounts.get(rule.accounts, ()))
            for start in range(0, len(members), ACCOUNTS_PER_RULE):
                part = start // ACCOUNTS_PER_RULE
                some = members[start : start + ACCOUNTS_PER_RULE]
                self._rule(f"{key}-{part}" if part else key, rule, rule.priority + part, far_end, some)
        ComputeNetworkFirewallPolicyAssociation(
            self,
            "association",
            project=project_id,
            name=name,
            attachment_target=network,
            firewall_policy=policy.name,
        )

    def _rule(
        self, key: str, rule: FirewallRule, priority: int, far_end: list[str], accounts: list[str] | None = None
    ) -> None:
        outward = rule.direction == "EGRESS"
        ComputeNetworkFirewallPolicyRule(
            self,
            f"rule-{key}",
            project=self._project,
            firewall_policy=self._policy,
            rule_name=key,
            priority=priority,
            direction=rule.direction,
            action=rule.action,
            enable_logging=True,
            match=ComputeNetworkFirewallPolicyRuleMatch(
                dest_ip_ranges=far_end if outward else None,
                src_ip_ranges=None if outward else far_end,
                layer4_configs=[
                    ComputeNetworkFirewallPolicyRuleMatchLayer4Configs(
                        ip_protocol=rule.protocol, ports=rule.ports or None
                    )
                ],
            ),
            target_service_accounts=accounts,
        )
