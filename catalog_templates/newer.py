"""What Infrastructure Manager's Terraform (up to 1.5.7) does not know or take: found by reading, not by running.

The check is static: it finds the words of newer features. Terraform 1.5.7 itself is the judge.
"""

from __future__ import annotations

import re
from pathlib import Path

from settings.problems import Problem

NEWER = {
    r"^\s*removed\s*\{": "removed blocks came with Terraform 1.7",
    r"^\s*ephemeral\s+\"": "ephemeral resources came with Terraform 1.10",
    r"^\s*ephemeral\s*=": "ephemeral values came with Terraform 1.10",
    r"\bprovider::": "functions of providers came with Terraform 1.8",
    r"\b(templatestring|issensitive|ephemeralasnull)\(": "this function came after Terraform 1.5",
    r"\w+_wo\s*=": "write-only arguments came with Terraform 1.11",
    r"^\s*(override_resource|override_data|override_module)\s*\{": "overrides came with Terraform 1.7",
}
UNWANTED = {
    r"^\s*backend\s+\"": "Infrastructure Manager keeps the state itself",
    r"^\s*cloud\s*\{": "Infrastructure Manager keeps the state itself",
    r"^\s*provisioner\s+\"": "a template runs nothing but the provider",
    r"^\s*import\s*\{": "an order makes something new",
    r"^\s*data\s+\"": "the platform says what exists, a template does not look around",
    r"resource\s+\"random_": "names are chosen, not drawn",
    r"\b(timestamp|uuid|bcrypt)\(": "its value changes with every plan",
    r"force_destroy\s*=\s*true": "what people keep is not deleted with its container",
    r"delete_contents_on_destroy\s*=\s*true": "what people keep is not deleted with its container",
}


def offences(folder: Path) -> list[Problem]:
    """Every line of a template that a catalog template must not have."""
    return [
        Problem(
            f"{folder.name}/{file.name}:{number}",
            f"'{line.strip()[:60]}' has no place here: {reason}",
            "write it otherwise",
        )
        for file in sorted(folder.glob("*.tf"))
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1)
        for pattern, reason in {**NEWER, **UNWANTED}.items()
        if not line.lstrip().startswith("#") and re.search(pattern, line)
    ]
