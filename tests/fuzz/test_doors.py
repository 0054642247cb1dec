"""Every door against the OpenAPI document that it serves: no request, right or wrong, ends in a 5xx.

schemathesis draws the requests from the documents. ``make doors`` sends 10,000 different ones, the ordinary tests a few
hundred; ``LIMNER_DOORS`` names another number. A 503 that names a time to come back is no fault, nor are the 500s that
A1111's clients know: what cannot be read or drawn is told with that status there.
"""

import json
import os
import re
import subprocess
import sys
from collections import Counter

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from tests.e2e.conftest import ROOT

REQUESTS = int(os.environ.get("LIMNER_DOORS", "400"))

DOCUMENTS = ("/openapi.json", "/v1/openapi.json", "/sdapi/v1/openapi.json", "/api/v2/openapi.json")

SECONDS = 30.0


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    folder = tmp_path_factory.mktemp("doors")
    command = [sys.executable, "-m", "tests.fuzz.quick_server", "--port", "0", "--data", str(folder / "data")]
    environment = {**os.environ, "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}", "OMP_NUM_THREADS": "1"}
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True, env=environment, cwd=ROOT)
        try:
            found = re.search(r"http://\S+", process.stdout.readline())
            assert found is not None, (folder / "log").read_text()[-2000:]
            workflow = json.loads((ROOT / "examples/text-to-image.json").read_text())
            saved = requests.put(f"{found[0]}/apps/apple", json={"workflow": workflow}, timeout=SECONDS)
            assert saved.status_code == 201, saved.text
            yield found[0]
            assert process.poll() is None
        finally:
            process.terminate()
            process.wait(30)
            process.stdout.close()
    assert "Traceback" not in (folder / "log").read_text()


@pytest.mark.timeout(3600)
@pytest.mark.parametrize("document", DOCUMENTS)
def test_no_request_that_a_document_allows_or_forbids_ends_in_a_5xx(server, document):
    schema = schemathesis.openapi.from_url(server + document)
    operations = [found.ok() for found in schema.get_all_operations()]
    assert operations
    examples = max(1, REQUESTS // len(DOCUMENTS) // len(operations))
    told = Counter()
    for operation in operations:
        _send_many(operation, examples, told)
    print(f"{document}: {len(operations)} operations, {sum(told.values())} requests, {dict(sorted(told.items()))}")


def _send_many(operation, examples, told):
    quiet = list(HealthCheck)

    @settings(
        max_examples=examples,
        database=None,
        deadline=None,
        derandomize=True,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=quiet,
    )
    @given(case=operation.as_strategy() | operation.as_strategy(generation_mode=schemathesis.GenerationMode.NEGATIVE))
    def send(case):
        try:
            answer = case.call(timeout=SECONDS)
        except (requests.exceptions.InvalidHeader, UnicodeError):
            return  # No client can send it either.
        told[answer.status_code] += 1
        assert answer.status_code < 500 or _is_meant(answer), (case.as_curl_command(), answer.content[:500])
        assert b"Traceback (most recent call last)" not in answer.content

    send()


def _is_meant(answer):
    """Whether a 5xx says what a client did wrong, or when to come back."""
    if answer.status_code == 503:
        return "Retry-After" in answer.headers
    asked = answer.request.url or ""
    asked_a1111 = "/sdapi/" in asked or "/controlnet/" in asked
    return asked_a1111 and answer.status_code == 500 and answer.json()["error"] != "InternalServerError"
