"""For the Python of an Airflow environment: what Airflow makes of a DAG folder, as JSON. Airflow 2 and 3."""

import json
import sys

try:
    from airflow.dag_processing.dagbag import DagBag
except ImportError:
    from airflow.models import DagBag

bag = DagBag(dag_folder=sys.argv[1])
found = {
    name: {
        "edges": {task.task_id: sorted(task.downstream_task_ids) for task in dag.tasks},
        "parameters": {key: dag.params[key] for key in dag.params},
        "schedule": str(dag.schedule_interval if hasattr(dag, "schedule_interval") else dag.schedule),
        "paused": dag.is_paused_upon_creation,
        "retries": sorted({task.retries for task in dag.tasks}),
    }
    for name, dag in bag.dags.items()
}
print("STRUCTURE " + json.dumps({"errors": {str(k): str(v) for k, v in bag.import_errors.items()}, "dags": found}))
