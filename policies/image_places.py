"""Where each type names the images that it runs (provider 6.50.0)."""

from __future__ import annotations

from policies.values import Values

IMAGES = {
    "google_cloud_run_v2_job": "template.template.containers.image",
    "google_cloud_run_v2_service": "template.containers.image",
    "google_cloudbuild_trigger": "build.step.name",
    "google_workbench_instance": "gce_setup.container_image.repository",
}


def images(it: Values) -> list[str]:
    """The images of a resource, substitutions of builds replaced by their default."""
    found = map(str, it.all(IMAGES[it.type]))
    return [it.text(f"substitutions.{image[1:]}") if image.startswith("$_") else image for image in found]
