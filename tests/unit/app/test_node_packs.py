"""Node packs on their shelf: brought, switched, and what they require."""

import subprocess
import zipfile
from pathlib import Path

import pytest

from limner.app.node_packs import PackShelf
from limner.app.pack_requirements import install_requirements, plan_requirements
from limner.graph.errors import SettingsError, StorageError, UnknownNameError
from limner.storage.folders import Folders


@pytest.fixture
def shelf(tmp_path):
    return PackShelf(Folders.under(tmp_path / "data"))


@pytest.fixture
def source(tmp_path):
    folder = tmp_path / "sources" / "tools"
    (folder / "inner").mkdir(parents=True)
    (folder / "__init__.py").write_text("NODE_CLASS_MAPPINGS = {}\n")
    (folder / "inner" / "more.py").write_text("")
    return folder


def states(shelf):
    return {entry.name: entry.state for entry in shelf.entries()}


def test_a_folder_is_copied_and_switched(shelf, source):
    installed = shelf.install(str(source))
    assert (installed.name, states(shelf)) == ("tools", {"tools": "on"})
    assert shelf.disable("tools")
    assert not shelf.disable("tools")
    assert states(shelf) == {"tools": "disabled"}
    assert shelf.enable("tools")
    assert not shelf.enable("tools")
    assert (shelf.pack("tools").path / "inner" / "more.py").is_file()


def test_a_pack_that_is_there_is_not_replaced(shelf, source):
    shelf.install(str(source))
    shelf.disable("tools")
    with pytest.raises(StorageError, match="already"):
        shelf.install(str(source))


def test_an_archive_is_unpacked_without_the_folder_that_holds_all(shelf, source, tmp_path):
    archive = tmp_path / "packed.zip"
    with zipfile.ZipFile(archive, "w") as packed:
        packed.write(source / "__init__.py", "tools-main/__init__.py")
        packed.write(source / "inner" / "more.py", "tools-main/inner/more.py")
    shelf.install(str(archive))
    assert (shelf.pack("packed").path / "__init__.py").is_file()


def test_an_archive_that_leaves_its_folder_is_refused(shelf, tmp_path):
    archive = tmp_path / "evil.zip"
    with zipfile.ZipFile(archive, "w") as packed:
        packed.writestr("../../escaped.py", "")
        packed.writestr("other/inside.py", "")
    with pytest.raises(StorageError):
        shelf.install(str(archive))
    assert states(shelf) == {}
    assert not list((tmp_path).glob("**/escaped.py"))


def test_a_repository_is_cloned(shelf, source):
    run = ["git", "-c", "user.name=a", "-c", "user.email=a@example.org"]
    subprocess.run([*run, "init", "-q"], cwd=source, check=True)
    subprocess.run([*run, "add", "."], cwd=source, check=True)
    subprocess.run([*run, "commit", "-q", "-m", "one"], cwd=source, check=True)
    installed = shelf.install(source.as_uri())
    assert (installed.name, states(shelf)) == ("tools", {"tools": "on"})


def test_what_is_no_pack_is_refused(shelf, tmp_path):
    with pytest.raises(SettingsError, match="no node pack"):
        shelf.install(str(tmp_path / "nowhere"))
    with pytest.raises(UnknownNameError):
        shelf.enable("nobody")
    with pytest.raises(UnknownNameError):
        shelf.disable("nobody")


def test_requirements_are_compared_with_what_is_installed(source):
    (source / "requirements.txt").write_text(
        "# what it needs\ntorch>=1.0\ntorch==0.0.1\nnumpy  # arrays\nno-such-package>=2\n--index-url x\n"
        "comfyui\nwindows-only; sys_platform == 'win32'\n"
    )
    plan = plan_requirements(source)
    assert plan.missing == ("no-such-package>=2",)
    assert [line.split(" (")[0] for line in plan.conflicts] == ["torch==0.0.1"]
    assert plan.unread == ("--index-url x",)
    assert plan.wanted == ("torch>=1.0", "torch==0.0.1", "numpy", "no-such-package>=2")


def test_a_project_file_says_what_is_required(source):
    (source / "pyproject.toml").write_text('[project]\nname = "x"\ndependencies = ["no-such-package"]\n')
    assert plan_requirements(source).missing == ("no-such-package",)


def test_what_limner_stands_on_is_kept(tmp_path):
    commands = []

    def run(command):
        constraints = command[command.index("--constraint") + 1]
        commands.append((list(command), Path(constraints).read_text(encoding="utf-8")))
        return "done"

    assert install_requirements([], run) == ""
    assert install_requirements(["no-such-package"], run, tmp_path / "own") == "done"
    (command, constraints) = commands[0]
    assert command[-1] == "no-such-package"
    assert str(tmp_path / "own") in command
    assert "torch==" in constraints
