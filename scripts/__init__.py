"""What people run: the program `blueprint`."""
