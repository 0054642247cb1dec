"""Who may come in: accounts where the settings want them, and no address beyond this machine without a lock."""

from limner.accounts.accounts import FILE, Accounts
from limner.app.settings import Settings
from limner.graph.errors import SettingsError
from limner.server.guard import is_loopback
from limner.storage.folders import Folders

FIRST_KEY = "limner keys create --user NAME --scopes admin"


def hosts_of(settings: Settings) -> list[str]:
    """The addresses to listen on."""
    return [host.strip() for host in settings.host.split(",") if host.strip()]


def wants_accounts(settings: Settings) -> bool:
    """Whether keys are asked for; if nobody says so, where others can reach the server and nobody lets them all in.

    Raises:
        SettingsError: if others could reach a server that asks for none, and nobody said twice that they may.
    """
    alone = all(map(is_loopback, hosts_of(settings)))
    if settings.accounts == "off" and not alone and not settings.allow_remote:
        raise SettingsError(
            f"{settings.host} can be reached from other machines, and accounts are off. Listen on 127.0.0.1, leave out "
            "--accounts off, or add --allow-remote if the network is yours alone."
        )
    return settings.accounts == "on" or (settings.accounts == "auto" and not alone and not settings.allow_remote)


def open_entrance(settings: Settings, folders: Folders) -> Accounts | None:
    """The accounts that the server asks; None: it asks for no key. They are to be closed.

    Raises:
        SettingsError: if others could reach the server and nobody has a key, or they could all come in.
        StorageError: if the accounts cannot be used.
    """
    if not wants_accounts(settings):
        return None
    accounts, alone = Accounts(folders.data / FILE), all(map(is_loopback, hosts_of(settings)))
    if alone or accounts.has_good_key():
        return accounts
    accounts.close()
    raise SettingsError(
        f"{settings.host} can be reached from other machines, and nobody has a key yet. Create one with `{FIRST_KEY}` "
        "(and --data as here), or add --allow-remote if the network is yours alone."
    )


def keys_line(accounts: Accounts | None, settings: Settings) -> str:
    """What the terminal says of keys when the server starts."""
    if accounts is None:
        alone = all(map(is_loopback, hosts_of(settings)))
        return "" if alone else "  no key is asked for: whoever reaches this address may do anything here"
    good = accounts.has_good_key()
    return "  keys are asked for" if good else f"  keys are asked for, and there is none yet: {FIRST_KEY}"
