"""``limner pull NAME|URL``: a model comes here, whole, checked, into the folder where it belongs."""

import argparse
import json

import msgspec

from limner.app.commands.command import Command, add_places
from limner.app.settings import read_settings


def _configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "name",
        help="a name of `limner models catalogue`, org/repository[/file], civitai:MODEL@VERSION, s3://bucket/key, URL",
    )
    parser.add_argument("--into", metavar="KIND", default="", help="kind of model: checkpoints, loras, vae ...")
    parser.add_argument(
        "--name",
        dest="file_name",
        metavar="FILE",
        default="",
        help="what to call the file here; may begin with folders",
    )
    parser.add_argument("--revision", default="", help="branch, tag or commit of a repository; version of a model")
    parser.add_argument(
        "--include", metavar="PATTERN", action="append", default=[], help="take these files of a repository; repeatable"
    )
    parser.add_argument("--dry-run", action="store_true", help="say what would be done, and do nothing")
    parser.add_argument("--yes", action="store_true", help="agree to licences and to pickles without being asked")
    parser.add_argument("--connections", type=int, default=4, metavar="N", help="connections at once (default: 4)")
    parser.add_argument("--json", action="store_true", help="print one JSON object instead of paths")
    add_places(parser)


def _run(arguments: argparse.Namespace) -> int:
    from limner.app.pulling import PullDisplay, agree, plan_lines, puller_for
    from limner.hub.plan import Choice, as_document
    from limner.hub.source import Wanted

    puller = puller_for(read_settings(vars(arguments)), private=True)
    wanted = Wanted(arguments.name, arguments.revision, tuple(arguments.include))
    choice = Choice(arguments.into, arguments.file_name, arguments.connections)
    with PullDisplay(quiet=arguments.json) as display:
        plan = puller.plan(wanted, choice, display.take)
    if arguments.dry_run:
        print(json.dumps(as_document(plan), indent=1) if arguments.json else "\n".join(plan_lines(plan)))
        return 0
    agree(plan, agreed=arguments.yes)
    with PullDisplay(quiet=arguments.json) as display:
        finished = puller.carry_out(plan, display.take)
    if arguments.json:
        print(msgspec.json.format(msgspec.json.encode({"files": finished}), indent=1).decode())
    else:
        print("\n".join(done.path for done in finished))
    return 0


PULL = Command("pull", "Bring a model here: from a hub, a URL, or by a well-known name.", _configure, _run)
