# Python packages. requirements.txt names them, and requirements.lock has their versions.
locals {
  requirements = {
    for match in regexall("(?m)^([A-Za-z0-9][A-Za-z0-9._-]*)(\\[[^]]+\\])?", file("${path.module}/../requirements.txt")) :
    lower(match[0]) => match[1] == null ? "" : match[1]
  }

  # Some packages are locked twice, once per Python version. Those of requirements.txt must not be: one() refuses that.
  locked = {
    for match in regexall("(?m)^([A-Za-z0-9][A-Za-z0-9._-]*)(?:\\[[^]]+\\])?==([^ ;\\n]+)", file("${path.module}/../requirements.lock")) :
    lower(match[0]) => match[1]...
  }

  airflow_version = one(local.locked["apache-airflow"])

  pypi_packages = merge(var.further_packages, {
    for name, extras in local.requirements : name => "${extras}==${one(local.locked[name])}"
    if !contains(var.image_packages, name)
  })
}
