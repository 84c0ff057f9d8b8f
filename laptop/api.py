"""The service `api` of the containers: the replica, or, when ODRE_API is set, redirects to the API it names.

    ODRE_API=live python -m laptop.api --host 0.0.0.0 --port 8090

ODRE_API has the same meaning as for `make`: `live`, or the URL of any replica of the API. The connection `odre_api` of
the containers always points to this service, so no other container has to read ODRE_API.
"""

from __future__ import annotations

import argparse
import http.server
import os
import sys
from http import HTTPStatus

from laptop.environment import api_url


def redirecting(target: str) -> type[http.server.BaseHTTPRequestHandler]:
    """A request handler that redirects every GET to the same path of `target`, and answers /healthz itself."""

    class Redirect(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path == "/healthz":
                self.send_response(HTTPStatus.OK)
            else:
                self.send_response(HTTPStatus.TEMPORARY_REDIRECT)
                self.send_header("Location", target + self.path)
            self.send_header("Content-Length", "0")
            self.end_headers()

    return Redirect


def main() -> int:
    """Serve until the process is ended; return 1 when ODRE_API is neither `live` nor a URL."""
    given = os.environ.get("ODRE_API")
    if not given:
        from laptop.replica.__main__ import main as replica

        return replica()
    parser = argparse.ArgumentParser(prog="python -m laptop.api", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    parser.add_argument("--port", type=int, default=8090, help="port to listen on (default: %(default)s)")
    options = parser.parse_args()
    try:
        target = api_url(given)
    except ValueError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    print(f"requests go to {target}", flush=True)
    http.server.ThreadingHTTPServer((options.host, options.port), redirecting(target)).serve_forever()
    return 0


if __name__ == "__main__":
    sys.exit(main())
