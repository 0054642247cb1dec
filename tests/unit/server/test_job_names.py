"""Ids that requests with an Idempotency-Key share."""

from dataclasses import dataclass

from limner.server.job_names import job_name


@dataclass
class Accounts:
    """As far as names of jobs need them."""

    word: bytes

    def secret(self, name: str) -> bytes:
        return self.word + name.encode()


@dataclass
class Service:
    """As far as names of jobs need it."""

    accounts: Accounts | None


def test_equal_words_are_one_id_and_no_others():
    service = Service(None)
    assert job_name(service, "apps", "anna", "k") == job_name(service, "apps", "anna", "k")
    assert job_name(service, "apps", "anna", "k") != job_name(service, "apps", "ann", "ak")
    assert job_name(service, "apps", "anna", "k").version == 5


def test_where_there_are_users_nobody_can_tell_an_id_without_the_servers_secret():
    names = {job_name(Service(accounts), "apps", "anna", "k") for accounts in (None, Accounts(b"1"), Accounts(b"2"))}
    assert len(names) == 3
