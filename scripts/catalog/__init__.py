"""The commands of `blueprint catalog`."""
