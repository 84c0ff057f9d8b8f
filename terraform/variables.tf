# --- where -----------------------------------------------------------------------------------------

variable "project_id" {
  description = "Google Cloud project everything is created in. Use one of its own: composer.worker reaches all buckets of its project."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{4,28}[a-z0-9]$", var.project_id))
    error_message = "project_id must be a project id (6 to 30 lower-case letters, digits and hyphens), not a project name or number."
  }
}

variable "region" {
  description = "Region of the Composer environment, its bucket and its network."
  type        = string
  default     = "europe-west1"
  nullable    = false

  validation {
    condition     = can(regex("^[a-z]+-[a-z]+[0-9]+$", var.region))
    error_message = "region must be a region such as europe-west1, not a zone or a multi-region."
  }
}

variable "location" {
  description = "BigQuery location of the datasets, and location of the lake: BigQuery loads from a bucket of its own location."
  type        = string
  default     = "EU"
  nullable    = false

  validation {
    condition     = can(regex("^(EU|US|[a-z]+-[a-z]+[0-9]+)$", var.location))
    error_message = "location must be EU, US or a region such as europe-west9."
  }
}

variable "name" {
  description = "Name of the Composer environment, and prefix of everything else that needs a name."
  type        = string
  default     = "eco2mix"
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,18}[a-z0-9]$", var.name))
    error_message = "name must be 3 to 20 lower-case letters, digits and hyphens, beginning with a letter: it becomes part of a service account id."
  }
}

variable "labels" {
  description = "Labels of every resource that can carry them, beside the ones this module sets (pipeline, environment, managed_by)."
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition     = alltrue([for key, value in var.labels : can(regex("^[a-z][a-z0-9_-]{0,62}$", key)) && can(regex("^[a-z0-9_-]{0,63}$", value))])
    error_message = "labels must be lower-case letters, digits, hyphens and underscores, at most 63 of them; keys begin with a letter."
  }
}

# --- data ------------------------------------------------------------------------------------------

variable "lake_bucket" {
  description = "Name of the lake's bucket, which must be unique in the world. Null: <project_id>-<name>-lake."
  type        = string
  default     = null

  validation {
    condition     = var.lake_bucket == null || can(regex("^[a-z0-9][a-z0-9_-]{1,61}[a-z0-9]$", var.lake_bucket))
    error_message = "lake_bucket must be 3 to 63 lower-case letters, digits, hyphens and underscores, without gs://."
  }
}

variable "datasets" {
  description = "BigQuery dataset ids: landing tables, and the models of the dbt targets development and production."
  type = object({
    staging     = optional(string, "de_project_staging")
    development = optional(string, "de_project_development")
    production  = optional(string, "de_project_production")
  })
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for id in values(var.datasets) : can(regex("^[A-Za-z0-9_]+$", id))])
    error_message = "Dataset ids are letters, digits and underscores."
  }

  validation {
    condition     = length(distinct(values(var.datasets))) == 3
    error_message = "The three datasets must have three names: landing tables and models of two targets would overwrite each other."
  }
}

variable "deletion_protection" {
  description = "Keep the lake and the datasets when everything else is destroyed. False lets `terraform destroy` delete all data."
  type        = bool
  default     = true
  nullable    = false
}

variable "lake_nearline_after_days" {
  description = "Days after which raw objects of the lake move to the cheaper class for data that is rarely read."
  type        = number
  default     = 90
  nullable    = false

  validation {
    condition     = var.lake_nearline_after_days >= 30
    error_message = "lake_nearline_after_days must be 30 or more: a refreshed window may be loaded again from the lake for a month."
  }
}

variable "soft_delete_days" {
  description = "Days during which a deleted object of the lake can be restored."
  type        = number
  default     = 30
  nullable    = false

  validation {
    condition     = var.soft_delete_days >= 7 && var.soft_delete_days <= 90 && floor(var.soft_delete_days) == var.soft_delete_days
    error_message = "soft_delete_days must be a whole number from 7 to 90, Cloud Storage's limits."
  }
}

# --- pipeline --------------------------------------------------------------------------------------

variable "dbt_target" {
  description = "dbt target of this environment: development or production; decides which dataset the models are built into."
  type        = string
  default     = "production"
  nullable    = false

  validation {
    condition     = contains(["development", "production"], var.dbt_target)
    error_message = "dbt_target must be development or production; local is the laptop's."
  }
}

variable "odre_api_url" {
  description = "Base URL of the Explore API the data come from."
  type        = string
  default     = "https://odre.opendatasoft.com"
  nullable    = false

  validation {
    condition     = can(regex("^https://[A-Za-z0-9.-]+(:[0-9]+)?$", var.odre_api_url))
    error_message = "odre_api_url must be https:// and a host, without path: the client adds /api/explore/v2.1 itself."
  }
}

variable "warehouse_pool" {
  description = "Airflow pool of everything that writes to the warehouse. Made with one slot by gcloud, on the machine that runs Terraform; default_pool needs no gcloud and does not keep writers apart."
  type        = string
  default     = "warehouse"
  nullable    = false

  validation {
    condition     = can(regex("^[A-Za-z0-9_.-]{1,250}$", var.warehouse_pool))
    error_message = "warehouse_pool must be letters, digits, dots, hyphens and underscores."
  }
}

