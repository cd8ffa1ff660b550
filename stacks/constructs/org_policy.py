"""Organization policies (v2), and the placeholders that their settings may hold."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from cdktf_cdktf_provider_google.org_policy_policy import (
    OrgPolicyPolicy,
    OrgPolicyPolicyDryRunSpec,
    OrgPolicyPolicyDryRunSpecRules,
    OrgPolicyPolicyDryRunSpecRulesValues,
    OrgPolicyPolicySpec,
    OrgPolicyPolicySpecRules,
    OrgPolicyPolicySpecRulesValues,
)
from constructs import Construct

from settings.problems import InvalidSettings, Problem, suggestion

PLACEHOLDER = re.compile(r"\{(\w*)\}")


def filled(values: Sequence[str], known: Mapping[str, Sequence[str]], *, place: str) -> list[str]:
    """`values` with every `{placeholder}` replaced; one of several values makes as many. InvalidSettings if unknown."""
    problems = [
        Problem(
            place, f"unknown placeholder '{{{name}}}'", suggestion(name, known, f"known are {', '.join(sorted(known))}")
        )
        for value in values
        for name in PLACEHOLDER.findall(value)
        if name not in known
    ]
    if problems:
        raise InvalidSettings(problems)
    return [one for value in values for one in _expanded(value, known)]


def _expanded(value: str, known: Mapping[str, Sequence[str]]) -> Iterator[str]:
    if not (found := PLACEHOLDER.search(value)):
        yield value
        return
    for meaning in known[found[1]]:
        yield from _expanded(value.replace(found[0], meaning), known)


class OrgPolicy(Construct):
    """One constraint at one place: enforced or not, or a list of what is allowed or denied; in dry run only logged."""

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        parent: str,
        constraint: str,
        enforce: bool | None = None,
        allow: Sequence[str] | None = None,
        deny: Sequence[str] | None = None,
        dry_run: bool = False,
    ) -> None:
        """Without `enforce`, `allow` and `deny` everything is denied."""
        super().__init__(scope, id_)
        lists = {"allowed_values": list(allow) if allow else None, "denied_values": list(deny) if deny else None}
        listed = any(lists.values())
        spec, rules, values = (
            (OrgPolicyPolicyDryRunSpec, OrgPolicyPolicyDryRunSpecRules, OrgPolicyPolicyDryRunSpecRulesValues)
            if dry_run
            else (OrgPolicyPolicySpec, OrgPolicyPolicySpecRules, OrgPolicyPolicySpecRulesValues)
        )
        rule = rules(
            enforce=None if enforce is None else str(enforce).upper(),
            values=values(**lists) if listed else None,
            deny_all="TRUE" if enforce is None and not listed else None,
        )
        OrgPolicyPolicy(
            self,
            "policy",
            name=f"{parent}/policies/{constraint}",
            parent=parent,
            **{"dry_run_spec" if dry_run else "spec": spec(rules=[rule])},
        )
