# --- watching --------------------------------------------------------------------------------------

variable "alert_emails" {
  description = "Addresses to which Cloud Monitoring mails when the environment is unhealthy, a run has failed or data are stale. Empty: only the console shows incidents."
  type        = set(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for address in var.alert_emails : can(regex("^[^@\\s]+@[^@\\s]+\\.[^@\\s]+$", address))])
    error_message = "alert_emails must be e-mail addresses."
  }
}

variable "run_alert_emails" {
  description = "Addresses to which Airflow itself reports failed tasks and late runs. Put the mail server, the connection smtp_default, into its secret."
  type        = set(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for address in var.run_alert_emails : can(regex("^[^@,\\s]+@[^@,\\s]+\\.[^@,\\s]+$", address))])
    error_message = "run_alert_emails must be e-mail addresses."
  }
}

variable "run_alert_webhook" {
  description = "Whether Airflow itself reports failed tasks and late runs to a webhook. Put the webhook's address, the connection eco2mix_alerts, into its secret."
  type        = bool
  default     = false
  nullable    = false
}

variable "run_deadline_minutes" {
  description = "Minutes after the end of its interval from which the start of a scheduled run is reported as late."
  type        = number
  default     = 60
  nullable    = false

  validation {
    condition     = var.run_deadline_minutes >= 1
    error_message = "run_deadline_minutes must be 1 or more."
  }
}

variable "budget" {
  description = "Monthly budget of the project: billing_account, amount and, unless it is EUR, currency. It warns at 50, 90 and 100 % and never switches anything off. Null: no budget."
  # A map, because an object would drop a misspelt name silently.
  type    = map(string)
  default = null

  validation {
    condition     = length(setsubtract(keys(coalesce(var.budget, {})), ["billing_account", "amount", "currency"])) == 0
    error_message = "budget may name billing_account, amount and currency, not ${join(", ", try(setsubtract(keys(var.budget), ["billing_account", "amount", "currency"]), []))}."
  }

  validation {
    condition = var.budget == null || (
      can(regex("^[0-9A-F]{6}-[0-9A-F]{6}-[0-9A-F]{6}$", var.budget.billing_account))
      && can(regex("^[1-9][0-9]*$", var.budget.amount))
      && can(regex("^[A-Z]{3}$", lookup(var.budget, "currency", "EUR")))
    )
    error_message = "budget needs a billing_account (XXXXXX-XXXXXX-XXXXXX), a whole amount of 1 or more, and the three-letter currency of that account."
  }
}

# --- deployment from GitHub ------------------------------------------------------------------------

variable "github_repository" {
  description = "GitHub repository, as owner/name, whose workflows may plan and apply without keys. Null: no repository, and nothing is made for it."
  type        = string
  default     = null

  validation {
    condition     = var.github_repository == null || can(regex("^[A-Za-z0-9-]+/[A-Za-z0-9._-]+$", var.github_repository))
    error_message = "github_repository must be owner/name, without an address before it."
  }
}

variable "state_bucket" {
  description = "Bucket of Terraform's state, to which the two accounts of GitHub's workflows get access. Null: no access is given."
  type        = string
  default     = null

  validation {
    condition     = var.state_bucket == null || can(regex("^[a-z0-9][a-z0-9_-]{1,61}[a-z0-9]$", var.state_bucket))
    error_message = "state_bucket must be a bucket's name, without gs://."
  }

  validation {
    condition     = var.state_bucket == null || !can(regex(local.refused_in_bucket_names, var.state_bucket))
    error_message = "state_bucket must not begin with goog or contain google or a spelling close to it (g00gle): Cloud Storage refuses such names."
  }
}
