"""A contact sheet of the rendered world: python -m engine.bench.rendered.sheet OUT.png"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import numpy as np
from PIL import Image

from engine.bench.rendered.draw import draw_scene
from engine.bench.rendered.kinds import FACTS
from engine.bench.rendered.scene import Scene, random_scene
from engine.bench.rendered.world import (
    Activity,
    Colour,
    Count,
    Frame,
    Kind,
    Light,
    Pattern,
    Place,
    Relation,
    Setting,
    Size,
    Style,
    Weather,
)

__all__ = ["contact_sheet", "every_value"]

_GAP_PX = 2
_GREY = (120, 120, 120)

#: nothing that would draw attention from the value that is shown
_CALM: dict[str, Any] = {
    "size": Size.MEDIUM,
    "count": Count.ONE,
    "place": Place.CENTRE,
    "relation": Relation.NONE,
    "weather": Weather.PLAIN,
    "light": Light.DAYLIGHT,
    "style": Style.PHOTO,
    "frame": Frame.NONE,
}


def every_value(rng: np.random.Generator) -> Iterator[Scene]:
    """One calm scene for each value of each dimension, then one for each host of each relation."""
    fixed: list[dict[str, Any]] = [{"kind": kind} for kind in Kind]
    for kind in (Kind.DOG, Kind.WOMAN):
        fixed += [{"kind": kind, "activity": activity} for activity in FACTS[kind].activities]
    fixed += [{"kind": Kind.BIRD, "activity": Activity.FLYING}]
    fixed += [{"kind": Kind.CAR, "colour": colour} for colour in Colour]
    fixed += [{"kind": Kind.BOX, "pattern": pattern} for pattern in Pattern]
    fixed += [{"kind": Kind.BALL, "setting": setting} for setting in Setting]
    fixed += [{"kind": Kind.HORSE, "weather": weather} for weather in Weather]
    fixed += [{"kind": Kind.CAT, "light": light} for light in Light]
    fixed += [{"kind": Kind.BUS, "style": style} for style in Style]
    fixed += [{"kind": Kind.CHAIR, "frame": frame} for frame in Frame]
    fixed += [{"kind": Kind.TREE, "size": size} for size in Size]
    fixed += [{"kind": Kind.MUSHROOM, "place": place} for place in Place]
    fixed += [{"kind": Kind.APPLE, "count": count} for count in Count]
    fixed += [
        {"relation": relation, "other": other}
        for relation in Relation
        for other, facts in FACTS.items()
        if relation in facts.hosts
    ]
    for wish in fixed:
        yield random_scene(rng, **{**_CALM, **wish})


def contact_sheet(scenes: list[Scene], size_px: int, columns: int) -> Image.Image:
    """The scenes in rows, from the upper left."""
    rows = -(-len(scenes) // columns)
    step = size_px + _GAP_PX
    sheet = Image.new("RGB", (columns * step - _GAP_PX, rows * step - _GAP_PX), _GREY)
    for k, scene in enumerate(scenes):
        picture = Image.fromarray(draw_scene(scene, size_px))
        sheet.paste(picture, (k % columns * step, k // columns * step))
    return sheet


@click.command()
@click.argument("path", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--size", "size_px", default=96, show_default=True, help="Side of one scene, pixels.")
@click.option("--columns", default=16, show_default=True, help="Scenes in a row.")
@click.option("--seed", default=0, show_default=True, help="Another seed draws other scenes.")
@click.option("--random", "many", default=0, help="So many random scenes instead of every value.")
def main(path: Path, size_px: int, columns: int, seed: int, many: int) -> None:
    """Writes a contact sheet to PATH."""
    rng = np.random.default_rng(seed)
    scenes = [random_scene(rng) for _ in range(many)] if many else list(every_value(rng))
    contact_sheet(scenes, size_px, columns).save(path)
    click.echo(f"{path}: {len(scenes)} scenes")


if __name__ == "__main__":
    main()
