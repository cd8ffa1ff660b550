"""What people may order: one self-contained Terraform folder per template of the Service Catalog."""
