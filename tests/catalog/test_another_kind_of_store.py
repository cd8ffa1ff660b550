"""A newer version of a template may serve by another kind of store: then it is another store, with its view."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from catalog_templates.template import Template, find, read
from operations.catalog_launching import delete, launch, preview_of_update, update
from tests.catalog.shop import offer, order, shop

TABLE = "projects/acme-int-churn-k7q2/datasets/data_prepared/tables/customers"
CHOICES = {"table": "data_prepared.customers", "entity_columns": ["customer_id"], "features": ["tenure_months"]}
OPTIMIZED = """optimized {}
  dedicated_serving_endpoint {
    private_service_connect_config {
      enable_private_service_connect = true
      project_allowlist              = [var.project_id]
    }
  }
"""
STORE = "google_vertex_ai_feature_online_store"


def test_an_update_to_a_store_of_another_kind_makes_it_anew(deployed: Path, tmp_path: Path) -> None:
    with shop(deployed, tmp_path, earlier(tmp_path)) as (desk, store):
        store.put("google_bigquery_table", TABLE, {"id": TABLE})
        made = launch(desk, order("feature_store", name="customers", **CHOICES))
        offer(desk, find("feature_store"))
        newest = find("feature_store").manifest.version
        change = order("feature_store", name="customers")
        told = preview_of_update(desk, change, made.name, newest)
        assert {f"recreate {STORE}.this", f"recreate {STORE}_featureview.this"} <= set(told), told
        assert update(desk, change, made.name, newest).state == "ACTIVE"
        (now,) = [values for _, values in store.find(STORE) if values["name"].startswith("team_")]
        assert (now["name"], len(now["bigtable"]), now["optimized"]) == ("team_customers_bigtable", 1, [])
        delete(desk, change, made.name)


def earlier(folder: Path) -> Template:
    """Version 1.0.0 as far as it matters: an optimized store, which had the name that the others have."""
    copy = folder / "earlier/feature_store"
    shutil.copytree(find("feature_store").folder, copy)
    for name, pattern, text in (
        ("main.tf", r"bigtable \{.*?\n  \}\n", OPTIMIZED),
        ("main.tf", r"_bigtable\"", '"'),
        ("manifest.yaml", r"version: .*", "version: 1.0.0"),
    ):
        found, count = re.subn(pattern, text, (copy / name).read_text(), flags=re.S if "*?" in pattern else 0)
        assert count == 1, pattern
        (copy / name).write_text(found)
    return read(copy)
