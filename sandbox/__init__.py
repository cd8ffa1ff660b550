"""A local Google Cloud: real Terraform plans, applies, reads and destroys, with no network and no account."""
