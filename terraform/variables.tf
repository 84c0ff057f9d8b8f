# --- where -----------------------------------------------------------------------------------------

variable "project_id" {
  description = "Google Cloud project in which everything is created. Use a project that holds nothing else, because the role composer.worker reaches all its buckets."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{4,28}[a-z0-9]$", var.project_id))
    error_message = "project_id must be a project id (6 to 30 lower-case letters, digits and hyphens), not a project name or number."
  }

  validation {
    condition     = !can(regex(local.refused_in_bucket_names, var.project_id))
    error_message = "project_id becomes part of two bucket names, and Cloud Storage refuses names that begin with goog or contain google or a spelling close to it: use another project."
  }
}

variable "region" {
  description = "Region of the Composer environment, its bucket and its network."
  type        = string
  default     = "europe-west1"
  nullable    = false

  validation {
    condition     = contains(local.regions, var.region)
    error_message = "region must be a region of Google Cloud such as europe-west1, not a zone or a multi-region. If Google has opened a new one, add it to locations.tf."
  }
}

variable "location" {
  description = "Location of the BigQuery datasets and of the lake, which is the same because BigQuery loads from a bucket in its own location."
  type        = string
  default     = "EU"
  nullable    = false

  validation {
    condition     = contains(keys(local.continents), var.location)
    error_message = "location must be EU, US or a region such as europe-west9. If Google has opened a new one, add it to locations.tf."
  }

  validation {
    condition = (
      lookup(local.continents, var.location, "nowhere") == lookup(local.continents, var.region, "unknown")
      || !contains(local.regions, var.region)
    )
    error_message = "location and region must lie on the same continent: otherwise every object that a run loads would cross an ocean, which is slow and billed."
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

  validation {
    condition     = !can(regex(local.close_to_google, var.name))
    error_message = "name becomes part of two bucket names, and Cloud Storage refuses names that contain google or a spelling close to it (g00gle): choose another."
  }

  validation {
    condition     = !startswith(var.name, "gcp-")
    error_message = "name becomes the beginning of the name of a workload identity pool (github_repository), and Google keeps those that begin with gcp-: choose another."
  }
}

variable "labels" {
  description = "Further labels of every resource that can have labels. This module itself sets pipeline, environment and managed_by."
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition     = alltrue([for key, value in var.labels : can(regex("^[a-z][a-z0-9_-]{0,62}$", key)) && can(regex("^[a-z0-9_-]{0,63}$", value))])
    error_message = "labels must be lower-case letters, digits, hyphens and underscores, at most 63 of them; keys begin with a letter."
  }

  validation {
    condition     = length([for key in keys(var.labels) : key if startswith(key, "goog") || contains(["layer", "pipeline", "environment", "managed_by"], key)]) == 0
    error_message = "labels may not set ${join(", ", [for key in keys(var.labels) : key if startswith(key, "goog") || contains(["layer", "pipeline", "environment", "managed_by"], key)])}: this module sets pipeline, environment, managed_by and layer, and Google keeps names that begin with goog. Choose another key."
  }
}

# --- data ------------------------------------------------------------------------------------------

variable "lake_bucket" {
  description = "Name of the lake's bucket, which must be globally unique. Null: <project_id>-<name>-lake."
  type        = string
  default     = null

  validation {
    condition     = var.lake_bucket == null || can(regex("^[a-z0-9][a-z0-9_-]{1,61}[a-z0-9]$", var.lake_bucket))
    error_message = "lake_bucket must be 3 to 63 lower-case letters, digits, hyphens and underscores, without gs://."
  }

  validation {
    condition     = var.lake_bucket == null || !can(regex(local.refused_in_bucket_names, var.lake_bucket))
    error_message = "lake_bucket must not begin with goog or contain google or a spelling close to it (g00gle): Cloud Storage refuses such names."
  }
}

