variable "name" {
  type        = string
  description = "What the repository holds, in a word or two."
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

variable "format" {
  type        = string
  description = "docker for images, python for packages."
  default     = "docker"
  validation {
    condition     = contains(["docker", "python"], var.format)
    error_message = "Choose docker or python."
  }
}

variable "keep_versions" {
  type        = number
  description = "So many of the newest versions of each package stay, whatever their age."
  default     = 10
  validation {
    condition     = var.keep_versions >= 3 && var.keep_versions <= 50 && floor(var.keep_versions) == var.keep_versions
    error_message = "Choose a whole number of versions from 3 to 50."
  }
}

variable "untagged_days" {
  type        = number
  description = "Images without a tag go after this many days."
  default     = 14
  validation {
    condition     = var.untagged_days >= 1 && var.untagged_days <= 90 && floor(var.untagged_days) == var.untagged_days
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
  description = "Key for Artifact Registry in the region."
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
