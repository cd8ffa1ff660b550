variable "name" {
  type        = string
  description = "What is searched, in a word or two."
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

variable "bucket" {
  type        = string
  description = "Bucket of the team with the vectors: the NAME that it was ordered with."
  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,18}[a-z0-9]$", var.bucket))
    error_message = "Write the name that the bucket was ordered with."
  }
}

variable "folder" {
  type        = string
  description = "Folder of the bucket with the vectors, as JSON lines."
  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9_/-]{0,98}[a-z0-9]$", var.folder))
    error_message = "Write a folder in lower-case letters, digits, hyphens, underscores and slashes."
  }
}

variable "dimensions" {
  type        = number
  description = "Numbers in a vector, as the embedding model gives them."
  default     = 768
  validation {
    condition     = var.dimensions >= 1 && var.dimensions <= 8192 && floor(var.dimensions) == var.dimensions
    error_message = "Choose a whole number of numbers from 1 to 8192."
  }
}

variable "distance" {
  type        = string
  description = "How near two vectors are."
  default     = "cosine"
  validation {
    condition     = contains(["cosine", "dot_product", "squared_l2"], var.distance)
    error_message = "Choose cosine, dot_product or squared_l2."
  }
}

variable "max_replicas" {
  type        = number
  description = "So many machines answer at most; one always runs."
  default     = 2
  validation {
    condition     = var.max_replicas >= 1 && var.max_replicas <= 5 && floor(var.max_replicas) == var.max_replicas
    error_message = "Choose a whole number of machines from 1 to 5."
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

variable "callers" {
  type        = list(string)
  description = "Projects from which it can be reached: that of the team and that of the network."
  validation {
    condition     = length(var.callers) > 0 && alltrue([for caller in var.callers : can(regex("^[a-z][a-z0-9-]{4,28}[a-z0-9]$", caller))])
    error_message = "Name at least one project, each by its id."
  }
}

variable "labels" {
  type        = map(string)
  description = "Labels that the platform gives to everything."
  default     = {}
}
