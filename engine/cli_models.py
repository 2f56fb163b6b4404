"""The commands about models: what there is, what fits, install, import, verify, remove.

Thin over the engine process, except `install`: that starts the one program with a network.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from engine.cli_options import EXIT_CODES, PATH, EngineOptions, follow

if TYPE_CHECKING:
    from collections.abc import Callable

    from engine.protocol import ModelEntry, ModelRequest


@click.group(epilog=EXIT_CODES, invoke_without_command=True)
@click.pass_context
def models(context: click.Context) -> None:
    """List models, and install, import, verify or remove them.

    \b
    twofold models                          what there is, what fits this machine
    twofold models install laptop           a pack, or single models, from their hub
    twofold models import /media/usb        from a folder; no network at all
    twofold models use my-llm.gguf --name my-llm --role proposer
    """
    if context.invoked_subcommand is None:
        context.invoke(list_models)


@models.command("list", epilog=EXIT_CODES)
@click.pass_obj
def list_models(options: EngineOptions) -> None:
    """List every model: what it is for, its size and licence, whether it fits this machine."""
    from engine.protocol import ListModels
    from engine.terminal_models import print_models

    with options.engine() as client:
        print_models(client.result(ListModels(client.new_id())).models)


@models.command(epilog=EXIT_CODES)
@click.argument("names", nargs=-1, required=True)
@click.option("-q", "--quiet", is_flag=True, help="Print nothing but errors.")
@click.pass_obj
def install(options: EngineOptions, names: tuple[str, ...], quiet: bool) -> None:
    """Fetch models or packs from their hub; the only command that uses the network.

    It runs in a program of its own, which never sees an image. What was fetched before an
    interruption is kept; nothing is used before it is verified.
    """
    from engine.install_client import Installer, install_command
    from engine.weights.manifest import load_manifest
    from engine.weights.shelf import OWN, models_root

    root = models_root(options.data_dir)
    asked = load_manifest(root / OWN).named(names)
    with Installer(install_command(root, names)) as installer:
        follow(installer.events(), installer.cancel, installer.events, quiet=quiet)
    if quiet:
        return
    if own := [spec.name for spec in asked if spec.bundled]:
        click.echo(f"Comes with Twofold, so there already: {', '.join(own)}", err=True)
    if len(own) < len(asked):
        click.echo(f"Installed: {', '.join(names)}", err=True)


@models.command("import", epilog=EXIT_CODES)
@click.argument("folder", type=PATH)
@click.option("--name", default="", help="The model whose files the folder holds.")
@click.option("-q", "--quiet", is_flag=True, help="Print nothing but errors.")
@click.pass_obj
def import_(options: EngineOptions, folder: Path, name: str, quiet: bool) -> None:
    """Copy models in from a folder or a USB drive, with every byte verified; no network at all."""
    from engine.protocol import ImportModels

    _change(options, lambda id_: ImportModels(id_, str(folder.absolute()), name), quiet)


@models.command(epilog=EXIT_CODES)
@click.argument("folder", type=PATH)
@click.argument("names", nargs=-1, required=True)
@click.option("-q", "--quiet", is_flag=True, help="Print nothing but errors.")
@click.pass_obj
def export(options: EngineOptions, folder: Path, names: tuple[str, ...], quiet: bool) -> None:
    """Copy installed models to a folder, for a machine without a network."""
    from engine.protocol import ExportModels

    _change(options, lambda id_: ExportModels(id_, names, str(folder.absolute())), quiet)


@models.command(epilog=EXIT_CODES)
@click.argument("names", nargs=-1)
@click.option("-q", "--quiet", is_flag=True, help="Print nothing but errors.")
@click.pass_obj
def verify(options: EngineOptions, names: tuple[str, ...], quiet: bool) -> None:
    """Read every byte of installed models again and compare it with what was installed."""
    from engine.protocol import VerifyModels

    _change(options, lambda id_: VerifyModels(id_, names), quiet)
    if not quiet:
        click.echo("Every file is what was installed.", err=True)


@models.command(epilog=EXIT_CODES)
@click.argument("name")
@click.pass_obj
def remove(options: EngineOptions, name: str) -> None:
    """Delete an installed model. Files that belong to another program are left alone."""
    from engine.protocol import RemoveModel

    _change(options, lambda id_: RemoveModel(id_, name), True)
    click.echo(f"Removed: {name}", err=True)


@models.command(epilog=EXIT_CODES)
@click.argument("path", type=PATH)
@click.option("--name", required=True, help="Of the manifest, or a new name for your own model.")
@click.option(
    "--role",
    "roles",
    multiple=True,
    type=click.Choice(["captioner", "proposer", "ranker"]),
    help="What a model of your own is for; repeatable.",
)
@click.option("--projector", type=PATH, help="The image part of a GGUF vision model.")
@click.option("-q", "--quiet", is_flag=True, help="Print nothing but errors.")
@click.pass_obj
def use(
    options: EngineOptions,
    path: Path,
    name: str,
    roles: tuple[str, ...],
    projector: Path | None,
    quiet: bool,
) -> None:
    """Use a model where it lies: another program's folder, or a plain GGUF file."""
    from engine.protocol import UseModel

    second = str(projector.absolute()) if projector else ""
    _change(options, lambda id_: UseModel(id_, str(path.absolute()), name, roles, second), quiet)


def _change(
    options: EngineOptions, request: Callable[[str], ModelRequest], quiet: bool
) -> tuple[ModelEntry, ...]:
    with options.engine() as client:
        asked = request(client.new_id())
        done = follow(
            client.ask(asked), lambda: client.cancel(asked.id), client.events, quiet=quiet
        )
    return done.models
