"""All recorded cases with networks, as ``make golden`` runs them. Minutes: it writes and loads a 630 MB checkpoint."""

from pathlib import Path

import pytest

CASES = sorted(path.stem for path in Path(__file__).parent.glob("*.json"))


@pytest.fixture(scope="module")
def laboratory(tmp_path_factory):
    from tests.golden.compare import DEFAULT_MODELS, Laboratory  # loads all network classes: only if wanted

    made = Laboratory(DEFAULT_MODELS, tmp_path_factory.mktemp("golden"))
    yield made
    made.close()


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES)
def test_case_comes_near_enough(case, laboratory):
    result = laboratory.run(case)
    if result.verdict == "later":
        pytest.skip(result.reason)
    assert result.verdict == "equal", result.reason
