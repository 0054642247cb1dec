"""A service that is asked in earnest, and desks that ask it."""

import pytest
from tests.picture_service import PictureService

from limner.graph.progress import SilentProgress
from limner.providers.opening import open_desk, roster_of
from limner.providers.settings import ProviderSettings, ProvidersFile, RouteSettings


class Charges(SilentProgress):
    """Notes what was told of requests."""

    def __init__(self):
        self.told = []

    def charged(self, charge):
        self.told.append(charge)


@pytest.fixture
def charges():
    return Charges()


@pytest.fixture(scope="session")
def shared_service():
    with PictureService(slow=3.0) as service:
        yield service


@pytest.fixture
def service(shared_service):
    shared_service.asked.clear()
    shared_service.bodies.clear()
    return shared_service


@pytest.fixture
def desk_for(service):
    """Makes a desk with one provider for each way of the service, and one public name ``any`` for all of them."""
    desks = []

    def make(*ways, environment=None, route="order", tries=3, **settings):
        facts = {"kind": "openai_images", "timeout": 0.3} | settings
        providers = {way: ProviderSettings(base_url=service.url(way), **facts) for way in ways}
        public = RouteSettings(targets=[f"{way}/sketch" for way in ways], route=route, tries=tries)
        roster = roster_of(ProvidersFile(providers=providers, models={"any": public}))
        desks.append(open_desk(roster, environment or {}))
        return desks[-1]

    yield make
    for desk in desks:
        desk.close()
