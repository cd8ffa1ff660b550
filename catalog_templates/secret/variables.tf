variable "name" {
  type        = string
  description = "What the secret opens, in a word or two."
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

variable "rotation_days" {
  type        = number
  description = "The value is due for a change every so many days."
  default     = 30
  validation {
    condition     = var.rotation_days >= 1 && var.rotation_days <= 90 && floor(var.rotation_days) == var.rotation_days
    error_message = "Choose a whole number of days from 1 to 90."
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
  description = "Key for Secret Manager in the region."
  validation {
    condition     = can(regex("^projects/[a-z0-9-]+/locations/[a-z0-9-]+/keyRings/[A-Za-z0-9_-]+/cryptoKeys/[A-Za-z0-9_-]+$", var.kms_key))
    error_message = "This is not the full id of a key."
  }
}

variable "messages_key" {
  type        = string
  description = "Key for Pub/Sub in the region."
  validation {
    condition     = can(regex("^projects/[a-z0-9-]+/locations/[a-z0-9-]+/keyRings/[A-Za-z0-9_-]+/cryptoKeys/[A-Za-z0-9_-]+$", var.messages_key))
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

variable "reader" {
  type        = string
  description = "What reads the value: the notebook identity of the team."
  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{4,28}[a-z0-9]@[a-z][a-z0-9-]{4,28}[a-z0-9][.]iam[.]gserviceaccount[.]com$", var.reader))
    error_message = "This is not the address of a service account of the platform."
  }
}

variable "agent" {
  type        = string
  description = "The agent of Secret Manager in the project, which announces rotations."
  validation {
    condition     = can(regex("^service-[0-9]+@gcp-sa-secretmanager[.]iam[.]gserviceaccount[.]com$", var.agent))
    error_message = "This is not the agent of Secret Manager."
  }
}

variable "ordered_at" {
  type        = string
  description = "Moment of the order, from which rotations are counted."
  validation {
    condition     = can(timeadd(var.ordered_at, "0s"))
    error_message = "Write it as 2026-11-20T08:00:00Z."
  }
}

variable "labels" {
  type        = map(string)
  description = "Labels that the platform gives to everything."
  default     = {}
}
