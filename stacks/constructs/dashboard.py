"""One dashboard: tiles side by side, in each a line per project and group."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from cdktf_cdktf_provider_google.monitoring_dashboard import MonitoringDashboard
from constructs import Construct

from stacks.tables import Tile

COLUMNS, WIDTH, HEIGHT = 12, 6, 4
PERIOD = "300s"


def _line(tile: Tile, label: str, project: str) -> dict[str, Any]:
    aggregation = {
        "alignmentPeriod": PERIOD,
        "perSeriesAligner": tile.aligner,
        "crossSeriesReducer": tile.reducer,
        **({"groupByFields": tile.group_by} if tile.group_by else {}),
    }
    query = {"timeSeriesFilter": {"filter": f'{tile.filter} AND project="{project}"', "aggregation": aggregation}}
    return {"legendTemplate": label, "plotType": "LINE", "targetAxis": "Y1", "timeSeriesQuery": query}


class Dashboard(Construct):
    """Tiles in the order of their keys, every one over all `projects` (label -> project id)."""

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        project_id: str,
        title: str,
        tiles: Mapping[str, Tile],
        projects: Mapping[str, str],
    ) -> None:
        super().__init__(scope, id_)
        placed = []
        for place, (_, tile) in enumerate(sorted(tiles.items())):
            lines = [_line(tile, label, project) for label, project in sorted(projects.items())]
            row, column = divmod(place * WIDTH, COLUMNS)
            placed.append(
                {
                    "xPos": column,
                    "yPos": row * HEIGHT,
                    "width": WIDTH,
                    "height": HEIGHT,
                    "widget": {
                        "title": f"{tile.title} ({tile.subject})",
                        "xyChart": {"dataSets": lines, "chartOptions": {"mode": "COLOR"}},
                    },
                }
            )
        layout = {"displayName": title, "mosaicLayout": {"columns": COLUMNS, "tiles": placed}}
        MonitoringDashboard(self, "dashboard", project=project_id, dashboard_json=json.dumps(layout, sort_keys=True))
