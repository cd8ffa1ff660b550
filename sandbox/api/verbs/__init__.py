"""Methods that mean something of their own, a file for each subject.

A file names its methods by their id in Google's discovery documents: `METHODS` get a checked Call and return the body
of the answer (None for 204), `RAW` get the bytes as they came and return an Answer. To teach the sandbox a method, add
a file here and the method's permission to sandbox/facts/method_permissions.yaml.
"""
