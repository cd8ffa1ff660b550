"""Images from their folders to the registry: checked, built, pushed, sealed, and explained to whoever asks."""
