variable "name" {
  type        = string
  description = "What the messages are, in a word or two."
  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,18}[a-z0-9]$", var.name))
    error_message = "Use 3 to 20 lower-case letters, digits and hyphens; begin with a letter and end with a letter or digit."
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

variable "keep_days" {
  type        = number
  description = "Messages that nobody has taken are kept this many days."
  default     = 7
  validation {
    condition     = var.keep_days >= 1 && var.keep_days <= 31 && floor(var.keep_days) == var.keep_days
    error_message = "Choose a whole number of days from 1 to 31."
  }
}

variable "ordered" {
  type        = bool
  description = "Whether messages with the same key arrive in order."
  default     = false
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
  description = "Key for Pub/Sub in the region."
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
