"""The bucket and the datasets that Terraform makes on Google Cloud, made in the emulators.

    python -m laptop.containers <lake URL> <warehouse URL>

Standard library only: the emulators' image has nothing else.
"""

from __future__ import annotations

import json
import sys
import urllib.error
import urllib.request
from typing import Any

from laptop.environment import DATASETS, LAKE_BUCKET, LOCATION, PROJECT_ID


def create_containers(lake: str, warehouse: str) -> None:
    """Create what does not exist yet.

    :param lake: base URL of the GCS emulator.
    :param warehouse: base URL of the BigQuery emulator.
    :raises OSError: an emulator does not answer, or refuses.
    """
    _create(f"{lake}/storage/v1/b?project={PROJECT_ID}", {"name": LAKE_BUCKET, "location": LOCATION})
    for name in DATASETS.values():
        reference = {"projectId": PROJECT_ID, "datasetId": name}
        body = {"datasetReference": reference, "location": LOCATION}
        _create(f"{warehouse}/bigquery/v2/projects/{PROJECT_ID}/datasets", body)


def _create(url: str, body: dict[str, Any]) -> None:
    request = urllib.request.Request(url, json.dumps(body).encode(), {"Content-Type": "application/json"})
    try:
        urllib.request.urlopen(request, timeout=10).close()
    except urllib.error.HTTPError as error:
        if error.code != 409:  # it exists
            raise


if __name__ == "__main__":
    create_containers(*sys.argv[1:3])
