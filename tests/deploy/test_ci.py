"""Workflows, dependency updates and the licence list: what a team that forks this relies on from its first pull request."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from laptop.environment import REPOSITORY
from tests.deploy import licences

WORKFLOWS = sorted((REPOSITORY / ".github" / "workflows").glob("*.yaml"))
BINARIES = Path(sys.executable).parent


def workflow(name: str) -> dict:
    return yaml.safe_load((REPOSITORY / ".github" / "workflows" / f"{name}.yaml").read_text())


def test_there_are_workflows():
    assert {path.stem for path in WORKFLOWS} == {"check", "plan", "apply"}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("# v5.0.0\n        with:\n          persist-credentials: false", "# v5.0.0"),
        ("actions/checkout@08c6903cd8c0fde910a37f88322edcfb5dd907a8", "actions/checkout@v5"),
        (
            "run: cp backend.tf.example backend.tf",
            'run: echo "${{ github.head_ref }}" && cp backend.tf.example backend.tf',
        ),
    ],
    ids=["credentials left behind", "an action by its tag", "a branch name as code"],
)
def test_the_security_linter_refuses(old, new, tmp_path):
    """The hooks run it on the workflows; here it has to find what was put in."""
    text = (REPOSITORY / ".github" / "workflows" / "plan.yaml").read_text()
    assert old in text
    for content, clean in ((text, True), (text.replace(old, new), False)):
        file = tmp_path / ".github" / "workflows" / "plan.yaml"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content)
        done = subprocess.run([BINARIES / "zizmor", "--offline", "--quiet", file], capture_output=True, text=True)
        assert (done.returncode == 0) is clean, done.stdout + done.stderr


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_commands_and_files_of_the_workflows_exist(path):
    targets = set(re.findall(r"^([a-z-]+):", (REPOSITORY / "Makefile").read_text(), re.MULTILINE))
    content = yaml.safe_load(path.read_text())
    commands = [step["run"] for job in content["jobs"].values() for step in job["steps"] if "run" in step]
    assert commands
    for command in commands:
        for target in re.findall(r"^make (\S+)", command, re.MULTILINE):
            assert target in targets
        for file in re.findall(r"(?<![\w./-])((?:terraform|tests|\.ci)/[\w./-]+)", command):
            assert (REPOSITORY / file).is_file(), file
        for file in re.findall(r"\./(\w+\.py)|(backend\.tf\.example)", command):
            assert (REPOSITORY / "terraform" / "".join(file)).is_file(), file


def test_no_job_has_more_rights_than_it_needs():
    for path in WORKFLOWS:
        content = yaml.safe_load(path.read_text())
        assert content["permissions"] == {}, path.name
        for name, job in content["jobs"].items():
            allowed = {"contents": "read"} | ({"id-token": "write"} if name in ("plan", "apply") else {})
            assert job["permissions"] == allowed, name
            assert job["timeout-minutes"] <= 180
    text = "".join(path.read_text() for path in WORKFLOWS)
    assert "secrets." not in text and "pull_request_target" not in text


def test_ci_tests_the_python_of_its_matrix(tmp_path):
    """GitHub's machines have a Python 3.12, which make would take before the 3.11 that the job has asked for."""
    for name in ("python3.12", "python"):
        (tmp_path / name).write_text("#!/bin/sh\n")
        (tmp_path / name).chmod(0o755)

    def chosen(**environment: str) -> str:
        command = ["make", "--no-print-directory", "--eval", "chosen: ; @echo $(PYTHON)", "chosen"]
        path = {"PATH": f"{tmp_path}:/usr/bin:/bin"}
        done = subprocess.run(command, cwd=REPOSITORY, env=path | environment, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    assert chosen() == "python3.12"
    assert chosen(**workflow("check")["env"]) == "python"


def test_a_plan_that_fails_fails_its_step(tmp_path):
    """Its output is piped into a file, and GitHub runs a step with `pipefail` only where the shell is named."""
    job = workflow("plan")["jobs"]["plan"]
    [step] = [step for step in job["steps"] if step.get("name") == "terraform plan"]
    # https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#jobsjob_idstepsshell
    shells = {None: ["bash", "-e"], "bash": ["bash", "--noprofile", "--norc", "-eo", "pipefail"]}
    command = shells[step.get("shell", job["defaults"]["run"].get("shell"))]
    (tmp_path / "step").write_text(step["run"])
    for code in (0, 1):
        terraform = tmp_path / "terraform"
        terraform.write_text(f"#!/bin/sh\necho planned; exit {code}\n")
        terraform.chmod(0o755)
        environment = {
            "PATH": f"{tmp_path}:{os.environ['PATH']}",
            "TARGET": "production",
            "GITHUB_STEP_SUMMARY": "summary",
        }
        done = subprocess.run([*command, "step"], cwd=tmp_path, env=environment, capture_output=True, text=True)
        assert done.returncode == code, done.stdout + done.stderr


@pytest.mark.parametrize(("paused", "arguments"), [("true", "check --allow-paused"), ("false", "check")])
def test_a_deployment_minds_paused_dags_where_new_ones_are_not(paused, arguments, tmp_path):
    """`development` leaves new DAGs paused in its example, so every deployment there would fail."""
    job = workflow("apply")["jobs"]["apply"]
    [step] = [step for step in job["steps"] if step.get("name") == "Airflow can run every DAG"]
    (tmp_path / "terraform").write_text(f'#!/bin/sh\n[ "$*" = "output -raw dags_start_paused" ] && printf {paused}\n')
    (tmp_path / "operate.py").write_text('#!/bin/sh\necho "$@"\n')
    for program in ("terraform", "operate.py"):
        (tmp_path / program).chmod(0o755)
    environment = {"PATH": f"{tmp_path}:{os.environ['PATH']}"}
    command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert (done.returncode, done.stdout.strip()) == (0, arguments), done.stderr
    assert 'output "dags_start_paused"' in (REPOSITORY / "terraform" / "outputs.tf").read_text()


def test_ci_allows_no_skipped_check():
    text = (REPOSITORY / ".github" / "workflows" / "check.yaml").read_text()
    assert "terraform/check.sh --strict " in text and "run_images.sh --strict" in text


def test_ci_uses_the_terraform_that_is_used_here():
    """One version in all workflows, and one that the module takes."""
    found = set(re.findall(r"terraform_version: (\S+)", "".join(path.read_text() for path in WORKFLOWS)))
    assert len(found) == 1
    (least,) = re.findall(
        r'required_version = ">= ([\d.]+), < 2', (REPOSITORY / "terraform" / "versions.tf").read_text()
    )
    assert [int(n) for n in found.pop().split(".")] >= [int(n) for n in least.split(".")]


def test_a_tag_chooses_an_environment_that_has_an_example():
    job = workflow("apply")["jobs"]["apply"]
    chosen = set(re.findall(r"'(\w+)'", job["environment"]))
    assert chosen == {"development", "production"}
    variables = set(
        re.findall(
            r'^variable "(\w+)"',
            "".join(path.read_text() for path in (REPOSITORY / "terraform").glob("variables*.tf")),
            re.MULTILINE,
        )
    )
    for name in chosen:
        example = (REPOSITORY / "terraform" / "environments" / f"{name}.tfvars.example").read_text()
        given = dict(re.findall(r"^(?:# )?(\w+) +=\s*(.*)$", example, re.MULTILINE))
        assert set(given) <= variables
        # The account that applies answers to the GitHub environment of this name (terraform/cicd.tf).
        assert given["dbt_target"] == f'"{name}"'
        assert "state_bucket" in given and "github_repository" in given


def test_only_an_environment_that_is_named_is_deployed():
    """GitHub would make one that does not exist, and nobody would have to approve its deployment."""
    job = workflow("apply")["jobs"]["apply"]
    chosen = job["environment"].removeprefix("${{ ").removesuffix(" }}")
    assert job["if"] == f"contains(fromJSON(vars.DEPLOY_ENVIRONMENTS || '[]'), {chosen})"
    assert job["env"]["TARGET"] == job["environment"]


def test_renovate_knows_every_dependency_that_is_held_back():
    rules = json.loads((REPOSITORY / "renovate.json").read_text())["packageRules"]
    held = {
        name: rule["allowedVersions"]
        for rule in rules
        if "allowedVersions" in rule
        for name in rule["matchPackageNames"]
    }
    assert held == {"dbt-core": "<1.12", "apache-airflow-providers-google": "<22.8"}


@pytest.mark.parametrize("lock", ["requirements.lock", "laptop/requirements.lock"])
def test_renovate_can_repeat_the_command_that_made_a_lock(lock):
    """It reads the command in the second line of the lock, and leaves the lock alone when an option is none that it knows,
    or has its value after a space (`extractHeaderCommand` in lib/modules/manager/pip-compile/common.ts of Renovate)."""
    settings = json.loads((REPOSITORY / "renovate.json").read_text())
    assert [p for p in settings["pip-compile"]["managerFilePatterns"] if re.search(p.strip("/"), lock)]
    command = (REPOSITORY / lock).read_text().splitlines()[1]
    assert command.startswith("#    uv pip compile ")
    options = [word for word in command.split() if word.startswith("-")]
    sources = [word for word in command.removeprefix("#    uv pip compile ").split() if not word.startswith("-")]
    assert f"--output-file={lock}" in options
    known = r"--universal|--generate-hashes|--(python-version|constraint|output-file)=\S+"
    assert [option for option in options if not re.fullmatch(known, option)] == []
    assert sources and all((REPOSITORY / source).suffix == ".txt" for source in sources)
    assert all((REPOSITORY / source).is_file() for source in sources)


def test_the_licence_list_is_current():
    """Names and licences; what this platform does not install is left as it is."""

    def rows(text: str) -> set[str]:
        return {line for line in text.splitlines() if line.startswith("| ")}

    written = rows(licences.PAGE.read_text())
    assert len(written) > 200
    assert rows(licences.page()) <= written, "run `python -m tests.deploy.licences`"
    named = {line.split("|")[1].strip() for line in written} - {"package"}
    assert named <= set(licences.locked()), "run `python -m tests.deploy.licences`"


def test_what_is_deployed_states_its_licence_and_binds_nobody():
    deployed = [line for line in licences.PAGE.read_text().splitlines() if line.endswith("| yes |")]
    assert [line for line in deployed if "not stated" in line] == []
    copyleft = {line.split("|")[1].strip() for line in deployed if "GPL" in line}
    assert copyleft == {"text-unidecode"}, "of two licences one may choose: this one has the Artistic License, too"
