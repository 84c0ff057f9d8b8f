"""A client of Airflow's REST API that waits while the environment is being made. It needs the standard library only."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from typing import Any


class OperationError(Exception):
    """Airflow cannot do what was asked; the message is one line: cause → next step."""


class RefusedError(OperationError):
    """Airflow itself refused a request.

    :param code: HTTP status code.
    """

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code


class Airflow:
    """Airflow's REST API.

    :param url: address of the Airflow UI.
    :param token: returns an access token; called again when Airflow refuses the token.
    :param patience: seconds to wait for an environment that does not answer.
    :param pause: seconds between two attempts.
    """

    def __init__(self, url: str, token: Callable[[], str], patience: float = 900, pause: float = 10) -> None:
        self.url, self._fresh_token, self.patience, self.pause = url.rstrip("/"), token, patience, pause
        self._token: str | None = None

    def call(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        """Send a request, again and again until Airflow itself answers.

        :param path: below `/api/v2`.
        :returns: the JSON object of the answer; empty when the answer is empty.
        :raises RefusedError: Airflow refused the request.
        :raises OperationError: nothing answered for `patience` seconds, or Airflow refuses the account.
        """
        renewed = False
        for silence in self._attempts():
            self._token = self._token or self._fresh_token()
            try:
                return self._request(method, path, body)
            except urllib.error.HTTPError as error:
                detail = _detail(error)
                if error.code == 401 and not renewed:
                    self._token, renewed = None, True
                    continue
                if error.code in (401, 403):
                    raise OperationError(
                        f"{self.url} refuses this account ({error.code} {detail or error.reason}) → it needs the role "
                        "composer.user, and an address that airflow_ui_networks lets in"
                    ) from None
                if error.code == 500 or (detail and error.code < 500):
                    raise RefusedError(error.code, f"{method} {path}: {error.code} {detail or error.reason}") from None
                # This answer is not Airflow's own, but of a server in front of it: the environment is still being made.
                silence(f"{error.code} {error.reason}")
            except (OSError, ValueError) as error:
                silence(str(getattr(error, "reason", error)))
        raise AssertionError("the attempts end with an error")

    def _attempts(self) -> Iterator[Callable[[str], None]]:
        deadline = time.monotonic() + self.patience

        def silence(cause: str) -> None:
            if time.monotonic() + self.pause > deadline:
                raise OperationError(
                    f"{self.url} does not answer ({cause}) → look at the environment's page, then run this again"
                )
            time.sleep(self.pause)

        while True:
            yield silence

    def _request(self, method: str, path: str, body: dict[str, Any] | None) -> dict[str, Any]:
        request = urllib.request.Request(
            f"{self.url}/api/v2{path}",
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Content-Type": "application/json", "Authorization": f"Bearer {self._token}"},
        )
        with urllib.request.urlopen(request, timeout=60) as answer:
            text = answer.read()
        found = json.loads(text) if text else {}
        if not isinstance(found, dict):
            raise ValueError(f"the answer is no JSON object but {type(found).__name__}")
        return found

    def until(self, what: str, found: Callable[[], Any], patience: float | None = None) -> Any:
        """The first result of `found` that is not empty.

        :raises OperationError: there was none within `patience` seconds.
        """
        deadline = time.monotonic() + (self.patience if patience is None else patience)
        while not (result := found()):
            if time.monotonic() + self.pause > deadline:
                raise OperationError(f"{what} → look at the Airflow UI ({self.url}), then run this again")
            time.sleep(self.pause)
        return result


def _detail(error: urllib.error.HTTPError) -> str:
    """The reason that Airflow gives for a refusal; empty when the answer is not Airflow's."""
    try:
        found = json.loads(error.read())
    except ValueError:
        return ""
    detail = found.get("detail", "") if isinstance(found, dict) else ""
    return detail if isinstance(detail, str) else json.dumps(detail)
