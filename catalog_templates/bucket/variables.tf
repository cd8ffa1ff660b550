variable "name" {
  type        = string
  description = "What the bucket is for, in a word or two. The full name becomes PROJECT-data-NAME."
  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,18}[a-z0-9]$", var.name))
    error_message = "Use 3 to 20 lower-case letters, digits and hyphens; begin with a letter and end with a letter or digit."
  }
}

variable "purpose" {
  type        = string
  description = "One sentence for colleagues who find the bucket later."
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

variable "keep_days" {
  type        = number
  description = "Objects are deleted this many days after they were written."
  default     = 365
  validation {
    condition     = var.keep_days >= 30 && var.keep_days <= 3650 && floor(var.keep_days) == var.keep_days
    error_message = "Choose a whole number of days from 30 to 3650."
  }
}

variable "cold_after_days" {
  type        = number
  description = "Objects move to cheaper storage after this many days; reading them then costs more. 0 keeps them where they are."
  default     = 90
  validation {
    condition     = var.cold_after_days == 0 || (var.cold_after_days >= 30 && var.cold_after_days <= 3650 && floor(var.cold_after_days) == var.cold_after_days)
    error_message = "Choose 0, or a whole number of days from 30 to 3650."
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
  description = "Key for storage in the region."
  validation {
    condition     = can(regex("^projects/[a-z0-9-]+/locations/[a-z0-9-]+/keyRings/[A-Za-z0-9_-]+/cryptoKeys/[A-Za-z0-9_-]+$", var.kms_key))
    error_message = "This is not the full id of a key."
  }
}

variable "group" {
  type        = string
  description = "Who reads and writes objects: the group of the team's data scientists."
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
