"""Options that several commands share, with one meaning each."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from settings.places import EXAMPLE, found

SETTINGS = "BLUEPRINT_SETTINGS"


def _settings() -> Path:
    """Those of this folder; those that were named where it has none, or where no code in it is run either.

    Danger: who may write to a repository whose code no build runs would otherwise choose what its builds believe.
    """
    own = None if sys.flags.safe_path else found()
    return own or Path(os.environ.get(SETTINGS, EXAMPLE))


def _principal(_: click.Context, __: click.Parameter, told: str) -> str:
    """As the sandbox spells who acts: an address alone is a person's."""
    if told and "@" not in told:
        raise click.BadParameter(f"'{told}' is nobody; write an address, as ada@example.com or serviceAccount:E-MAIL")
    return f"user:{told}" if told and ":" not in told else told


who = click.option(
    "--as",
    "who",
    default="",
    callback=_principal,
    help="Who acts in the sandbox, for example ada@example.com; others than people as serviceAccount:E-MAIL.",
)
settings = click.option(
    "--settings",
    type=click.Path(path_type=Path),
    default=_settings,
    show_default="installation, else settings",
    help="Folder that describes the installation.",
)
out = click.option(
    "--out",
    type=click.Path(path_type=Path),
    default=Path("cdktf.out"),
    show_default=True,
    help="Folder for the stacks.",
)
target = click.option(
    "--target",
    type=click.Choice(["sandbox", "google"]),
    default="sandbox",
    show_default=True,
    help="Where to: the sandbox on this computer, or Google Cloud.",
)
there = click.option(
    "--target",
    type=click.Choice(["laptop", "sandbox", "google"]),
    default="sandbox",
    show_default=True,
    help="Where: what 'run' and 'promote' left on this computer, the sandbox's Vertex AI, or Google's.",
)
as_json = click.option("--json", "as_json", is_flag=True, help="For machines: one JSON document on stdout.")
auto_approve = click.option("--auto-approve", is_flag=True, help="Change without asking.")
stacks = click.argument("stacks", nargs=-1)
assets = click.option(
    "--assets",
    type=click.Path(path_type=Path),
    default=Path("pipelines/genai"),
    show_default=True,
    help="Folder of the generative assets.",
)
models = click.option(
    "--models",
    type=click.Choice(["stub", "sandbox", "google"]),
    default="stub",
    show_default=True,
    help="Who answers: the stand-in here, the sandbox's Vertex AI, or Google's.",
)
embedding = click.option(
    "--embedding", default="", help="tfidf-svd, minilm, or a permitted model; default: Vertex AI's, or the stand-in."
)
environment = click.option(
    "--environment", default="nonproduction", show_default=True, help="Whose project, where Vertex AI answers."
)
