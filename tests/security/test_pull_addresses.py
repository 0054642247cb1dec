"""Server-side request forgery: no address, name, redirect or spelling leads a pull into the server's own network."""

import ipaddress

import pytest
from aiohttp.abc import AbstractResolver
from tests.unit.hub.conftest import pulling
from tests.unit.hub.models import safetensors
from tests.unit.hub.remote import Remote
from yarl import URL

from limner.hub.addresses import Addresses, GuardedResolver, is_public
from limner.hub.refusal import PullError

PRIVATE = (
    *("127.0.0.1", "127.8.9.1", "0.0.0.0", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1"),
    *("224.0.0.1", "255.255.255.255", "::1", "::", "fe80::1", "fc00::1", "ff02::1", "::ffff:10.0.0.1"),
    *("::ffff:127.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "2002:7f00:1::", "2002:c0a8:101::"),
)


@pytest.mark.parametrize("address", PRIVATE)
def test_addresses_of_private_networks(address):
    assert not is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"])
def test_addresses_of_the_public_internet(address):
    assert is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize(
    "url",
    ["file:///etc/passwd", "gopher://8.8.8.8/", "ftp://8.8.8.8/a", "http:///a", "http://good.example@127.0.0.1/a"],
)
def test_other_schemes_and_hidden_hosts(url):
    with pytest.raises(PullError):
        Addresses(private=False).check(URL(url))


class Answers(AbstractResolver):
    """Resolves every name to one address."""

    def __init__(self, address):
        self.address = address

    async def resolve(self, host, port=0, family=0):
        return [{"hostname": host, "host": self.address, "port": port, "family": family, "proto": 0, "flags": 0}]

    async def close(self):
        pass


@pytest.mark.parametrize(("address", "allowed"), [("10.0.0.7", False), ("::1", False), ("8.8.8.8", True)])
async def test_names_count_for_what_they_resolve_to(address, allowed):
    resolver = GuardedResolver(Addresses(private=False))
    resolver._inner = Answers(address)
    if allowed:
        assert (await resolver.resolve("models.example"))[0]["host"] == address
    else:
        with pytest.raises(PullError, match="own network"):
            await resolver.resolve("models.example")


def test_hosts_that_the_operator_set_are_trusted():
    addresses = Addresses(private=False, trusted=("http://10.0.0.7:8080/mirror",))
    addresses.check(URL("http://10.0.0.7/model"))
    with pytest.raises(PullError):
        addresses.check(URL("http://10.0.0.8/model"))


def test_a_redirect_into_the_network_is_not_followed(folders, monkeypatch):
    """The first address is let through as if it were public; the one that it points to is not."""
    with Remote() as remote:
        remote.redirects["/model"] = remote.url.replace("127.0.0.1", "127.0.0.2") + "/a.safetensors"
        remote.put("/a.safetensors", safetensors())
        careful = pulling(folders, private=False)
        monkeypatch.setattr(careful.puller, "_addresses", Addresses(private=False, trusted=(remote.url,)))
        with pytest.raises(PullError) as caught:
            careful(f"{remote.url}/model", into="loras")
        assert caught.value.code == "refused"
        assert [asked.path for asked in remote.asked] == ["/model"]
