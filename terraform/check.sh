#!/usr/bin/env bash
# Checks the module without an account: format, validity, plan, tests, security policies.
#
#   terraform/check.sh [--strict] [fmt] [validate] [plan] [test] [checkov]     (none named: all)
#
# The real provider is used if it can be downloaded, otherwise its published schema (GOOGLE_SCHEMA_TOOL, by default
# in ../shared beside the repository). A step that cannot run here prints SKIPPED and the reason; with --strict, which
# CI uses, it fails.
# PLAN_JSON=<file> keeps the plan.
# shellcheck disable=SC2329 # steps are called by their names
set -euo pipefail
module=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
repository=$(dirname "$module")
schema_tool=${GOOGLE_SCHEMA_TOOL:-$repository/../shared/tools/terraform/with-google-schema}
checkov=checkov==3.3.30

strict=
if [[ ${1:-} == --strict ]]; then
  strict=1
  shift
fi
skips=$(mktemp)
skipped() {
  echo "SKIPPED: $*"
  echo "$*" >>"$skips"
}

# The checks run in a copy, so that state, variables and lock file are not touched.
work=$(mktemp -d)
trap 'rm -rf "$work" "$skips"' EXIT
mkdir "$work/terraform"
cp -r "$module"/*.tf "$module"/*.json "$module"/*.py "$module/tests" "$work/terraform/"
if [[ -e $module/.terraform.lock.hcl ]]; then cp "$module/.terraform.lock.hcl" "$work/terraform/"; fi
rm -f "$work/terraform/backend.tf"
cp -r "$repository"/{dags,plugins,include,requirements.txt,requirements.lock} "$work/"
cd "$work/terraform"

run=()
with_provider() {
  if [[ ${#run[@]} -gt 0 ]]; then return; fi
  if timeout 300 terraform init -backend=false -input=false -no-color >init.log 2>&1; then
    echo "terraform: real provider"
    run=(env GOOGLE_OAUTH_ACCESS_TOKEN=offline)
  elif [[ -x $schema_tool ]]; then
    echo "terraform: the provider cannot be downloaded; its published schema stands in"
    run=("$schema_tool")
  else
    skipped "terraform $1: the provider cannot be downloaded ($(grep -m1 Error init.log)) and $schema_tool is not there"
    return 1
  fi
}

check_fmt() { terraform fmt -check -diff -recursive "$module"; }
check_validate() {
  with_provider validate || return 0
  "${run[@]}" terraform validate -no-color
}
check_plan() {
  with_provider plan || return 0
  plan 'nothing but a project id' -var project_id=example-project-123 || return 1
  if [[ -n ${PLAN_JSON:-} ]]; then "${run[@]}" terraform show -json plan.bin >"$PLAN_JSON"; fi
  for example in "$module"/environments/*.tfvars.example; do
    cp "$example" example.tfvars
    plan "$(basename "$example")" -var-file=example.tfvars || return 1
  done
}
plan() {
  "${run[@]}" terraform plan -no-color -input=false -lock=false -refresh=false "${@:2}" -out=plan.bin >plan.log 2>&1 || {
    cat plan.log
    return 1
  }
  echo "$1: $(grep '^Plan:' plan.log)"
}
check_test() {
  with_provider test || return 0
  "${run[@]}" terraform test -no-color
}
check_checkov() {
  local uv
  uv=$(command -v "$repository/.venv/bin/uv" || command -v uv) || { skipped "checkov: uv is not installed (make setup brings it)"; return; }
  "$uv" tool run --quiet --from "$checkov" python -c "" 2>checkov.log || {
    skipped "checkov: it cannot be installed ($(tail -1 checkov.log))"
    return
  }
  # checkov skips a file that it cannot read, which must be an error here.
  "$uv" tool run --quiet --from "$checkov" checkov -d . --framework terraform --compact --skip-download >checkov.log 2>&1 || {
    grep -v PASSED checkov.log
    return 1
  }
  grep -A1 'Passed checks' checkov.log
  ! grep -q 'Parsing errors' checkov.log
}

steps=("$@")
if [[ ${#steps[@]} -eq 0 ]]; then steps=(fmt validate plan test checkov); fi
# On some machines this variable names a file that does not exist.
if [[ -n ${TF_CLI_CONFIG_FILE:-} && ! -e $TF_CLI_CONFIG_FILE ]]; then export TF_CLI_CONFIG_FILE=/dev/null; fi
failed=0
for step in "${steps[@]}"; do
  if [[ $step != checkov ]] && ! command -v terraform >/dev/null; then
    skipped "terraform $step: terraform is not installed"
    continue
  fi
  "check_$step" || { echo "FAILED: $step"; failed=1; }
done
if [[ -n $strict && -s $skips ]]; then
  echo "FAILED: --strict allows no skipped step"
  failed=1
fi
exit "$failed"
