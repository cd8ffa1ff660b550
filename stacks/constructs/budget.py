"""A monthly budget."""

from __future__ import annotations

from collections.abc import Sequence

from cdktf_cdktf_provider_google.billing_budget import (
    BillingBudget,
    BillingBudgetAllUpdatesRule,
    BillingBudgetAmount,
    BillingBudgetAmountSpecifiedAmount,
    BillingBudgetBudgetFilter,
    BillingBudgetThresholdRules,
)
from constructs import Construct

SPENT = (0.5, 0.9, 1.0)
FORECAST = 1.2


class Budget(Construct):
    """Tells the billing account's people when a month's cost nears the amount, and when it is forecast to exceed it."""

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        billing_account: str,
        display_name: str,
        amount: int,
        currency: str,
        project_numbers: Sequence[str] = (),
        folders: Sequence[str] = (),
        channels: Sequence[str] = (),
    ) -> None:
        """The cost is that of the projects given, or of everything below the folders given (`folders/ID`)."""
        super().__init__(scope, id_)
        BillingBudget(
            self,
            "budget",
            billing_account=billing_account,
            display_name=display_name,
            budget_filter=BillingBudgetBudgetFilter(
                projects=[f"projects/{number}" for number in project_numbers] or None,
                resource_ancestors=list(folders) or None,
                calendar_period="MONTH",
            ),
            amount=BillingBudgetAmount(
                specified_amount=BillingBudgetAmountSpecifiedAmount(currency_code=currency, units=str(amount))
            ),
            threshold_rules=[
                *(BillingBudgetThresholdRules(threshold_percent=share, spend_basis="CURRENT_SPEND") for share in SPENT),
                BillingBudgetThresholdRules(threshold_percent=FORECAST, spend_basis="FORECASTED_SPEND"),
            ],
            all_updates_rule=BillingBudgetAllUpdatesRule(monitoring_notification_channels=list(channels))
            if channels
            else None,
        )
