#!/usr/bin/env bash
# Builds both images, starts what `docker compose up` starts, and waits until one DAG has loaded its history.
#
#   tests/deploy/run_images.sh [--strict]
#
# Needs a container engine with Compose, and either the registries of the base images or stand-ins for them: an image that
# is already there under the name in a FROM line, or in `image: postgres:…`, is used as it is. Without an engine the script
# prints SKIPPED, or fails if --strict is given.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

if ! docker info >/dev/null 2>&1 || ! docker compose version >/dev/null 2>&1; then
  echo "SKIPPED: no container engine with Compose answers here"
  if [[ ${1:-} == --strict ]]; then exit 1; fi
  exit 0
fi

port=${ECO2MIX_UI_PORT:-18080}
settings=$(mktemp)
cat >"$settings" <<END
ECO2MIX_POSTGRES_PASSWORD=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
ECO2MIX_SECRET=$(od -An -N32 -tx1 /dev/urandom | tr -d ' \n')
ECO2MIX_UI_PORT=$port
ECO2MIX_LAKE_PORT=14443
ECO2MIX_WAREHOUSE_PORT=19050
ECO2MIX_API_PORT=18090
END
compose=(docker compose --project-name eco2mix-images --env-file "$settings")

finish() {
  code=$?
  if [[ $code -ne 0 ]]; then "${compose[@]}" ps --all && "${compose[@]}" logs --tail 40; fi
  "${compose[@]}" down --volumes --timeout 10
  rm -f "$settings"
  exit "$code"
}
trap finish EXIT

"${compose[@]}" up --build --detach

# Airflow makes the password at its first start.
passwords=
for _ in {1..60}; do
  passwords=$("${compose[@]}" exec -T api-server cat /usr/local/airflow/state/passwords.json 2>/dev/null) && break
  sleep 5
done
AIRFLOW_URL=http://127.0.0.1:$port
AIRFLOW_TOKEN=$(python3 - "$AIRFLOW_URL" "$passwords" <<'END'
import json, sys, time, urllib.request

url, passwords = sys.argv[1], json.loads(sys.argv[2])
body = json.dumps({"username": "admin", "password": passwords["admin"]}).encode()
request = urllib.request.Request(f"{url}/auth/token", body, {"Content-Type": "application/json"})
for attempt in range(60):
    try:
        print(json.load(urllib.request.urlopen(request, timeout=10))["access_token"])
        break
    except OSError:
        time.sleep(5)
else:
    sys.exit(f"{url} gives no token")
END
)
export AIRFLOW_URL AIRFLOW_TOKEN
terraform/operate.py history --unpause --wait 1200 temperature_quotidienne_regionale
