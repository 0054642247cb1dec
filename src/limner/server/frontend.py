"""ComfyUI's official web front end, if it is installed: files to be sent, never code to be imported.

The package has a licence of its own and is not part of Limner; a person installs it and asks for it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path

from limner.graph.errors import SettingsError

PACKAGE = "comfyui-frontend-package"
TEMPLATES = "comfyui-workflow-templates"
DOCS = "comfyui-embedded-docs"
INSTALL = "pip install 'limner[comfyui-frontend]'"


@dataclass(frozen=True, kw_only=True)
class Frontend:
    """Files by their name below the path that they are served at.

    Attributes:
        version: Version of the front end.
        pages: What is served at ``/``.
        templates: What is served at ``/templates/``; empty if they are not installed.
        templates_version: Version of the templates, or empty.
        docs: What is served at ``/docs/``; empty if they are not installed.
        scripts: The folder of the scripts that the page loads as extensions, or None.
    """

    version: str
    pages: Mapping[str, Path]
    templates: Mapping[str, Path] = field(default_factory=dict)
    templates_version: str = ""
    docs: Mapping[str, Path] = field(default_factory=dict)
    scripts: Path | None = None


def find_frontend() -> Frontend:
    """The installed front end, with templates and help pages if those are there.

    Raises:
        SettingsError: if it is not installed.
    """
    try:
        package = metadata.distribution(PACKAGE)
    except metadata.PackageNotFoundError as error:
        raise SettingsError(f"ComfyUI's front end is not installed. Install it: {INSTALL}") from error
    pages = dict(_below(package, "static"))
    if "index.html" not in pages:
        raise SettingsError(f"{PACKAGE} {package.version} has no page in it. Install it again: {INSTALL}")
    return _frontend(package.version, pages)


def frontend_in(root: Path) -> Frontend:
    """A front end whose files lie in a folder, for instance built by oneself; with the installed templates and help.

    Raises:
        SettingsError: if there is none.
    """
    pages = {path.relative_to(root).as_posix(): path for path in root.rglob("*") if path.is_file()}
    if "index.html" not in pages:
        raise SettingsError(f"There is no front end in {root}: expected an index.html there.")
    return _frontend("", pages)


def _frontend(version: str, pages: dict[str, Path]) -> Frontend:
    scripts = pages["index.html"].parent / "extensions" / "core"
    return Frontend(
        version=version,
        pages=pages,
        templates=_templates(),
        templates_version=_version(TEMPLATES),
        docs=_docs(),
        scripts=scripts if scripts.is_dir() else None,
    )


def _templates() -> dict[str, Path]:
    """The newer package spreads its files over several others whose names begin with its own."""
    found: dict[str, Path] = {}
    for package in metadata.distributions():
        name = (package.metadata["Name"] or "").lower().replace("_", "-")
        if name == TEMPLATES or name.startswith(f"{TEMPLATES}-"):
            found |= dict(_below(package, "templates"))
    return found


def _docs() -> dict[str, Path]:
    try:
        return dict(_below(metadata.distribution(DOCS), "docs"))
    except metadata.PackageNotFoundError:
        return {}


def _below(package: metadata.Distribution, folder: str) -> Iterator[tuple[str, Path]]:
    """The package's files below ``<module>/<folder>``, by their name there."""
    for file in package.files or ():
        if len(file.parts) > 2 and file.parts[1] == folder and file.suffix not in (".py", ".pyc"):
            yield "/".join(file.parts[2:]), Path(str(package.locate_file(file)))


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return ""
