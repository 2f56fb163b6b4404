"""The command line: everything the window does, in words. Thin over the engine process.

Imports neither torch nor Qt nor numpy: `twofold --help` answers at once.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from engine import __version__
from engine.cli_bench import bench
from engine.cli_models import models
from engine.cli_options import (
    EXIT_CODES,
    PATH,
    EngineOptions,
    changed_options,
    follow,
    recipe_path,
)
from engine.errors import Cancelled, InputError, TwofoldError

if TYPE_CHECKING:
    from engine.client import EngineClient
    from engine.vocabulary import Comparison


WITHOUT_MODELS = (
    "Recipe “measured”: no model is installed, so what the images show was not looked at.\n"
    "  → “twofold models” lists what could be; “twofold models install laptop” fetches a set."
)


@click.group(epilog=EXIT_CODES, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="twofold")
@click.option(
    "--data-dir",
    type=PATH,
    envvar="TWOFOLD_DATA",
    help="Folder for comparisons and caches, instead of the user's own.",
)
@click.option("--require-lock", is_flag=True, help="Refuse to work when the network is not locked.")
@click.pass_context
def cli(context: click.Context, data_dir: Path | None, require_lock: bool) -> None:
    """Tells two folders of images apart, in words, on this machine alone."""
    context.obj = EngineOptions(data_dir, require_lock)


def report_options(command: Any) -> Any:
    """Options of everything that writes a report."""
    options = (
        click.option("--report", "pdf", type=PATH, help="Write the PDF report to this file."),
        click.option("--html", type=PATH, help="Write the report as one HTML file."),
        click.option("--json", "json_", type=PATH, help="Write everything as JSON."),
        click.option("--table", "csv_", type=PATH, help="Write the findings as a CSV table."),
        click.option(
            "--thumbnails",
            type=click.Choice(["full", "blurred", "none"]),
            default="full",
            show_default=True,
            help="How the report shows images.",
        ),
        click.option("--file-names", is_flag=True, help="Show file names in the report."),
        click.option(
            "--paper",
            type=click.Choice(["a4", "us-letter"]),
            default="a4",
            show_default=True,
            help="Paper size of the PDF.",
        ),
        click.option("--date", default="", help="Date printed on the report (YYYY-MM-DD)."),
    )
    for option in reversed(options):  # the last one applied is the first one in the help
        command = option(command)
    return command


@cli.command(epilog=EXIT_CODES)
@click.argument("folders", nargs=-1, type=PATH)
@click.option("--a", "files_a", type=PATH, multiple=True, help="Folder or file of A; repeatable.")
@click.option("--b", "files_b", type=PATH, multiple=True, help="Folder or file of B; repeatable.")
@click.option("--csv", "table", type=PATH, help="Compare the images named in this table instead.")
@click.option("--path-column", default="path", show_default=True, help="Column with the files.")
@click.option("--group-column", default="group", show_default=True, help="Column with the sides.")
@click.option("--caption-column", default="caption", show_default=True, help="Column with texts.")
@click.option("--group-a", default="", help="Value of the group column that is side A.")
@click.option("--group-b", default="", help="Value of the group column that is side B.")
@click.option("--label-a", default="", help="Name of side A in tables and reports.")
@click.option("--label-b", default="", help="Name of side B in tables and reports.")
@click.option("--no-recursive", is_flag=True, help="Leave subfolders out.")
@click.option(
    "--recipe",
    default="auto",
    show_default=True,
    help="paper, workstation, laptop, measured, or a .toml file; auto takes the best one whose "
    "models are installed. For trying out: pocket, which knows only rendered scenes.",
)
@click.option("--goal", default="", help="What you want to know, for the language model.")
@click.option(
    "--set",
    "changes",
    multiple=True,
    metavar="NAME=VALUE",
    help="Change an option of the recipe, as language.rounds=5; repeatable.",
)
@click.option("--seed", type=int, default=0, show_default=True, help="Seed of every random choice.")
@click.option("--ephemeral", is_flag=True, help="Keep nothing once this command has ended.")
@click.option(
    "--show",
    type=click.IntRange(min=0),
    default=20,
    show_default=True,
    help="Findings printed on the terminal.",
)
@click.option("-q", "--quiet", is_flag=True, help="Print nothing but errors.")
@report_options
@click.pass_obj
def compare(
    options: EngineOptions,
    /,
    folders: tuple[Path, ...],
    files_a: tuple[Path, ...],
    files_b: tuple[Path, ...],
    table: Path | None,
    path_column: str,
    group_column: str,
    caption_column: str,
    group_a: str,
    group_b: str,
    label_a: str,
    label_b: str,
    no_recursive: bool,
    recipe: str,
    goal: str,
    changes: tuple[str, ...],
    seed: int,
    ephemeral: bool,
    show: int,
    quiet: bool,
    **targets: Any,
) -> None:
    """Compare two folders (or files), or one folder that holds two.

    \b
    twofold compare A B --report out.pdf
    twofold compare PARENT                  a folder with exactly two subfolders
    twofold compare --a F1 --a F2 --b G     several folders or files a side
    twofold compare --csv table.csv         columns path, group and, if any, caption
    """
    from engine.protocol import Compare, Job, SetSource, TableSource

    job: dict[str, Any] = {"recipe": recipe_path(recipe), "seed": seed, "goal": goal}
    job["options"] = changed_options(changes)
    job |= {"label_a": label_a, "label_b": label_b}
    if sum((bool(folders), bool(files_a or files_b), table is not None)) != 1:
        raise click.UsageError(
            "Give two folders, one folder that holds two, --a and --b, or --csv FILE."
        )
    if table is not None:
        job["table"] = TableSource(
            str(table.absolute()), path_column, group_column, caption_column, group_a, group_b
        )
    elif len(folders) == 1:
        job["parent"] = str(folders[0].absolute())
    elif len(folders) > 2:
        raise click.UsageError("Give two folders; further ones of a side by --a and --b.")
    else:
        pair: list[tuple[Path, ...]] = [(folder,) for folder in folders]
        for name, paths in zip("ab", pair or [files_a, files_b], strict=True):
            chosen = tuple(str(path.absolute()) for path in paths)
            if chosen:
                job[name] = SetSource(chosen, recursive=not no_recursive)
    with options.engine(ephemeral=ephemeral) as client:
        comparison = _run(client, Compare(client.new_id(), Job(**job)), quiet)
        _present(client, comparison, show, quiet)
        if not quiet and recipe == "auto" and not comparison.settings.models:
            click.echo(WITHOUT_MODELS, err=True)
        _export(client, comparison.id, targets, quiet)


@cli.command(epilog=EXIT_CODES)
@click.argument("comparison")
@click.option("--show", type=click.IntRange(min=0), default=20, show_default=True)
@click.option("-q", "--quiet", is_flag=True, help="Print nothing but errors.")
@report_options
@click.pass_obj
def report(
    options: EngineOptions, /, comparison: str, show: int, quiet: bool, **targets: Any
) -> None:
    """Show a stored comparison again, and write its report."""
    from engine.protocol import Open

    with options.engine() as client:
        found = client.result(Open(client.new_id(), comparison)).comparison
        assert found is not None
        _present(client, found, show, quiet)
        _export(client, found.id, targets, quiet)


@cli.command(epilog=EXIT_CODES)
@click.argument("comparison")
@click.option("--show", type=click.IntRange(min=0), default=20, show_default=True)
@click.option("-q", "--quiet", is_flag=True, help="Print nothing but errors.")
@report_options
@click.pass_obj
def rerun(
    options: EngineOptions, /, comparison: str, show: int, quiet: bool, **targets: Any
) -> None:
    """Compare again what a stored comparison compared, as the folders are now."""
    from engine.protocol import Rerun

    with options.engine() as client:
        found = _run(client, Rerun(client.new_id(), comparison), quiet)
        _present(client, found, show, quiet)
        _export(client, found.id, targets, quiet)


@cli.command("list", epilog=EXIT_CODES)
@click.pass_obj
def list_(options: EngineOptions) -> None:
    """List the stored comparisons, newest first."""
    from engine.protocol import ListComparisons
    from engine.terminal import print_entries

    with options.engine() as client:
        print_entries(client.result(ListComparisons(client.new_id())).entries)


@cli.command(epilog=EXIT_CODES)
@click.argument("comparison", required=False)
@click.option("--all", "everything", is_flag=True, help="Forget every comparison and cache.")
@click.pass_obj
def forget(options: EngineOptions, comparison: str | None, everything: bool) -> None:
    """Delete a stored comparison without trace. The images themselves are never touched."""
    from engine.protocol import Forget

    if everything == (comparison is not None):
        raise click.UsageError("Give one comparison's id, or --all.")
    with options.engine() as client:
        done = client.result(Forget(client.new_id(), "*" if everything else comparison or ""))
        click.echo(f"Forgotten: {done.forgotten}")


@cli.command(epilog=EXIT_CODES)
@click.pass_obj
def doctor(options: EngineOptions) -> None:
    """Say what works on this machine, first of all the network lock."""
    from engine.protocol import Doctor
    from engine.terminal import print_checks

    with options.engine() as client:
        print_checks(client.result(Doctor(client.new_id())).checks)


cli.add_command(models)
cli.add_command(bench)


def _run(client: EngineClient, request: Any, quiet: bool) -> Comparison:
    events = client.ask(request)
    done = follow(events, lambda: client.cancel(request.id), client.events, quiet=quiet)
    assert done.comparison is not None
    return done.comparison


def _present(client: EngineClient, comparison: Comparison, show: int, quiet: bool) -> None:
    from engine.terminal import print_comparison

    if not quiet:
        print_comparison(comparison, show, kept=not client.welcome.ephemeral)


def _export(client: EngineClient, comparison_id: str, targets: dict[str, Any], quiet: bool) -> None:
    from engine.protocol import Export, ReportOptions

    chosen = ReportOptions(
        thumbnails=targets["thumbnails"],
        file_names=targets["file_names"],
        paper=targets["paper"],
        date=targets["date"],
    )
    formats = {"pdf": "pdf", "html": "html", "json_": "json", "csv_": "csv"}
    for option, name in formats.items():
        target: Path | None = targets[option]
        if target is not None:
            path = str(target.absolute())
            client.result(Export(client.new_id(), comparison_id, path, name, chosen))
            if not quiet:
                click.echo(f"Written: {target}", err=True)


def main() -> None:
    """Entry point of `twofold`."""
    for stream in (sys.stdout, sys.stderr):
        # names of files need not be valid in the terminal's encoding
        stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    try:
        cli.main(standalone_mode=False)
    except click.exceptions.Abort:
        sys.exit(Cancelled.exit_status)
    except click.ClickException as error:
        error.show()
        sys.exit(InputError.exit_status)
    except Cancelled:
        click.echo("Cancelled. What was read so far is kept.", err=True)
        sys.exit(Cancelled.exit_status)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(0)
    except TwofoldError as error:
        click.echo(f"Error: {error.message}", err=True)
        if error.hint:
            click.echo(f"  → {error.hint}", err=True)
        click.echo(f"  [{error.code}]", err=True)
        sys.exit(error.exit_status)


if __name__ == "__main__":
    main()
