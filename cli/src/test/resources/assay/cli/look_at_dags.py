"""Loads a DAG file with as much of Airflow as it needs, and prints what it makes as JSON.

Arguments: the DAG file, and exit codes that a command is run with.
"""

import importlib.util
import json
import subprocess
import sys
import types
from collections import namedtuple

DAGS = []
OPEN = []


class DAG:
    def __init__(self, **settings):
        self.settings = settings
        self.tasks = []
        DAGS.append(self)

    def __enter__(self):
        OPEN.append(self)
        return self

    def __exit__(self, *exception):
        OPEN.pop()


class BaseOperator:
    def __init__(self, *, task_id):
        self.task_id = task_id
        self.downstream = []
        if OPEN:
            OPEN[-1].tasks.append(self)

    def __rshift__(self, other):
        self.downstream.append(other.task_id)
        return other


class SubprocessHook:
    def run_command(self, command):
        return namedtuple("Result", "exit_code")(subprocess.run(command).returncode)


class AirflowFailException(Exception):
    pass


class AirflowSkipException(Exception):
    pass


def module(name, **members):
    made = types.ModuleType(name)
    made.__dict__.update(members)
    sys.modules[name] = made


for package in ("airflow", "airflow.providers", "airflow.providers.standard"):
    module(package)
module("airflow.providers.standard.hooks")
module("airflow.providers.standard.hooks.subprocess", SubprocessHook=SubprocessHook)
module("airflow.sdk", DAG=DAG, BaseOperator=BaseOperator)
module(
    "airflow.sdk.exceptions",
    AirflowFailException=AirflowFailException,
    AirflowSkipException=AirflowSkipException,
)

sys.dont_write_bytecode = True
spec = importlib.util.spec_from_file_location("assay_dag", sys.argv[1])
dag_file = importlib.util.module_from_spec(spec)
spec.loader.exec_module(dag_file)

outcomes = {}
for code in sys.argv[2:]:
    try:
        dag_file.AssayOperator(task_id="any", command="exit " + code).execute({})
        outcomes[code] = "done"
    except Exception as e:
        outcomes[code] = type(e).__name__

print(
    json.dumps(
        {
            "dags": [
                {
                    "id": dag.settings["dag_id"],
                    "schedule": dag.settings["schedule"],
                    "catchup": dag.settings["catchup"],
                    "retries": dag.settings["default_args"]["retries"],
                    "tasks": [
                        {"id": t.task_id, "command": t.command, "downstream": t.downstream}
                        for t in dag.tasks
                    ],
                }
                for dag in DAGS
            ],
            "outcomes": outcomes,
        }
    )
)
