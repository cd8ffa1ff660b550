"""Problems as Terraform shows them: a summary, a detail, and where in the configuration."""

from collections.abc import Sequence

from tf.gen import tfplugin_pb2 as pb

from sandbox.errors import SandboxError

Path = tuple[str | int, ...]


class Refused(SandboxError):  # noqa: N818
    """Google would refuse this; `path` is the attribute at fault, where there is one."""

    def __init__(self, summary: str, detail: str = "", path: Path = ()) -> None:
        super().__init__(summary)
        self.summary, self.detail, self.path = summary, detail, path


def error(summary: str, detail: str = "", path: Path = ()) -> pb.Diagnostic:
    return pb.Diagnostic(
        severity=pb.Diagnostic.Severity.ERROR,
        summary=summary,
        detail=detail,
        attribute=attribute_path(path) if path else None,
    )


def warning(summary: str) -> pb.Diagnostic:
    return pb.Diagnostic(severity=pb.Diagnostic.Severity.WARNING, summary=summary)


def attribute_path(path: Path) -> pb.AttributePath:
    return pb.AttributePath(
        steps=[
            pb.AttributePath.Step(attribute_name=step)
            if isinstance(step, str)
            else pb.AttributePath.Step(element_key_int=step)
            for step in path
        ]
    )


def of(problem: SandboxError) -> list[pb.Diagnostic]:
    if isinstance(problem, Refused):
        return [error(problem.summary, problem.detail, problem.path)]
    return [error(str(problem))]


def already_exists(what: str, detail: str = "") -> Refused:
    return Refused(f"Error creating {what}: googleapi: Error 409: {detail or what + ' already exists.'}, alreadyExists")


def not_found(what: str) -> Refused:
    return Refused(f"Error reading {what}: googleapi: Error 404: not found., notFound")


def listing(names: Sequence[str], limit: int = 5) -> str:
    """A few names, and how many more there are."""
    more = f" and {len(names) - limit} more" if len(names) > limit else ""
    return ", ".join(names[:limit]) + more