variable "datasets" {
  description = "Ids of the BigQuery datasets: staging for the landing tables, development and production for the models of these dbt targets. The defaults are de_project_staging, de_project_development and de_project_production."
  # A map, because an object would drop a misspelt name silently.
  type     = map(string)
  default  = {}
  nullable = false

  validation {
    condition     = length(setsubtract(keys(var.datasets), keys(local.usual_dataset_ids))) == 0
    error_message = "datasets may name staging, development and production, not ${join(", ", setsubtract(keys(var.datasets), keys(local.usual_dataset_ids)))}."
  }

  validation {
    condition     = alltrue([for id in values(var.datasets) : can(regex("^[A-Za-z0-9_]+$", id)) && try(length(id) <= 1024, false)])
    error_message = "datasets must be letters, digits and underscores, at most 1,024 of them."
  }

  validation {
    condition     = length(distinct(values(merge(local.usual_dataset_ids, var.datasets)))) == 3
    error_message = "datasets must have three different names: otherwise landing tables and the models of both targets would overwrite each other."
  }
}

variable "deletion_protection" {
  description = "Keep the lake and the datasets when everything else is destroyed. False lets `terraform destroy` delete all data."
  type        = bool
  default     = true
  nullable    = false
}

variable "lake_nearline_after_days" {
  description = "Days after which raw objects of the lake move to the cheaper storage class for data that are rarely read."
  type        = number
  default     = 90
  nullable    = false

  validation {
    condition     = var.lake_nearline_after_days >= 30 && floor(var.lake_nearline_after_days) == var.lake_nearline_after_days
    error_message = "lake_nearline_after_days must be a whole number, 30 or more: a refreshed window may be loaded again from the lake for a month."
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
  description = "dbt target of this environment, development or production, which decides into which dataset the models are built."
  type        = string
  default     = "production"
  nullable    = false

  validation {
    condition     = contains(["development", "production"], var.dbt_target)
    error_message = "dbt_target must be development or production; local is the laptop's."
  }
}

variable "odre_api_url" {
  description = "Base URL of the Explore API from which the data come."
  type        = string
  default     = "https://odre.opendatasoft.com"
  nullable    = false

  validation {
    condition     = can(regex("^https://[A-Za-z0-9.-]+(:[0-9]+)?$", var.odre_api_url))
    error_message = "odre_api_url must be https:// and a host, without path: the client adds /api/explore/v2.1 itself."
  }
}

variable "warehouse_pool" {
  description = "Airflow pool of the tasks that write to the warehouse before the marts. The pools of the marts are named <pool>_<subject>. operate.py makes each with one slot, through Airflow's REST API, for which the machine that runs Terraform needs Python and gcloud. default_pool needs neither, but does not keep writers apart."
  type        = string
  default     = "warehouse"
  nullable    = false

  validation {
    condition     = can(regex("^[A-Za-z0-9_.-]{1,200}$", var.warehouse_pool))
    error_message = "warehouse_pool must be at most 200 letters, digits, dots, hyphens and underscores."
  }
}

variable "maximum_bytes_billed" {
  description = "Upper bound of every query job, in bytes. A full refresh of sixteen years reads about 200 MB."
  type        = number
  default     = 10737418240
  nullable    = false

  validation {
    condition     = var.maximum_bytes_billed >= 10485760 && var.maximum_bytes_billed <= 9223372036854775807 && floor(var.maximum_bytes_billed) == var.maximum_bytes_billed
    error_message = "maximum_bytes_billed must be a whole number of bytes, at least 10485760, because BigQuery bills at least 10 MB, and at most 9223372036854775807, the greatest number of its API."
  }
}

variable "env_variables" {
  description = "Further environment variables of Airflow's components; AIRFLOW_VAR_<NAME> makes an Airflow variable. They must not hold secrets, because Terraform's state and the console show them."
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition     = alltrue([for name in keys(var.env_variables) : can(regex("^[a-zA-Z_][a-zA-Z0-9_]*$", name)) && !startswith(name, "AIRFLOW__")])
    error_message = "env_variables must have names of letters, digits and underscores. Composer refuses names that begin with AIRFLOW__: use airflow_config."
  }

  validation {
    condition     = length(setintersection(keys(var.env_variables), local.reserved_env_variables)) == 0
    error_message = "env_variables may not set ${join(", ", setintersection(keys(var.env_variables), local.reserved_env_variables))}: Composer reserves these names. Choose others."
  }

  validation {
    condition     = alltrue([for value in values(var.env_variables) : value != null])
    error_message = "env_variables has no value for ${join(", ", [for name, value in var.env_variables : name if value == null])}: give it one, or leave it out."
  }

  validation {
    condition     = length([for name, value in var.env_variables : name if startswith(name, "AIRFLOW_CONN_") && can(regex("://[^/]*:[^/]*@|\"password\"", value))]) == 0
    error_message = "env_variables would show the password of ${join(", ", [for name, value in var.env_variables : name if startswith(name, "AIRFLOW_CONN_") && can(regex("://[^/]*:[^/]*@|\"password\"", value))])} in Terraform's state and in the console: add the connection to Secret Manager, as the secret airflow-connections-<name>."
  }

  validation {
    condition     = length([for name in keys(var.env_variables) : name if contains(keys(local.own_env_variables), name) || startswith(name, "ECO2MIX_")]) == 0
    error_message = "env_variables may not set ${join(", ", [for name in keys(var.env_variables) : name if contains(keys(local.own_env_variables), name) || startswith(name, "ECO2MIX_")])}, which this module sets: use its variables (variables*.tf) instead."
  }
}

