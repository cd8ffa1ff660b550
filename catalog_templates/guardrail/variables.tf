variable "name" {
  type        = string
  description = "Which assistant is guarded, in a word or two."
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

variable "strictness" {
  type        = string
  description = "balanced is the platform's minimum; strict stops more, also harmless things."
  default     = "balanced"
  validation {
    condition     = contains(["balanced", "strict"], var.strictness)
    error_message = "Choose balanced or strict."
  }
}

variable "languages" {
  type        = string
  description = "english only, or all: finds attacks in other languages, too, and answers more slowly."
  default     = "all"
  validation {
    condition     = contains(["english", "all"], var.languages)
    error_message = "Choose english or all."
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
