# --- Composer --------------------------------------------------------------------------------------

variable "image_version" {
  description = "Composer 3 image. Without -build.N the newest build is used; builds leave Composer's list within weeks."
  type        = string
  default     = "composer-3-airflow-3.3.1"
  nullable    = false

  validation {
    condition     = can(regex("^composer-3-airflow-[0-9]+\\.[0-9]+\\.[0-9]+(-build\\.[0-9]+)?$", var.image_version))
    error_message = "image_version must be composer-3-airflow-X.Y.Z, with or without -build.N."
  }

  validation {
    condition     = var.packages_first || strcontains("${var.image_version}-", "-airflow-${local.airflow_version}-")
    error_message = "image_version must have the Airflow version of requirements.lock (${local.airflow_version}). To upgrade, follow the two steps of docs/deploy.md; the first sets packages_first = true."
  }

  validation {
    condition     = try(tonumber(regex("-airflow-([0-9]+)\\.", var.image_version)[0]) >= 3, true)
    error_message = "image_version must have Airflow 3: Composer cannot upgrade an environment of Airflow 2 in place. Make a new environment with another name."
  }
}

variable "packages_first" {
  description = "First step of an upgrade: install the packages for a newer Airflow on the old image. The provider changes the image before the packages, so a single step would build the new image with the old packages."
  type        = bool
  default     = false
  nullable    = false
}

variable "image_packages" {
  description = "Packages of requirements.txt that are not installed, so that the image's own versions are used."
  type        = set(string)
  default     = []
  nullable    = false

  validation {
    condition     = length(setsubtract(var.image_packages, keys(local.requirements))) == 0
    error_message = "image_packages may only name packages of requirements.txt."
  }
}

variable "further_packages" {
  description = "Further PyPI packages, as name = version specifier. When Composer's installation times out because pip tries many versions of one package of the image, name that package here with the image's version."
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition     = alltrue([for name, version in var.further_packages : can(regex("^[a-z0-9][a-z0-9._-]*$", name)) && can(regex("^(\\[[a-z0-9,._-]+\\])?==[0-9][0-9A-Za-z.+!-]*$", version))])
    error_message = "further_packages are lower-case names with exact versions, such as { apache-beam = \"==2.75.0\" }: an inexact version may change with every build."
  }

  validation {
    # In names of Python packages, dots, hyphens and underscores are equivalent.
    condition     = length(setintersection([for name in keys(var.further_packages) : replace(name, "/[-_.]+/", "-")], keys(local.requirements))) == 0
    error_message = "further_packages may not name packages of requirements.txt: their versions come from requirements.lock."
  }
}

variable "environment_size" {
  description = "Size of environment and workloads: small (enough for the datasets of this repository), medium or large."
  type        = string
  default     = "small"
  nullable    = false

  validation {
    condition     = contains(["small", "medium", "large"], var.environment_size)
    error_message = "environment_size must be small, medium or large."
  }
}

variable "metadata_retention_days" {
  description = "Days for which Airflow's database and the logs keep finished runs."
  type        = number
  default     = 90
  nullable    = false

  validation {
    condition     = var.metadata_retention_days >= 30 && var.metadata_retention_days <= 730 && floor(var.metadata_retention_days) == var.metadata_retention_days
    error_message = "metadata_retention_days must be a whole number from 30 to 730, Composer's limits."
  }
}

variable "data_lineage" {
  description = "Report lineage to Dataplex (enables the Data Lineage API, which is charged)."
  type        = bool
  default     = false
  nullable    = false
}

variable "airflow_ui_networks" {
  description = "Networks that may open the Airflow UI, as description = CIDR range. Empty: all networks. Google sign-in and IAM guard it in any case."
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition     = alltrue([for range in values(var.airflow_ui_networks) : can(cidrhost(range, 0))])
    error_message = "airflow_ui_networks must be CIDR ranges such as 203.0.113.0/24."
  }

  validation {
    condition = alltrue([
      # An IPv6 address can be written in several ways; cidrhost returns the shortest.
      for range in values(var.airflow_ui_networks) :
      try(cidrhost(range, 0) == cidrhost("${split("/", range)[0]}/${strcontains(range, ":") ? 128 : 32}", 0), true)
    ])
    error_message = "airflow_ui_networks must be networks, not addresses in them: 203.0.113.0/24, not 203.0.113.7/24."
  }
}

variable "private_environment" {
  description = "Give the environment private addresses only, with a network of its own whose Cloud NAT lets the DAGs reach the public API."
  type        = bool
  default     = false
  nullable    = false
}

variable "network_range" {
  description = "Addresses of the private network."
  type        = string
  default     = "10.20.0.0/24"
  nullable    = false

  validation {
    condition     = can(cidrhost(var.network_range, 0)) && can(regex("^(10\\.|172\\.(1[6-9]|2[0-9]|3[01])\\.|192\\.168\\.)", var.network_range))
    error_message = "network_range must be a private IPv4 CIDR range."
  }

  validation {
    condition     = try(cidrhost(var.network_range, 0) == split("/", var.network_range)[0], true)
    error_message = "network_range must be a network, not an address in one: 10.20.0.0/24, not 10.20.0.7/24."
  }

  validation {
    # A range such as 192.168.0.0/15 includes addresses that are not private.
    condition = try(
      tonumber(split("/", var.network_range)[1]) >= (startswith(var.network_range, "10.") ? 8 : startswith(var.network_range, "172.") ? 12 : 16)
      && tonumber(split("/", var.network_range)[1]) <= 29,
      true
    )
    error_message = "network_range must lie in a private range (10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16) and must not be smaller than /29, the smallest subnetwork."
  }
}

variable "iam_wait_seconds" {
  description = "Seconds to wait after the roles are given to the environment's account, before the environment is created. According to Google, a change of IAM usually takes effect within two minutes; Composer checks the roles at once and fails."
  type        = number
  default     = 120
  nullable    = false

  validation {
    condition     = var.iam_wait_seconds >= 0 && var.iam_wait_seconds <= 3600 && floor(var.iam_wait_seconds) == var.iam_wait_seconds
    error_message = "iam_wait_seconds must be a whole number from 0 to 3600."
  }
}
