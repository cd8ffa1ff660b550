"""Finds how the provider builds the id of a resource and which API path creates it."""

import re
from pathlib import Path
from typing import Any

from sandbox.facts.golang import Package

_CREATE = re.compile(r"\bCreate(?:Context|WithoutTimeout)?:\s+(\w+)")
_CALLED = re.compile(r"\b((?:resource|[a-z])\w+)\(")
_REPLACED = re.compile(r'\bid, err :?= \w+\.ReplaceVars(?:ForId)?\(d, config, "([^"]*)"')
_URL = re.compile(r'\b(?:url|createUrl), err :?= \w+\.ReplaceVars(?:ForId)?\(d, config, "([^"]*)"')
_FORMATTED = re.compile(r'SetId\(fmt\.Sprintf\("([^"]*)", ([^\n]*)\)\)$', re.M)
_IMPORTED = re.compile(r'ParseImportId\(\[\]string\{\s*"([^"]*)"')
_GROUP = re.compile(r"\(\?P<(\w+)>[^)]*\)")
_FIELD = re.compile(r"\{\{[%]?(\w+)\}\}")


def identity(package: Package, function: str) -> dict[str, Any]:
    """{"id": template, "url": path of the collection}; what cannot be read is left out."""
    source = package.functions[function]
    create = _CREATE.search(source)
    body = package.functions.get(create.group(1), "") if create else ""
    out = {}
    url = _URL.search(body)
    if url:
        out["url"] = _template(url.group(1).split("?")[0])
    id_ = _id(package, body, function)
    if id_:
        out["id"] = id_
    return out


def _id(package: Package, body: str, function: str) -> str:
    if match := _REPLACED.search(body):
        return _template(match.group(1))
    if match := _FORMATTED.search(body):
        names = [_argument(argument) for argument in _split(match.group(2))]
        if all(names) and match.group(1).count("%s") == len(names):
            out = match.group(1)
            for name in names:
                out = out.replace("%s", "{" + name + "}", 1)
            return out
    importer = re.search(r"State(?:Context)?:\s+(\w+)", package.functions[function])
    if importer and (match := _IMPORTED.search(package.functions.get(importer.group(1), ""))):
        return _GROUP.sub(r"{\1}", match.group(1).strip("^$"))
    return ""


def _template(text: str) -> str:
    return _FIELD.sub(r"{\1}", text)


def _split(arguments: str) -> list[str]:
    out, depth, start = [], 0, 0
    for place, letter in enumerate(arguments + ","):
        depth += (letter in "([") - (letter in ")]")
        if letter == "," and depth == 0:
            out.append(arguments[start:place].strip())
            start = place + 1
    return out


def _argument(text: str) -> str:
    """A Go expression that is surely one attribute -> its name, else nothing."""
    if match := re.search(r'd\.Get\("(\w+)"\)', text):
        return match.group(1)
    if match := re.fullmatch(r"(?:u|mw)\.(\w+)", text) or re.search(r"FromSelfLink\(u\.(\w+)\)", text):
        return _snake(match.group(1))
    return text if text in ("project", "region", "zone", "name", "location") else ""


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])([A-Z])", r"_\1", name).lower()


def iam_parent(package: Package, producer: str, settable: list[str]) -> str:
    """The id of what an IAM resource is about, from the parent's attributes."""
    body = package.functions.get(producer, "")
    owner = re.search(r"&(\w+)\{", body)
    source = package.methods.get((owner.group(1), "GetResourceId"), "") if owner else ""
    match = re.search(r'return fmt\.Sprintf\("([^"]*)", ([^\n]*)\)$', source, re.M)
    if match:
        names = [_argument(argument) for argument in _split(match.group(2))]
        if all(name in settable for name in names) and match.group(1).count("%s") == len(names):
            out = match.group(1)
            for name in names:
                out = out.replace("%s", "{" + name + "}", 1)
            return out
    return "/".join("{" + name + "}" for name in settable)


def api_paths(root: Path) -> dict[str, str]:
    """Name of a base path, as the URLs use it -> its address."""
    source = (root / "transport" / "config.go").read_text()
    return {
        f"{name}BasePath": address for name, address in re.findall(r'^\t(\w+)BasePathKey:\s+"([^"]*)",$', source, re.M)
    }
