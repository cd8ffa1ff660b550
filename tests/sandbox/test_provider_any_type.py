import random

import pytest

from tests.cloud_run import PROJECT, SETTINGS, Cloud
from tests.minimal_configuration import configuration

SEED, SAMPLE = 650, 60


@pytest.fixture
def cloud(tmp_path):
    opened = Cloud(tmp_path)
    yield opened
    opened.close()


def test_any_type_is_made_once_planned_empty_and_destroyed(cloud, schemas):
    chosen = random.Random(SEED).sample(sorted(schemas.google.resources), SAMPLE)
    resources = {type_: {"x": configuration(type_, schemas.google.resource(type_))} for type_ in chosen}
    stack = cloud.stack().write(resources)
    stack.apply()
    assert stack.changes() == {}
    assert cloud.store.count() == SAMPLE
    stack.destroy()
    assert cloud.store.count() == 0


HCL = """
terraform {
  required_providers {
    google = { source = "hashicorp/google" }
  }
}
provider "google" {
  project = "acme-sandbox-1"
}
variable "topics" {
  type    = set(string)
  default = ["a", "b"]
}
module "topics" {
  for_each = var.topics
  source   = "./topic"
  name     = each.key
}
resource "google_pubsub_topic" "%s" {
  name = "moved"
}
"""
MOVED = """
moved {
  from = google_pubsub_topic.old
  to   = google_pubsub_topic.new
}
"""
MODULE = """
terraform {
  required_providers {
    google = { source = "hashicorp/google" }
  }
}
variable "name" {
  type = string
}
resource "google_pubsub_topic" "this" {
  name   = var.name
  labels = { made = "by-module" }
}
"""
TEST = """
run "applies" {
  command = apply
  assert {
    condition     = google_pubsub_topic.new.id == "projects/acme-sandbox-1/topics/moved"
    error_message = "unexpected id"
  }
}
"""


def test_hcl_with_modules_moves_and_its_own_tests(cloud):
    stack = cloud.stack()
    (stack.folder / "topic").mkdir()
    (stack.folder / "topic" / "main.tf").write_text(MODULE)
    stack.hcl(HCL % "old").apply()
    stack.hcl(HCL % "new" + MOVED)
    assert stack.changes() == {}
    stack.apply()
    stack.destroy()
    (stack.folder / "topics.tftest.hcl").write_text(TEST)
    done = stack.run("test")
    assert "1 passed, 0 failed" in done.stdout, done.stdout + done.stderr
    assert cloud.store.count() == 0


IMPORTABLE = [
    f"projects/{PROJECT}/locations/eu/keyRings/ring",
    f"https://cloudkms.googleapis.com/v1/projects/{PROJECT}/locations/eu/keyRings/ring",
    f"{PROJECT}/eu/ring",
    "eu/ring",
    "ring",
]


def test_imports_take_the_ids_people_use(cloud):
    ring = {"name": "ring", "location": "eu"}
    cloud.stack("maker").write({"google_kms_key_ring": {"r": ring}}).apply()
    imports = [{"to": f"google_kms_key_ring.r{place}", "id": id_} for place, id_ in enumerate(IMPORTABLE)]
    resources = {f"r{place}": ring for place in range(len(IMPORTABLE))}
    importer = cloud.stack("importer").write({"google_kms_key_ring": resources}, **{"import": imports})
    importer.apply()
    assert importer.changes() == {}
    assert cloud.store.count() == 1


def test_imports_of_grants_and_of_nothing(cloud):
    grant = {"project": PROJECT, "role": "roles/viewer", "member": "user:a@example.com"}
    resource = {"google_project_iam_member": {"m": grant}}
    cloud.stack("maker").write(resource).apply()
    importer = cloud.stack("importer").write(resource)
    said = importer.refused("import", "google_project_iam_member.m", f"{PROJECT} roles/viewer user:b@example.com")
    assert "Cannot import non-existent remote object" in said
    done = importer.run("import", "google_project_iam_member.m", f"{PROJECT} roles/viewer user:a@example.com")
    assert done.returncode == 0, done.stderr
    assert importer.changes() == {}


def test_a_resource_moves_between_the_two_providers(cloud):
    topic = {"google_pubsub_topic": {"t": {"name": "t"}}}
    stack = cloud.stack().write(topic)
    stack.apply()
    settings = {"google": SETTINGS, "google-beta": SETTINGS}
    stack.write({"google_pubsub_topic": {"t": {"name": "t", "provider": "google-beta"}}}, provider=settings)
    assert stack.changes() == {}
