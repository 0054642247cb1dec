"""Apps that are shared are everybody's to see and run, and nobody else's to change."""

import pytest

from limner.accounts.accounts import FILE, Accounts
from limner.accounts.records import Scope

WORKFLOW = {
    "1": {"class_type": "EmptyImage", "inputs": {"width": 64, "height": 64, "batch_size": 1}},
    "2": {"class_type": "PreviewImage", "inputs": {"images": ["1", 0]}},
}


@pytest.fixture
async def people(start, folders):
    accounts = Accounts(folders.data / FILE)
    serving = await start(accounts=accounts)

    def known(name):
        key = accounts.create(name, frozenset({Scope.SUBMIT, Scope.READ_OWN}))
        return {"Authorization": f"Bearer {key}"}

    async def ask(who, method, path, body=None):
        answer = await serving.client.request(method, path, json=body, headers=who)
        return answer.status, await answer.json()

    yield known("anna"), known("ben"), ask
    await serving.client.close()
    accounts.close()


def sent(**declaration):
    return {"workflow": WORKFLOW, "declaration": declaration}


async def test_an_app_is_its_authors_until_it_is_shared(people):
    anna, ben, ask = people
    assert (await ask(anna, "PUT", "/apps/plain", sent(title="Plain")))[0] == 201
    assert (await ask(ben, "GET", "/apps/plain"))[0] == 404
    assert "plain" not in {app["name"] for app in (await ask(ben, "GET", "/apps"))[1]["apps"]}

    assert (await ask(anna, "PUT", "/apps/plain", sent(title="Plain", shared=True)))[0] == 201
    listed = {app["name"]: app for app in (await ask(ben, "GET", "/apps"))[1]["apps"]}
    assert (listed["plain"]["shared"], listed["plain"]["mine"]) == (True, False)
    status, told = await ask(ben, "GET", "/apps/plain")
    assert (status, told["mine"], told["title"]) == (200, False, "Plain")
    status, run = await ask(ben, "POST", "/apps/plain/start", {})
    assert status < 300, run

    assert (await ask(ben, "GET", "/apps/plain?version=1"))[0] == 404
    assert (await ask(ben, "DELETE", "/apps/plain"))[0] == 404
    status, refused = await ask(ben, "PUT", "/apps/plain", sent(shared=True))
    assert status == 400 and "already" in refused["detail"]
    assert (await ask(anna, "GET", "/apps/plain"))[1]["mine"]

    assert (await ask(anna, "PUT", "/apps/plain", sent(title="Plain")))[0] == 201
    assert (await ask(ben, "GET", "/apps/plain"))[0] == 404


async def test_an_own_app_comes_before_a_shared_one_and_removed_ones_are_gone(people):
    anna, ben, ask = people
    await ask(ben, "PUT", "/apps/mine", sent(title="Of Ben"))
    await ask(anna, "PUT", "/apps/mine", sent(title="Of Anna", shared=True))
    assert (await ask(ben, "GET", "/apps/mine"))[1]["title"] == "Of Ben"
    await ask(ben, "DELETE", "/apps/mine")
    assert (await ask(ben, "GET", "/apps/mine"))[1]["title"] == "Of Anna"
    await ask(anna, "DELETE", "/apps/mine")
    assert (await ask(ben, "GET", "/apps/mine"))[0] == 404
