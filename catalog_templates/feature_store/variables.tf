variable "name" {
  type        = string
  description = "What the features describe, in a word or two."
  validation {
    condition     = can(regex("^[a-z][a-z0-9_]{1,18}[a-z0-9]$", var.name))
    error_message = "Use 3 to 20 lower-case letters, digits and underscores; begin with a letter and end with a letter or digit."
  }
}

variable "purpose" {
  type        = string
  description = "One sentence for colleagues who find it later."
  validation {
    condition     = length(trimspace(var.purpose)) >= 10 && length(var.purpose) <= 120
    error_message = "Write a sentence of 10 to 120 characters."
  }
}

variable "table" {
  type        = string
  description = "Table with the features, as DATASET.TABLE of the team's project."
  validation {
    condition     = can(regex("^[A-Za-z0-9_]{1,100}[.][A-Za-z0-9_]{1,100}$", var.table))
    error_message = "Write it as DATASET.TABLE."
  }
}

variable "entity_columns" {
  type        = list(string)
  description = "Columns that say whose features a row has."
  validation {
    condition     = length(var.entity_columns) >= 1 && length(var.entity_columns) <= 5 && length(distinct(var.entity_columns)) == length(var.entity_columns) && alltrue([for word in var.entity_columns : can(regex("^[a-z][a-z0-9_]{0,59}$", word))])
    error_message = "Name 1 to 5 columns, each once, in lower-case letters, digits and underscores."
  }
}

variable "features" {
  type        = list(string)
  description = "Columns that are served."
  validation {
    condition     = length(var.features) >= 1 && length(var.features) <= 100 && length(distinct(var.features)) == length(var.features) && alltrue([for word in var.features : can(regex("^[a-z][a-z0-9_]{0,59}$", word))])
    error_message = "Name 1 to 100 columns, each once, in lower-case letters, digits and underscores."
  }
}

variable "sync" {
  type        = string
  description = "How often the online store takes over what is new."
  default     = "hourly"
  validation {
    condition     = contains(["hourly", "daily"], var.sync)
    error_message = "Choose hourly or daily."
  }
}

variable "project_id" {
  type        = string
  description = "Project of the team."
  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{4,28}[a-z0-9]$", var.project_id))
    error_message = "This is not a project id."
  }
}

variable "region" {
  type        = string
  description = "Region of the platform; data does not leave it."
  validation {
    condition     = can(regex("^[a-z]+-[a-z]+[0-9]+$", var.region))
    error_message = "This is not a region."
  }
}

variable "labels" {
  type        = map(string)
  description = "Labels that the platform gives to everything."
  default     = {}
}
