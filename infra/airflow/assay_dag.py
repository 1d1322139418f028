"""Assay's batch stages as Airflow DAGs, for Airflow 3.

Workers need the ``assay`` command on their PATH and ``ASSAY_CONFIG``, the path of assay.yaml.
An exit code decides what becomes of a task; see ``settle``.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta, timezone

from airflow.providers.standard.hooks.subprocess import SubprocessHook
from airflow.sdk import DAG, BaseOperator

try:
    from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException
except ImportError:  # before 3.2
    from airflow.exceptions import AirflowFailException, AirflowSkipException

DONE = 0
INCONCLUSIVE = 4
TRY_AGAIN = 75
# A shell tells of a signal by 128 and its number.
SIGNAL = 128

MEANINGS = {
    1: "failed",
    2: "wrong usage or contract",
    3: "stream and batch diverged",
}


class TryAgain(Exception):
    """Fails a task in the way that Airflow's retries are for."""


def settle(exit_code: int, command: str) -> None:
    """Turns an exit code into the state of a task."""
    if exit_code == DONE:
        return
    if exit_code == INCONCLUSIVE:
        raise AirflowSkipException(f"{command}: nothing to be said yet; the next run looks again")
    if exit_code == TRY_AGAIN or exit_code < 0 or exit_code > SIGNAL:
        raise TryAgain(f"{command}: ended with {exit_code}; to be tried again")
    # Another try would change nothing: fails at once, whatever retries are left.
    meaning = MEANINGS.get(exit_code, "not known")
    raise AirflowFailException(f"{command}: exit code {exit_code}, {meaning}")


def alert(context) -> None:
    """Called when a task has failed for good. Put the notifier of your choice here."""
    logging.getLogger("assay").error(
        "%s failed: %s", context["task_instance"].task_id, context.get("exception")
    )


class AssayOperator(BaseOperator):
    """Runs one assay command in a shell."""

    template_fields = ("command",)

    def __init__(self, *, command: str, **kwargs) -> None:
        super().__init__(**kwargs)
        self.command = command
        self.hook = None

    def execute(self, context):
        self.hook = SubprocessHook()
        result = self.hook.run_command(command=["bash", "-c", self.command])
        settle(result.exit_code, self.command)

    def on_kill(self) -> None:
        if self.hook is not None:
            self.hook.send_sigterm()


def dag(dag_id: str, schedule: str, description: str) -> DAG:
    return DAG(
        dag_id=dag_id,
        schedule=schedule,
        description=description,
        start_date=datetime(2026, 1, 1, tzinfo=timezone.utc),
        # A stage does all that is left to do, however many runs were missed.
        catchup=False,
        max_active_runs=1,
        default_args={
            "retries": 6,
            "retry_delay": timedelta(minutes=2),
            "retry_exponential_backoff": True,
            "max_retry_delay": timedelta(minutes=30),
            "execution_timeout": timedelta(hours=6),
            "on_failure_callback": alert,
        },
        tags=["assay"],
    )


with dag("assay_hourly", "5 * * * *", "bronze to silver"):
    AssayOperator(task_id="silver", command='assay silver --config "$ASSAY_CONFIG"')

with dag("assay_daily", "45 1 * * *", "gold of the days that silver touched, and the proof"):
    gold = AssayOperator(task_id="gold", command='assay gold --config "$ASSAY_CONFIG"')
    reconcile = AssayOperator(
        task_id="reconcile", command='assay reconcile --config "$ASSAY_CONFIG"'
    )
    gold >> reconcile

with dag("assay_upkeep", "30 3 * * 1-6", "small files of closed days"):
    AssayOperator(task_id="maintain", command='assay maintain --config "$ASSAY_CONFIG"')

with dag("assay_upkeep_weekly", "30 3 * * 0", "files nobody needs, keys that stand twice"):
    AssayOperator(
        task_id="maintain",
        command='assay maintain --config "$ASSAY_CONFIG" --vacuum --check-keys',
    )
