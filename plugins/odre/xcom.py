"""What one task leaves for the tasks after it, as typed values with one way into XCom and one way out of it."""

from __future__ import annotations

from typing import Self, cast

from pydantic import BaseModel, ConfigDict, JsonValue, ValidationError

from odre.errors import ResultMissing


class XComModel(BaseModel):
    """Base of the results that travel between tasks.

    Fields that a newer version no longer knows are ignored, so that a run that began before an upgrade can end after
    it. A field that is added needs a default for the same reason.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    def to_xcom(self) -> dict[str, JsonValue]:
        """The form in which XCom keeps it: what JSON knows, and nothing else."""
        return cast("dict[str, JsonValue]", self.model_dump(mode="json"))

    @classmethod
    def from_xcom(cls, value: object, table: str) -> Self:
        """Read what `to_xcom` wrote.

        :param value: what XCom answers; `None` when the earlier task has left nothing.
        :param table: landing table of the DAG, for the message.
        :raises ResultMissing: the earlier task has left nothing, or something else, for example because it was marked
            as successful by hand.
        """
        try:
            return cls.model_validate(value)
        except ValidationError as error:
            problem = error.errors()[0]
            where = ".".join(map(str, problem["loc"])) or "the result"
            raise ResultMissing(
                table,
                f"an earlier task has left no valid {cls.__name__} ({where}: {problem['msg']})",
                "clear the earlier tasks of this run and let them run again",
            ) from None

    @classmethod
    def template(cls, task_id: str, *path: str) -> str:
        """The Jinja expression with which Airflow reads one field of what the task `task_id` left.

        >>> RunPlan.template("window", "window", "start")
        "{{ ti.xcom_pull(task_ids='window')['window']['start'] }}"

        :param path: name of the field, then names within its value.
        :raises AttributeError: there is no such field.
        """
        if path[0] not in (*cls.model_fields, *cls.model_computed_fields):
            raise AttributeError(f"{cls.__name__} has no field {path[0]!r}")
        keys = "".join(f"['{name}']" for name in path)
        return f"{{{{ ti.xcom_pull(task_ids='{task_id}'){keys} }}}}"
