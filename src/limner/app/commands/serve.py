"""``limner serve``: the server and its worker."""

import argparse
import sys

from limner.app.comfy_flags import add_comfy_flags, with_comfy_flags
from limner.app.commands.command import Command, add_device, add_memory, add_packs, add_places
from limner.app.settings import PORT, read_settings


def _configure(parser: argparse.ArgumentParser) -> None:
    add_places(parser)
    add_device(parser)
    _add_addresses(parser)
    parser.add_argument("--input", metavar="DIR", help="pictures that workflows load (default: DATA/input)")
    parser.add_argument("--output", metavar="DIR", help="pictures that workflows save (default: DATA/output)")
    parser.add_argument("--temp", metavar="DIR", help="previews, emptied at start (default: DATA/temp)")
    parser.add_argument("--user", metavar="DIR", help="settings and workflows of people (default: DATA/user)")
    parser.add_argument("--concurrency", type=int, metavar="N", help="jobs that run at once (default: 4)")
    parser.add_argument("--previews", action="store_true", default=None, help="send pictures of intermediate states")
    parser.add_argument(
        "--multi-user",
        action="store_true",
        default=None,
        help="keep the settings and workflows of several people apart",
    )
    _add_pages(parser)
    parser.add_argument(
        "--feature-flag",
        dest="feature_flags",
        action="append",
        metavar="KEY=VALUE",
        help="a further flag for /features; repeatable",
    )
    _add_names(parser)
    parser.add_argument(
        "--providers", metavar="FILE", help="other services that draw for this one (default: DATA/providers.yaml)"
    )
    _add_deliveries(parser)
    parser.add_argument("--log-level", metavar="LEVEL", help="debug, info, warning, error, critical (default: info)")
    parser.add_argument(
        "--no-warm",
        dest="warm",
        action="store_false",
        default=None,
        help="do not load the built-in model before the first job asks for something",
    )
    add_memory(parser)
    add_packs(parser)
    parser.add_argument(
        "--allow-node-install", action="store_true", default=None, help="let node packs be installed over HTTP"
    )
    parser.add_argument(
        "--allow-private-sources",
        action="store_true",
        default=None,
        help="let clients have models and pictures fetched from this machine's own network",
    )
    add_comfy_flags(parser)


def _add_pages(parser: argparse.ArgumentParser) -> None:
    """ComfyUI's own page."""
    parser.add_argument(
        "--frontend",
        choices=("comfyui", "none"),
        help="serve ComfyUI's own web front end at / (pip install 'limner[comfyui-frontend]'; default: none)",
    )
    parser.add_argument(
        "--no-classic",
        dest="classic",
        action="store_false",
        default=None,
        help="do not serve that front end at /classic/ beside the studio, where it is installed",
    )


def _add_names(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--default-model",
        metavar="NAME",
        help="checkpoint, or app/NAME, for requests that name none (default: the first checkpoint)",
    )
    parser.add_argument(
        "--model-alias",
        dest="model_aliases",
        action="append",
        metavar="NAME=CHECKPOINT",
        help="what a model's name in OpenAI's API means here (dall-e-3=sdxl, dall-e-3=app/poster); repeatable",
    )


def _add_deliveries(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("what follows jobs (docs/storage.md, docs/webhooks.md)")
    group.add_argument(
        "--store",
        metavar="ADDRESS",
        help="bring every job's files there: s3://bucket/prefix?region=R, cos:// ...",
    )
    group.add_argument("--stores", metavar="FILE", help="further stores by name, with their keys")
    group.add_argument(
        "--allow-request-stores", action="store_true", default=None, help="let requests bring stores and keys of theirs"
    )
    group.add_argument(
        "--webhook",
        dest="webhooks",
        action="append",
        metavar="URL",
        help="tell this address how every job ended; repeatable",
    )
    group.add_argument(
        "--allow-private-webhooks",
        action="store_true",
        default=None,
        help="let requests have addresses of this machine's own network told",
    )


def _add_addresses(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--host", help="address to listen on (default: 127.0.0.1)")
    parser.add_argument("--port", type=int, metavar="N", help=f"TCP port (default: {PORT}; 0: a free one)")
    parser.add_argument(
        "--accounts",
        choices=("auto", "on", "off"),
        help="ask for keys (limner keys); auto: where other machines can reach the server (default)",
    )
    parser.add_argument(
        "--allow-remote", action="store_true", default=None, help="listen beyond loopback and ask for no key"
    )
    parser.add_argument(
        "--allow-origin",
        dest="allowed_origins",
        action="append",
        metavar="ORIGIN",
        help="let pages of this origin talk to the server (https://example.org); repeatable",
    )
    parser.add_argument(
        "--public-url", metavar="URL", help="where clients reach this server, if not under the name they call it by"
    )
    parser.add_argument(
        "--ready-queue", type=int, metavar="N", help="/readyz answers 503 while more jobs wait (default: never)"
    )
    parser.add_argument("--max-upload-size", type=float, metavar="MB", help="largest upload (default: 100)")
    parser.add_argument("--tls-key", metavar="FILE", help="private key, to speak HTTPS")
    parser.add_argument("--tls-certificate", metavar="FILE", help="certificate, to speak HTTPS")


def _run(arguments: argparse.Namespace) -> int:
    from limner.app.serving import serve  # The server is imported only by the command that needs it.

    chosen, notes = with_comfy_flags(vars(arguments))
    for note in notes:
        print(note, file=sys.stderr)
    return serve(read_settings(chosen))


SERVE = Command("serve", "Serve pictures from this machine: ComfyUI's API, A1111's, OpenAI's, apps.", _configure, _run)
