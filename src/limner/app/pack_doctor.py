"""Examines node packs, each in a process of its own that is thrown away: whatever a pack does there harms nobody.

``python -m limner.app.pack_doctor --settings JSON`` is that process; it prints the report as JSON in its last line.
"""

import argparse
import logging
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import msgspec

from comfy_host.packs import FOLDER, Pack
from comfy_host.watch import EXIT_HANGING
from limner.app.pack_environment import python_of
from limner.app.pack_requirements import plan_requirements
from limner.app.settings import Settings, read_worker_settings
from limner.graph.catalog import PackReport

MARK = "limner-pack-report "
LAST_LINES = 12
START_SECONDS = 120.0
"""What the process may take beside the import itself."""


class Examined(msgspec.Struct, frozen=True, kw_only=True):
    """What was found.

    Attributes:
        report: How its loading went.
        missing: Requirements that nothing installed fulfils.
        conflicts: Requirements that contradict what Limner stands on.
        output: The last lines that the process printed, if it ended badly.
    """

    report: PackReport
    missing: tuple[str, ...] = ()
    conflicts: tuple[str, ...] = ()
    output: tuple[str, ...] = ()

    @property
    def is_well(self) -> bool:
        """Whether the pack loads whole."""
        return self.report.state == "loaded" and not self.report.failures


def examine(pack: Pack, settings: Settings) -> Examined:
    """Imports a pack in a process of its own and says how it went."""
    plan = plan_requirements(pack.path)
    with tempfile.TemporaryDirectory(prefix="limner-doctor-") as folder:
        data = Path(folder)
        (data / FOLDER).mkdir()
        (data / FOLDER / pack.path.name).symlink_to(pack.path.absolute(), target_is_directory=pack.path.is_dir())
        chosen = msgspec.structs.replace(
            settings,
            data=folder,
            device="cpu",
            models=tuple(str(root) for root in settings.folders().model_roots),
            disable_all_custom_nodes=False,
            isolate_packs=(),
        )
        python = python_of(settings.folders(), pack.name)
        report, output = _run(pack, chosen, python, settings.pack_import_seconds + START_SECONDS)
    there, here = str(data / FOLDER / pack.path.name), str(pack.path)  # the folder there is gone by now
    report = msgspec.structs.replace(report, name=pack.name, path=here, reason=report.reason.replace(there, here))
    shown = tuple(line.replace(there, here) for line in output)
    return Examined(report=report, missing=plan.missing, conflicts=plan.conflicts, output=shown)


def _run(pack: Pack, settings: Settings, python: str, seconds: float) -> tuple[PackReport, Sequence[str]]:
    command = [python, "-m", "limner.app.pack_doctor", "--settings", msgspec.json.encode(settings).decode()]
    failed = PackReport(name=pack.name, path=str(pack.path), state="failed")
    try:
        done = subprocess.run(
            command,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            text=True,
            errors="replace",
            timeout=seconds,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        reason = f"Its import did not end in {settings.pack_import_seconds or seconds:g} s."
        printed = error.stdout or b""
        text = printed.decode(errors="replace") if isinstance(printed, bytes) else str(printed)
        return msgspec.structs.replace(failed, reason=reason), text.splitlines()[-LAST_LINES:]
    lines = done.stdout.splitlines()
    reports = [line.removeprefix(MARK) for line in lines if line.startswith(MARK)]
    if reports:
        report = msgspec.json.decode(reports[-1], type=PackReport)
        return report, () if report.state == "loaded" else [line for line in lines if not line.startswith(MARK)][
            -LAST_LINES:
        ]
    reason = f"Its import ended the process (exit status {done.returncode})."
    if done.returncode == EXIT_HANGING:
        reason = f"Its import took longer than {settings.pack_import_seconds:g} s."
    return msgspec.structs.replace(failed, reason=reason), lines[-LAST_LINES:]


def main() -> int:
    """Loads the packs of the settings and prints the report of the first."""
    parser = argparse.ArgumentParser(prog="limner-pack-doctor")
    parser.add_argument("--settings", required=True, help="settings as JSON")
    settings = read_worker_settings(parser.parse_args().settings)
    logging.basicConfig(level=logging.INFO, format="%(message)s")  # tracebacks of packs

    from comfy_host.prestartup import chosen_packs, open_surface, run_prestartup

    folders = settings.folders()
    open_surface(folders)
    errors = run_prestartup(chosen_packs(folders), folders, settings.pack_import_seconds)

    from limner.app.composition import build_worker

    worker = build_worker(settings, prestarted=errors)
    reports = worker.describe().packs
    print(MARK + msgspec.json.encode(reports[0]).decode(), flush=True)
    worker.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
