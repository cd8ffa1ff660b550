"""One Google service a file: what a step may ask of it, the request as Google wants it, Google itself, and a stand-in.

`at(place)` gives Google's where the place is Google, and the stand-in of this computer where it is a sandbox.
"""
