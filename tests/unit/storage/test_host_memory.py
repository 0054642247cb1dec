"""What a container leaves of the machine's memory."""

import psutil
import pytest

from limner.storage.host_memory import host_memory

GIB = 1 << 30


def write(folder, files):
    folder.mkdir(parents=True, exist_ok=True)
    for name, value in files.items():
        (folder / name).write_text(f"{value}\n")


def group(root, line):
    write(root / "proc/self", {"cgroup": line})


def test_without_groups_it_is_the_machines(tmp_path):
    memory = host_memory(tmp_path)
    assert memory.total == psutil.virtual_memory().total
    assert 0 < memory.available <= memory.total


def test_version_2(tmp_path):
    group(tmp_path, "0::/box")
    own = {"memory.max": GIB, "memory.current": 600 << 20, "memory.stat": "anon 1\ninactive_file 104857600"}
    write(tmp_path / "sys/fs/cgroup/box", own)
    memory = host_memory(tmp_path)
    assert memory.total == GIB
    assert memory.available == GIB - (500 << 20)


def test_version_1(tmp_path):
    group(tmp_path, "5:cpu,cpuacct:/\n4:memory:/box")
    own = {"memory.limit_in_bytes": GIB, "memory.usage_in_bytes": GIB // 2, "memory.stat": "total_inactive_file 0"}
    write(tmp_path / "sys/fs/cgroup/memory/box", own)
    assert host_memory(tmp_path).total == GIB
    assert host_memory(tmp_path).available == GIB // 2


@pytest.mark.parametrize("path", ["/inner", "/", "/the/host's/own/name"])
def test_the_narrowest_limit_counts_wherever_it_stands(tmp_path, path):
    group(tmp_path, f"0::{path}")
    outer = {"memory.max": GIB, "memory.current": 0, "memory.stat": "inactive_file 0"}
    write(tmp_path / "sys/fs/cgroup", outer)
    write(tmp_path / "sys/fs/cgroup/inner", outer | {"memory.max": "max"})
    assert host_memory(tmp_path).total == GIB


def test_a_limit_above_the_machine_is_none(tmp_path):
    group(tmp_path, "4:memory:/")
    write(tmp_path / "sys/fs/cgroup/memory", {"memory.limit_in_bytes": (1 << 63) - 4096, "memory.usage_in_bytes": 5})
    assert host_memory(tmp_path).total == psutil.virtual_memory().total
