"""Apps as requests find them: saved ones and those that belong to the program, with the inputs that they have now."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aiohttp import web

from limner.dialects.apps.builtin import SettingsOf, builtin_apps
from limner.dialects.apps.reading import ReadApp, as_app, read_app
from limner.dialects.apps.records import App, Declaration, app_named
from limner.graph.catalog import Catalog, Lists
from limner.graph.errors import LimnerError, UnknownNameError
from limner.server.admission import Admission, admission_of
from limner.server.apps.door import DESK, shared_apps, store_of
from limner.server.apps.inputs import Sent, read_sent
from limner.server.apps.memory import AppMemory
from limner.server.apps.saving import draft_of, without_workflow
from limner.server.apps.shared import SharedApps
from limner.server.apps.store import AppStore
from limner.server.bodies import beside
from limner.server.caller import folders_of, lists_of
from limner.server.recipes.drawing_models import DRAWING_MODELS


@dataclass(frozen=True)
class Opened:
    """An app and what it asks for.

    Attributes:
        app: As it is kept.
        read: What it asks for.
        mine: It is the caller's own or the program's; else somebody shares it.
    """

    app: App
    read: ReadApp
    mine: bool = True

    @property
    def title(self) -> str:
        """What people call it."""
        return self.app.declaration.title or self.read.workflow.title or self.app.name


@dataclass(frozen=True)
class Shelf:
    """The apps that a request may use. Its methods block.

    Attributes:
        store: The caller's own.
        shared: What others share.
        catalog: What the worker can do.
        lists: Named lists of choices.
        exists: Says whether a file of the caller exists.
        memory: Workflows that were read for lists.
        settings_of: Looks up what a checkpoint draws well with.
        default_model: The checkpoint for requests that name none.
    """

    store: AppStore
    shared: SharedApps
    catalog: Catalog
    lists: Lists
    exists: Callable[[str], bool]
    memory: AppMemory
    settings_of: SettingsOf
    default_model: str = ""

    def open(self, name: str, version: int = 0) -> Opened:
        """An app by its name.

        Raises:
            UnknownNameError: if there is none.
            LimnerError: if it cannot be read any more.
        """
        own = self._builtin()
        if name in own and not self.store.versions(name):
            return self.opened(own[name])
        try:
            return self.opened(self.store.load(name, version))
        except UnknownNameError as error:
            found = self.shared.find(name) if error.kind == "app" else None
            if found is not None and version in (0, found[0].version):
                return self.opened(found[0], mine=False)
            if error.kind == "app":
                raise UnknownNameError("app", name, [*self.store.names(), *own], "GET /apps lists them.") from error
            raise

    def opened(self, app: App, *, mine: bool = True) -> Opened:
        """An app with what it asks for."""
        return Opened(app, self.read(app.workflow, app.declaration), mine)

    def read(self, source: Any, declaration: Declaration) -> ReadApp:
        """A workflow with what it asks for."""
        return read_app(source, declaration, self.catalog, self.lists, self.exists)

    def all(self) -> list[Opened]:
        """The last versions of all apps; those that cannot be read any more are left out."""
        saved = list(self.store.all())
        names = {app.name for app in saved}
        apps = [*(app for app in self._builtin().values() if app.name not in names), *saved]
        names |= {app.name for app in apps}
        found = [self._readable(app, self.store.folder) for app in apps]
        found += [self._readable(app, at, mine=False) for app, at in self.shared.all() if app.name not in names]
        return [opened for opened in found if opened is not None]

    def _readable(self, app: App, folder: Path, *, mine: bool = True) -> Opened | None:
        try:
            if app.version == 0:  # Of the program: it is another one when models come or go.
                return self.opened(app)
            workflow = self.memory.workflow(folder, app, self.catalog, self.lists)
            read = as_app(workflow, app.declaration, self.catalog, self.lists, self.exists)
            return Opened(app, read, mine)
        except LimnerError:
            return None  # Its nodes changed since it was saved; asked for by name, it says what is wrong.

    def _builtin(self) -> dict[str, App]:
        return builtin_apps(self.lists("checkpoints"), self.default_model, self.settings_of)


def shelf_of(request: web.Request, admission: Admission) -> Shelf:
    """The apps that a request may use."""
    default = admission.service.settings.default_model
    default_model = "" if app_named(default) else default
    exists, memory = folders_of(request).has, request.app[DESK].memory
    settings_of = request.app[DRAWING_MODELS].settings
    return Shelf(
        store_of(request),
        shared_apps(request),
        admission.catalog,
        lists_of(request),
        exists,
        memory,
        settings_of,
        default_model,
    )


async def sent_workflow(request: web.Request) -> tuple[ReadApp, Sent]:
    """A workflow that came in a body, and what else is there: values for its inputs, options.

    Raises:
        DocumentError: if there is none.
        WorkerLostError: if no worker is up yet.
    """
    sent = await read_sent(request)
    draft = await beside(lambda: draft_of(sent))
    shelf = shelf_of(request, await admission_of(request))
    return await beside(lambda: shelf.read(draft.source, draft.declaration)), without_workflow(sent)


async def opened_app(request: web.Request, version: int = 0) -> Opened:
    """The app that an address names.

    Raises:
        UnknownNameError: if there is none.
        WorkerLostError: if no worker is up yet.
    """
    shelf = shelf_of(request, await admission_of(request))
    name = request.match_info["name"]
    return await beside(lambda: shelf.open(name, version))
