"""The commands of `blueprint eval`."""
