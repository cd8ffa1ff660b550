"""What the order desk does: a slip becomes a deployment, a change or nothing, and what became of it is the answer."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from operations.catalog_counter import Answer, Slip, Slips, slip_of
from operations.catalog_deployment import Deployment
from operations.catalog_desk import Desk, shaped
from operations.catalog_engine import Progress, must_exist, silent
from operations.catalog_launching import (
    agreed,
    changed_by,
    delete,
    launch,
    preview_of_update,
    previewed,
    to_delete,
    update,
)
from operations.catalog_opening import DESK, at_the_desk
from operations.catalog_order import Order, order_of
from operations.catalog_shelf import GoogleShelf
from operations.outcome import Exit, OperationFailed
from settings.loading import names_of
from settings.problems import InvalidSettings, Problem

Made = Deployment | list[str] | None
_ORDER = re.compile(r"([a-z][a-z0-9-]*)/[0-9a-f]{32}")


def placed(desk: Desk, slip: Slip, order: Order, progress: Progress = silent) -> Made:
    """Have a slip fulfilled: here where this process is the desk, else at the counter, if nothing here refuses."""
    if desk.counter is None:
        return done(desk, slip, order, progress)
    if slip.do == "launch":
        wanted = agreed(desk, order)[0]
    elif slip.do == "update":
        wanted = changed_by(desk, order, slip.name, slip.version)
    else:
        wanted = to_delete(desk, order, slip.name)
    lines = desk.counter.place(order.team, slip, progress)
    if slip.dry_run:
        return lines
    return None if slip.do == "delete" else must_exist(desk.engine, wanted.project, wanted.name)


def done(desk: Desk, slip: Slip, order: Order, progress: Progress = silent) -> Made:
    """Do what a slip says; a deployment, with `dry_run` a line for each resource, nothing once it is deleted."""
    if slip.do == "launch":
        return previewed(desk, order) if slip.dry_run else launch(desk, order, progress)
    if slip.do == "update":
        if slip.dry_run:
            return preview_of_update(desk, order, slip.name, slip.version)
        return update(desk, order, slip.name, slip.version, progress)
    delete(desk, order, slip.name, progress)
    return None


def fulfilled(settings: Path, root: Path, target: str, order: str) -> str:
    """Fulfil an order by its name, TEAM/ID, and leave the answer; what became of it in a line."""
    found = _ORDER.fullmatch(order)
    if not found:
        raise InvalidSettings(
            [Problem(f"order '{order}'", "is the name of none", "write TEAM/ID as the message has it")]
        )
    with at_the_desk(settings, root, target, DESK) as desk:
        slips = Slips(GoogleShelf(names_of(desk.installation).order_bucket()))
        left = slips.read(order)
        if not slips.begin(order):
            return f"{order}: was begun before"
        try:
            answer = _answer(lambda: _made(desk, found[1], slip_of(order, left)))
        except Exception as error:
            # Danger: nobody begins this order again, and the person waits for an answer.
            slips.answer(order, _defect(order, error))
            raise
        slips.answer(order, answer)
    return f"{order}: {'; '.join(': '.join(one) for one in answer.problems) or 'done'}"


def _made(desk: Desk, team: str, slip: Slip) -> Made:
    who = {"team": team, "environment": slip.environment, "by": slip.by}
    return done(desk, slip, formed(desk, slip, **who))


def _answer(make: Callable[[], Made]) -> Answer:
    """What became of an order; refusals and failures, too, are answers."""
    try:
        made = make()
    except InvalidSettings as error:
        problems = [(one.place, one.text, one.way_out) for one in error.problems]
        return Answer(code=Exit.BAD_INPUT, problems=problems)
    except OperationFailed as error:
        one = error.problem
        return Answer(code=error.code, problems=[(one.place, one.text, one.way_out)])
    return Answer(lines=made if isinstance(made, list) else [])


def _defect(order: str, error: Exception) -> Answer:
    text, way_out = f"ended in a defect of the desk ({error!r})", "tell the DevOps engineers: its build says where"
    return Answer(code=Exit.FAILURE, problems=[(f"order {order}", text, way_out)])


def formed(desk: Desk, slip: Slip, **who: Any) -> Order:
    """The order of a slip, by who is at the desk; what was typed as text gets the form of its input."""
    if slip.do == "launch":
        template = desk.find(slip.name, slip.version)[2]
        inputs = _shaped(template, slip.inputs)
        return order_of(desk.installation, slip.name, inputs, version=slip.version, **who)
    order = order_of(desk.installation, "", {}, **who)
    if slip.do == "delete":
        return order
    before = must_exist(desk.engine, desk.place(order.team, order.environment).project, slip.name)
    template = desk.template(before.template, desk.index.release(before.template, before.version))
    return order_of(desk.installation, before.template, _shaped(template, slip.inputs), **who)


def _shaped(template: Any, choices: Mapping[str, Any]) -> dict[str, Any]:
    texts = {name: value for name, value in choices.items() if isinstance(value, str)}
    return {**choices, **shaped(template, texts)}
