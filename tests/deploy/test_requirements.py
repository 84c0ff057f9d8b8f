"""One requirements file feeds laptop, Docker image and Composer: the three agree, and Composer can install it."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from importlib.metadata import packages_distributions, requires, version
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from laptop.environment import REPOSITORY

COMPOSER_PROVIDER_GOOGLE = "22.2.2"


def lines(name: str) -> list[str]:
    """The requirements in a file, without comments, hashes and options."""
    text = (REPOSITORY / name).read_text()
    return [re.split(r" #| \\$", line)[0].strip() for line in text.splitlines() if line[:1].isalnum()]


@pytest.fixture(scope="module")
def image() -> dict[str, Requirement]:
    """The known packages of the Composer image, which cannot be downloaded."""
    return {(r := Requirement(line)).name: r for line in lines("constraints-composer.txt")}


@pytest.fixture(scope="module")
def requirements() -> dict[str, Requirement]:
    return {(r := Requirement(line)).name: r for line in lines("requirements.txt")}


@pytest.fixture(scope="module")
def locked() -> dict[str, list[str]]:
    """Package → versions, of which there are several where they differ by Python version."""
    found: dict[str, list[str]] = {}
    for line in lines("requirements.lock"):
        package = Requirement(line)
        (pin,) = package.specifier
        assert pin.operator == "==", line
        found.setdefault(package.name, []).append(pin.version)
    return found


def test_every_requirement_is_locked_in_one_version(requirements, locked):
    for name, requirement in requirements.items():
        assert len(locked[name]) == 1, name
        assert locked[name][0] in requirement.specifier, f"{name}: the lock is of other requirements, run `make lock`"


def test_the_lock_is_of_what_the_laptop_requires(locked):
    for line in lines("requirements-dev.txt"):
        package = Requirement(line)
        versions = locked.get(canonicalize_name(package.name), [])
        assert versions and all(v in package.specifier for v in versions), (
            f"{line} is not what is locked, run `make lock`"
        )


def test_every_import_of_deployed_code_is_required(requirements):
    """`astro dev start --standalone` and Composer install requirements.txt over Airflow, and nothing else."""
    distributions = packages_distributions()
    brought = {name.lower() for name in requirements} | {
        "apache-airflow",
        "apache-airflow-core",
        "apache-airflow-task-sdk",
    }
    # packages that Airflow itself, its templates and the Google provider always bring
    for name in ("apache-airflow-core", "jinja2", "apache-airflow-providers-google"):
        brought |= {Requirement(line).name.lower() for line in requires(name) if "extra ==" not in line}
    for path in [*REPOSITORY.glob("dags/*.py"), *REPOSITORY.glob("plugins/**/*.py")]:
        for node in ast.walk(ast.parse(path.read_text())):
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else [getattr(node, "module", None)]
            for name in filter(None, names if isinstance(node, ast.Import | ast.ImportFrom) else []):
                package = name.split(".")[0]
                if package in sys.stdlib_module_names or package == "odre":
                    continue
                assert {d.lower() for d in distributions.get(package, ())} & brought, f"{path}: {name}"


def test_no_pin_leaves_the_composer_image(image, locked):
    shared = set(image) & set(locked)
    # A file that is read wrongly would compare nothing.
    assert {"apache-airflow-core", "aiohttp", "pyarrow"} <= shared
    outside = {name: locked[name] for name in shared if not all(v in image[name].specifier for v in locked[name])}
    assert outside == {}


# It asks the package index for some hundred descriptions.
@pytest.mark.service
def test_our_pins_can_be_installed_beside_the_packages_of_the_image(requirements, locked, image, tmp_path):
    """Composer installs our exact pins over its image and refuses what breaks a package there, an hour later."""
    wanted = tmp_path / "wanted.txt"
    pins = [f"{name}=={locked[name][0]}" for name in requirements]
    wanted.write_text("\n".join([*pins, *map(str, image.values())]))
    done = resolution(wanted)
    assert done.returncode == 0, done.stderr

    # pyarrow 26 stood in our lock once; the image's apache-beam cannot live with it.
    wanted.write_text("\n".join(["pyarrow==26.0.1", str(image["apache-airflow-providers-apache-beam"])]))
    refused = resolution(wanted)
    assert refused.returncode != 0 and "apache-beam" in refused.stderr


def resolution(file: Path) -> subprocess.CompletedProcess[str]:
    uv = REPOSITORY / ".venv" / "bin" / "uv"
    command = [uv, "pip", "compile", "--quiet", "--python-version", "3.11", file]
    done = subprocess.run(command, capture_output=True, text=True)
    if re.search("network|dns error|Failed to fetch", done.stderr):
        pytest.skip(f"the package index does not answer: {done.stderr.splitlines()[0]}")
    return done


@pytest.mark.parametrize("name", ["requirements.lock", "laptop/requirements.lock"])
def test_every_pin_carries_hashes(name):
    text = (REPOSITORY / name).read_text()
    blocks = re.split(r"^(?=[A-Za-z0-9])", text, flags=re.MULTILINE)[1:]
    assert len(blocks) > 10
    assert [block.split()[0] for block in blocks if "--hash=sha256:" not in block] == []


def test_the_laptop_runs_the_airflow_of_the_image(locked, image):
    (default,) = re.findall(
        r'variable "image_version" \{.*?default\s*=\s*"composer-3-airflow-([\d.]+)"',
        (REPOSITORY / "terraform" / "variables_composer.tf").read_text(),
        re.DOTALL,
    )
    locked_airflow = locked["apache-airflow"] == locked["apache-airflow-core"] == [default]
    assert locked_airflow, (
        "raise `image_version` in terraform/variables_composer.tf to the Airflow of requirements.lock"
    )
    assert str(image["apache-airflow"].specifier) == f"=={default}", "constraints-composer.txt is of another image"


def test_the_docker_image_has_the_same_airflow_minor(locked):
    dockerfile = REPOSITORY / "Dockerfile"
    if not dockerfile.is_file():
        pytest.skip("there is no Dockerfile")
    (minor, python) = re.search(
        r"^FROM .*/runtime:(\d+\.\d+)-\d+(?:-base)?-python-(\d+\.\d+)", dockerfile.read_text(), re.MULTILINE
    ).groups()
    assert Version(locked["apache-airflow"][0]).release[:2] == Version(minor).release
    # 3.13 does not resolve: providers-google and dbt-bigquery disagree over google-cloud-storage there.
    assert python in ("3.11", "3.12")


def test_airflow_itself_is_left_to_the_images(requirements):
    """Composer and Astro bring Airflow; installing it over theirs would break them."""
    assert not {"apache-airflow", "apache-airflow-core", "apache-airflow-task-sdk"} & set(requirements)


def test_versions_that_cannot_be(requirements):
    # 1.12 builds a parser that is downloaded from outside the package index.
    assert "1.12.0" not in requirements["dbt-core"].specifier and "1.11.0" in requirements["dbt-core"].specifier
    # Before 1.15.1 a run could be green although models were skipped.
    assert "1.15.0" not in requirements["astronomer-cosmos"].specifier
    # 22.8 conflicts with dbt-bigquery over google-cloud-storage; the image's own works but is not what is tested.
    google = requirements["apache-airflow-providers-google"].specifier
    assert "22.8.0" not in google
    assert COMPOSER_PROVIDER_GOOGLE in google or [spec.operator for spec in google] == ["=="]


def test_the_tests_run_on_the_locked_versions(requirements, locked):
    assert {name: [version(name)] for name in [*requirements, "apache-airflow"]} == {
        name: locked[name] for name in [*requirements, "apache-airflow"]
    }, "run `make setup`: .venv does not have the versions of requirements.lock"


def test_nothing_installed_conflicts():
    """Airflow of the image and all requirements agree on every shared dependency, agate and google-cloud-storage
    among them: a conflict would cost an hour of a failed environment."""
    uv = REPOSITORY / ".venv" / "bin" / "uv"
    if not uv.is_file():
        pytest.skip("`make setup` has not made .venv")
    done = subprocess.run([uv, "pip", "check", "--python", uv.with_name("python")], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_no_registry_is_named():
    for name in ("requirements.txt", "requirements-dev.txt", "requirements.lock", "constraints-composer.txt"):
        text = (REPOSITORY / name).read_text()
        assert "://" not in text and "--index" not in text and "--find-links" not in text, name