variable "airflow_config" {
  description = "Further Airflow settings, as section-option = value. They override the module's defaults for tuning (local.airflow_defaults). Settings on which the module depends are refused."
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition     = alltrue([for key in keys(var.airflow_config) : can(regex("^[a-z_.]+-[a-z0-9_.]+$", key)) && !startswith(key, "webserver-")])
    error_message = "airflow_config keys are section-option, such as core-parallelism; Airflow 3 has no section webserver."
  }

  validation {
    condition     = alltrue([for value in values(var.airflow_config) : value != null])
    error_message = "airflow_config has no value for ${join(", ", [for key, value in var.airflow_config : key if value == null])}: give it one, or leave it out."
  }

  validation {
    condition     = length([for key in keys(var.airflow_config) : key if !contains(local.airflow_options.options, key) && !contains(local.airflow_options.sections_of_providers, split("-", key)[0])]) == 0
    error_message = "airflow_config: Airflow ${local.airflow_options.airflow} does not know ${join(", ", [for key in keys(var.airflow_config) : key if !contains(local.airflow_options.options, key) && !contains(local.airflow_options.sections_of_providers, split("-", key)[0])])} and would ignore it silently. Correct the spelling of section-option."
  }

  validation {
    condition     = alltrue([for key in keys(var.airflow_config) : !can(regex(local.blocked_options, key))])
    error_message = "airflow_config may not set ${join(", ", [for key in keys(var.airflow_config) : key if can(regex(local.blocked_options, key))])}, which Composer blocks (composer_limits.tf): leave it out."
  }

  validation {
    condition     = length(setintersection(keys(var.airflow_config), keys(local.airflow_fixed))) == 0
    error_message = "airflow_config may not set ${join(", ", setintersection(keys(var.airflow_config), keys(local.airflow_fixed)))}, on which this module depends: use its variables instead."
  }
}

variable "dags_start_paused" {
  description = "Leave new DAGs paused until somebody unpauses them."
  type        = bool
  default     = false
  nullable    = false
}

variable "approval_above_days" {
  description = "A run for more days than this, or a full refresh, waits for a person's approval in the Airflow UI. Null: no run waits."
  type        = number
  default     = null

  validation {
    condition     = try(var.approval_above_days >= 1, var.approval_above_days == null)
    error_message = "approval_above_days must be 1 or more, or null."
  }
}
