"""Networks that are the first ones of a process."""

import subprocess
import sys

FIRST = """
import threading
from limner.models.load.building import built

def build():
    from diffusers import AutoencoderKL
    from transformers import CLIPTextModel
    return AutoencoderKL(block_out_channels=(8,), norm_num_groups=8)

failures = []
def first():
    try:
        built(build)
    except Exception as error:
        failures.append(error)

threads = [threading.Thread(target=first) for _ in range(8)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert not failures, failures
"""


def test_the_first_networks_of_a_process_may_be_built_at_once():
    done = subprocess.run([sys.executable, "-c", FIRST], capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr[-2000:]
