"""What has to work in this image: every step is there, refuses what it must, and features are what they were."""

from __future__ import annotations

import unittest
from importlib import import_module

import pandas as pd

from pipelines.execute import main
from pipelines.flow import read_flow
from pipelines.graph import STEPS
from pipelines.steps import transform
from settings.problems import InvalidSettings

ROW = {
    "customer_id": "c1",
    "month": "2026-01-01",
    "tenure_months": 24,
    "monthly_charges": 40.0,
    "support_calls": 6,
    "country": "DE",
    "churned": False,
}


class Image(unittest.TestCase):
    """The image as its stages use it."""

    def test_every_step_is_there(self) -> None:
        for step in STEPS:
            self.assertTrue(callable(import_module(f"pipelines.steps.{step}").run), step)

    def test_features_are_computed(self) -> None:
        made = transform.run(source=pd.DataFrame([ROW]), flow=read_flow("churn"))
        self.assertEqual(made.prepared.calls_per_year.tolist(), [3.0])

    def test_a_source_without_a_column_is_refused(self) -> None:
        rows = pd.DataFrame([ROW]).drop(columns="country")
        with self.assertRaisesRegex(InvalidSettings, "country"):
            transform.run(source=rows, flow=read_flow("churn"))

    def test_a_stage_without_its_run_is_refused(self) -> None:
        with self.assertRaises(SystemExit) as refused:
            main(["transform"])
        self.assertEqual(refused.exception.code, 2)
        self.assertEqual(main(["transform", "--run", "one", "--place", "nowhere", "--parameters", "{}"]), 2)
