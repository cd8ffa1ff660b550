import pytest

from sandbox.schema import Schemas, cached
from tests.terraform_folder import SCHEMA


@pytest.fixture(scope="session")
def schemas() -> Schemas:
    """Both providers' schemas, from the cache that all tests share."""
    return cached(SCHEMA)
