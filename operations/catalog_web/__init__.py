"""The catalog as a web page for one person on this computer."""
