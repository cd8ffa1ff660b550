"""The composition root: settings in, synthesized stacks out. `python -m stacks.app SETTINGS OUT`."""

from __future__ import annotations

import sys
from pathlib import Path

from cdktf import App

from settings.loading import names_of, read
from settings.model import Installation
from settings.names import COMMON
from stacks.keys import KeysStack


def build(it: Installation, out: Path) -> App:
    """The whole estate of an installation, as an app that has not been synthesized yet."""
    app = App(outdir=str(out))
    names = names_of(it)
    shared = {"organization": it.organization, "names": names}

    def apis(*kinds: str) -> list[str]:
        return sorted({api for kind in ("all", *kinds) for api in it.apis[kind]})

    KeysStack(
        app,
        f"keys-{COMMON}",
        **shared,
        environment=COMMON,
        services=it.keys.common,
        apis=apis("keys"),
        rotation_days=90,
        protection="SOFTWARE",
    )
    for key, environment in it.environments.items():
        KeysStack(
            app,
            f"keys-{key}",
            **shared,
            environment=key,
            services=it.keys.environment,
            apis=apis("keys"),
            rotation_days=environment.key_rotation_days,
            protection=environment.key_protection,
        )
    return app


def main(settings: str, out: str) -> None:
    """Synthesize a settings folder into a folder of stacks."""
    build(read(Path(settings)), Path(out)).synth()


if __name__ == "__main__":
    main(*sys.argv[1:3])
