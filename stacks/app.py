"""The composition root: settings in, synthesized stacks out. `python -m stacks.app SETTINGS OUT`."""

from __future__ import annotations

import sys
from pathlib import Path

from cdktf import App

from settings.loading import read
from settings.model import Installation
from settings.problems import InvalidSettings
from stacks.composition import Composition
from stacks.layers import foundation, shared, teams


def build(it: Installation, folder: Path, out: Path) -> App:
    """The whole estate of an installation, as an app that has not been synthesized yet; `folder` has example data."""
    c = Composition(App(outdir=str(out)), it, folder)
    keys = foundation.keys(c, foundation.foundation(c))
    perimeter = shared.networks(c, foundation.logging(c, keys))
    artifacts = shared.artifacts(c, perimeter)
    delivery, data = shared.delivery(c, artifacts), shared.data(c)
    teams.teams(c, [*artifacts, delivery, data])
    teams.exchange(c)
    teams.observability(c)
    return c.app


def main(settings: str, out: str) -> None:
    """Synthesize a settings folder into a folder of stacks; what is wrong with the settings ends it with 2."""
    try:
        build(read(Path(settings)), Path(settings), Path(out)).synth()
    except InvalidSettings as error:
        print(error, file=sys.stderr)
        sys.exit(2)


if __name__ == "__main__":
    main(*sys.argv[1:3])
