"""What an estate needs to know of flows, without the libraries of their steps: whoever synthesizes has none of them."""

from __future__ import annotations

from pathlib import Path

from settings.folder import read_yaml

FLOWS = Path(__file__).with_name("flows")


def features_of(name: str) -> list[str]:
    """What a team's model sees, which its Feature Store serves; nothing where the team has no flow yet."""
    if not (FLOWS / name / "flow.yaml").exists():
        return []
    flow = read_yaml(FLOWS / name / "flow.yaml", f"pipelines/flows/{name}/flow.yaml")
    return [*flow["features"], *flow.get("derived", {})]
