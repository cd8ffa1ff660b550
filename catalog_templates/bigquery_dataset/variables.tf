variable "name" {
  type        = string
  description = "What the dataset is for, in a word or two. The dataset is called data_NAME."
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

variable "classification" {
  type        = string
  description = "The strictest class of data that will be kept here."
  default     = "confidential"
  validation {
    condition     = contains(["internal", "confidential", "restricted"], var.classification)
    error_message = "Choose internal, confidential or restricted."
  }
}

variable "table_days" {
  type        = number
  description = "Tables are deleted this many days after they were made. 0 keeps them until somebody deletes them."
  default     = 180
  validation {
    condition     = var.table_days == 0 || (var.table_days >= 1 && var.table_days <= 3650 && floor(var.table_days) == var.table_days)
    error_message = "Choose 0, or a whole number of days from 1 to 3650."
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

variable "kms_key" {
  type        = string
  description = "Key for BigQuery in the region."
  validation {
    condition     = can(regex("^projects/[a-z0-9-]+/locations/[a-z0-9-]+/keyRings/[A-Za-z0-9_-]+/cryptoKeys/[A-Za-z0-9_-]+$", var.kms_key))
    error_message = "This is not the full id of a key."
  }
}

variable "group" {
  type        = string
  description = "Who works with it: the group of the team's data scientists."
  validation {
    condition     = can(regex("^group:[^@ ]+@[^@ ]+$", var.group))
    error_message = "Write it as group:ADDRESS."
  }
}

variable "labels" {
  type        = map(string)
  description = "Labels that the platform gives to everything."
  default     = {}
}
