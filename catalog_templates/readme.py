"""The README of a template, whose tables are made from its variables, outputs and manifest."""

from __future__ import annotations

import json

from catalog_templates.template import Template
from catalog_templates.variables import Variable

BEGIN, END = "<!-- generated: blueprint catalog check --write -->", "<!-- end of what is generated -->"


def fresh(template: Template) -> str:
    """The README as it has to be: what people wrote, with the generated part brought up to date."""
    file = template.folder / "README.md"
    text = file.read_text(encoding="utf-8") if file.exists() else f"# {template.manifest.title}\n\n{BEGIN}\n{END}\n"
    before, begin, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    if not begin:
        before = f"{text.rstrip()}\n\n"
    return f"{before}{BEGIN}\n{_tables(template)}\n{END}{after or chr(10)}"


def _tables(template: Template) -> str:
    manifest = template.manifest
    lines = ["", manifest.summary, "", "| input | what it is | accepted | default |", "|---|---|---|---|"]
    lines += [_row(variable) for variable in template.choices.values()]
    lines += ["", "The platform fills: " + ", ".join(f"`{name}`" for name in manifest.platform) + ".", ""]
    lines += ["| output | what it is |", "|---|---|"]
    lines += [f"| `{name}` | {_cell(text)} |" for name, text in template.outputs.items()]
    lines += ["", f"Cost: {manifest.cost.hint}", ""]
    lines += [f"Fixed whatever is ordered: {', '.join(manifest.controls)}.", ""]
    lines += ["Its deployer holds in the team's project: " + ", ".join(f"`{role}`" for role in manifest.deployer.roles)]
    lines[-1] += "".join(f"; it may attach the identity `{who}`" for who in manifest.deployer.acts_as) + "."
    return "\n".join(lines)


def _row(variable: Variable) -> str:
    default = "required" if variable.required else f"`{json.dumps(variable.default)}`"
    accepted = " ".join(variable.messages) or f"{variable.type}"
    return f"| `{variable.name}` | {_cell(variable.description)} | {_cell(accepted)} | {_cell(default)} |"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