variable "maximum_bytes_billed" {
  description = "Upper bound of every query job, in bytes. A full refresh of sixteen years reads about 200 MB."
  type        = number
  default     = 10737418240
  nullable    = false

  validation {
    condition     = var.maximum_bytes_billed >= 10485760 && floor(var.maximum_bytes_billed) == var.maximum_bytes_billed
    error_message = "maximum_bytes_billed must be a whole number of bytes, at least 10485760: BigQuery bills 10 MB at least."
  }
}

variable "env_variables" {
  description = "Further environment variables of Airflow's components; AIRFLOW_VAR_<NAME> makes an Airflow variable. Never a secret: state and console show them."
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition     = alltrue([for name in keys(var.env_variables) : can(regex("^[a-zA-Z_][a-zA-Z0-9_]*$", name)) && !startswith(name, "AIRFLOW__")])
    error_message = "Environment variables are named with letters, digits and underscores; AIRFLOW__… is refused by Composer: use airflow_config."
  }
}

variable "airflow_config" {
  description = "Further Airflow settings, as section-option = value; they win over the module's."
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition     = alltrue([for key in keys(var.airflow_config) : can(regex("^[a-z_]+-[a-z0-9_.]+$", key)) && !startswith(key, "webserver-")])
    error_message = "airflow_config keys are section-option, such as core-parallelism; Airflow 3 has no section webserver."
  }
}

variable "dags_start_paused" {
  description = "Leave new DAGs paused until somebody switches them on."
  type        = bool
  default     = false
  nullable    = false
}

# --- Composer --------------------------------------------------------------------------------------

variable "image_version" {
  description = "Composer 3 image. Builds leave the list within weeks, so -build.N may be left out; the newest build is taken then."
  type        = string
  default     = "composer-3-airflow-3.3.1"
  nullable    = false

  validation {
    condition     = can(regex("^composer-3-airflow-[0-9]+\\.[0-9]+\\.[0-9]+(-build\\.[0-9]+)?$", var.image_version))
    error_message = "image_version must be composer-3-airflow-X.Y.Z, with or without -build.N."
  }

  validation {
    condition     = strcontains("${var.image_version}-", "-airflow-${local.airflow_version}-")
    error_message = "image_version must carry the Airflow of requirements.lock: raise apache-airflow in requirements-dev.txt and run `make lock` first."
  }
}

variable "image_packages" {
  description = "Packages of requirements.txt that are left to the image instead of being installed over its own."
  type        = set(string)
  default     = []
  nullable    = false

  validation {
    condition     = length(setsubtract(var.image_packages, keys(local.requirements))) == 0
    error_message = "image_packages may only name packages of requirements.txt."
  }
}

variable "environment_size" {
  description = "Size of environment and workloads: small is enough for the three datasets."
  type        = string
  default     = "small"
  nullable    = false

  validation {
    condition     = contains(["small", "medium", "large"], var.environment_size)
    error_message = "environment_size must be small, medium or large."
  }
}

variable "metadata_retention_days" {
  description = "Days that Airflow remembers finished runs."
  type        = number
  default     = 90
  nullable    = false

  validation {
    condition     = var.metadata_retention_days >= 30 && var.metadata_retention_days <= 730
    error_message = "metadata_retention_days must be 30 to 730, Composer's limits."
  }
}

variable "data_lineage" {
  description = "Report lineage to Dataplex (enables the Data Lineage API, which is charged)."
  type        = bool
  default     = false
  nullable    = false
}

variable "airflow_ui_networks" {
  description = "Networks that may open the Airflow UI, as description = CIDR range. Empty: all; Google sign-in and IAM guard it either way."
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition     = alltrue([for range in values(var.airflow_ui_networks) : can(cidrhost(range, 0))])
    error_message = "airflow_ui_networks must be CIDR ranges such as 203.0.113.0/24."
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
}

# --- watching --------------------------------------------------------------------------------------

variable "alert_emails" {
  description = "Who is told when the environment is unhealthy, a run failed or data are stale. Empty: incidents show in the console only."
  type        = set(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for address in var.alert_emails : can(regex("^[^@\\s]+@[^@\\s]+\\.[^@\\s]+$", address))])
    error_message = "alert_emails must be e-mail addresses."
  }
}

variable "budget" {
  description = "Monthly budget of the project, which warns at 50, 90 and 100 % and never switches anything off. Null: none."
  type = object({
    billing_account = string
    amount          = number
    currency        = optional(string, "EUR")
  })
  default = null

  validation {
    condition = var.budget == null || (
      can(regex("^[0-9A-F]{6}-[0-9A-F]{6}-[0-9A-F]{6}$", var.budget.billing_account))
      && try(var.budget.amount >= 1 && floor(var.budget.amount) == var.budget.amount, false)
      && can(regex("^[A-Z]{3}$", var.budget.currency))
    )
    error_message = "budget needs a billing_account (XXXXXX-XXXXXX-XXXXXX), a whole amount of 1 or more, and the three-letter currency of that account."
  }
}
