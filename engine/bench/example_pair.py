"""Writes the example pair: two folders of painted coast photographs with known differences.

Made for the demonstration, for pictures of the program, and for tests that ask whether the
program finds what was put in. Everything is drawn here; nothing is downloaded.
"""

from __future__ import annotations

import io
from pathlib import Path

import click
import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFilter

from engine.bench.example_plan import (
    COPIES,
    FEWEST_IMAGES,
    PLANS,
    PlannedImage,
    Truth,
    plan_image,
)
from engine.bench.example_truth import EXPECTED, NO_DIFFERENCE, Alike, BuiltIn
from engine.bench.scenes.camera import develop
from engine.bench.scenes.paint import paint
from engine.vocabulary import Side

__all__ = [
    "EXPECTED",
    "NO_DIFFERENCE",
    "Alike",
    "BuiltIn",
    "PlannedImage",
    "Truth",
    "truth",
    "write_example_pair",
]

_ROTATED = 6  # EXIF orientation: the camera was held upright, turned to the left
_TRUNCATED_AT = 0.55  # share of the bytes that are left of the damaged file
_NOTES = {
    Side.A: ("packing-list.jpg", "Tent, kettle, two mugs, rain jackets, the good binoculars.\n"),
    Side.B: ("tide-times.jpg", "High water 06:12 and 18:40. Low water 00:21 and 12:31.\n"),
}


def write_example_pair(folder: Path, *, images: int = 80, seed: int = 0) -> tuple[Path, Path]:
    """Writes “Coast 2019” (A) and “Coast 2024” (B) into folder and returns both paths.

    Each holds `images` readable images, each with a caption in a .txt file beside it. Built in:

    - content: sailing boats in 55 % of A and 15 % of B; a lighthouse in 12 % of A and 50 % of B;
      both in the pixels and in the captions.
    - light: B was taken later in the day, so it is darker and warmer (AUROC about 0.8 each);
      captions and the hour in the metadata follow.
    - frame: the straight white border of a paper print around 35 % of A and 4 % of B.
    - a confound: half of B comes from another camera, the Lumen X2, which smooths and compresses
      more; among images of one camera, sharpness, grain and JPEG quality are alike.
    - time: A says 2019 and B says 2024, in the nine images of ten that say when.
    - no difference in size, clouds, birds, trees, cottages, ground, exposure, season, position.
    - real life, in each folder: one truncated JPEG, one text file named .jpg, one JPEG turned
      by EXIF, one PNG with transparency, one 16-bit TIFF. Two images of A stand in B byte for
      byte, and a third one saved again, smaller.

    The same seed gives the same bytes with the same versions of Python, numpy and Pillow; image
    number k does not depend on how many there are. Files of an earlier run are written anew.
    Raises ValueError when images is below 20, and FileExistsError, having written nothing, when
    one of the two folders holds a file that is not part of this pair.
    """
    plan = truth(seed, images=images)
    folders = {side: folder / PLANS[side].label for side in Side}
    for side, target in folders.items():
        _refuse_strangers(target, plan.names(side))
    for target in folders.values():
        target.mkdir(parents=True, exist_ok=True)
    for planned in plan.a:
        _write(folders[Side.A], planned, _photograph(planned, seed))
    for planned in plan.b:
        if planned.stored == "exact":
            data = (folders[Side.A] / planned.copy_of).read_bytes()
            _write_bytes(folders[Side.B], planned, data)
        elif planned.stored == "smaller":
            _write_smaller(folders[Side.B], planned, folders[Side.A] / planned.copy_of)
        else:
            _write(folders[Side.B], planned, _photograph(planned, seed))
    for side in Side:
        _write_unreadable(folders[side], plan, side)
    return folders[Side.A], folders[Side.B]


def truth(seed: int = 0, *, images: int = 80) -> Truth:
    """What is true of the pair that write_example_pair writes; paints nothing.

    Raises ValueError when images is below 20.
    """
    if images < FEWEST_IMAGES:
        raise ValueError(f"The example pair needs at least {FEWEST_IMAGES} images a side.")
    a = tuple(plan_image(Side.A, index, seed) for index in range(images))
    b = tuple(plan_image(Side.B, index, seed) for index in range(images))
    return Truth(
        a=a,
        b=b,
        shared=tuple((b[k].copy_of, b[k].name, how == "exact") for k, how in COPIES.items()),
        unreadable_a=_unreadable(Side.A),
        unreadable_b=_unreadable(Side.B),
    )


def _refuse_strangers(folder: Path, names: set[str]) -> None:
    if not folder.exists():
        return
    strangers = sorted(path.name for path in folder.iterdir() if path.name not in names)
    if strangers:
        raise FileExistsError(f"“{folder.name}” holds other files, such as “{strangers[0]}”.")


def _unreadable(side: Side) -> dict[str, str]:
    return {_recovered(side): "damaged", _NOTES[side][0]: "not_an_image"}


def _recovered(side: Side) -> str:
    return f"coast-{PLANS[side].year}-recovered.jpg"


def _photograph(planned: PlannedImage, seed: int) -> npt.NDArray[np.uint8]:
    own = 0 if planned.side is Side.A else 1
    rng = np.random.default_rng([seed, own, planned.index, 2])
    return develop(paint(planned.scene), planned.camera, planned.border, rng)


def _write(folder: Path, planned: PlannedImage, pixels: npt.NDArray[np.uint8]) -> None:
    image = Image.fromarray(pixels)
    if planned.stored == "png":
        data = _png(image)
    elif planned.stored == "tiff":
        data = _tiff(pixels)
    elif planned.stored == "rotated":
        turned = image.transpose(Image.Transpose.ROTATE_90)
        data = _jpeg(turned, planned.quality, _exif(planned, orientation=_ROTATED))
    else:
        data = _jpeg(image, planned.quality, _exif(planned, orientation=1))
    _write_bytes(folder, planned, data)


def _write_bytes(folder: Path, planned: PlannedImage, data: bytes) -> None:
    path = folder / planned.name
    path.write_bytes(data)
    path.with_suffix(".txt").write_text(planned.caption + "\n", encoding="utf-8", newline="\n")


def _write_smaller(folder: Path, planned: PlannedImage, original: Path) -> None:
    with Image.open(original) as image:
        size = (round(image.width * 0.62), round(image.height * 0.62))
        smaller = image.resize(size, Image.Resampling.LANCZOS)
    _write_bytes(folder, planned, _jpeg(smaller, 84, Image.Exif()))


def _write_unreadable(folder: Path, plan: Truth, side: Side) -> None:
    """A copy of the first image that lost its end, and a note under the wrong name."""
    whole = (folder / plan.images(side)[0].name).read_bytes()
    (folder / _recovered(side)).write_bytes(whole[: int(len(whole) * _TRUNCATED_AT)])
    name, text = _NOTES[side]
    (folder / name).write_text(text, encoding="utf-8", newline="\n")


def _jpeg(image: Image.Image, quality: int, exif: Image.Exif) -> bytes:
    out = io.BytesIO()
    image.save(out, "JPEG", quality=quality, exif=exif)
    return out.getvalue()


def _png(image: Image.Image) -> bytes:
    """Cut out along a soft-edged round frame, transparent outside."""
    mask = Image.new("L", image.size)
    edge = round(min(image.size) * 0.05)
    ImageDraw.Draw(mask).rounded_rectangle(
        (edge, edge, image.width - edge, image.height - edge), radius=3 * edge, fill=255
    )
    cut = image.convert("RGBA")
    cut.putalpha(mask.filter(ImageFilter.GaussianBlur(edge / 6)))
    out = io.BytesIO()
    cut.save(out, "PNG")
    return out.getvalue()


def _tiff(pixels: npt.NDArray[np.uint8]) -> bytes:
    """Grey, 16 bits, using 12 of them, as a scientific camera writes."""
    weights = np.array((0.299, 0.587, 0.114), dtype=np.float32)
    grey = (pixels.astype(np.float32) @ weights) * np.float32(4095 / 255)
    out = io.BytesIO()
    Image.fromarray(grey.astype(np.uint16)).save(out, "TIFF")
    return out.getvalue()


def _exif(planned: PlannedImage, *, orientation: int) -> Image.Exif:
    """What the camera writes down; exposure and lens are drawn alike for both sides."""
    exif = Image.Exif()
    exif[0x010F] = planned.camera.make
    exif[0x0110] = planned.camera.name
    exif[0x0112] = orientation
    details = exif.get_ifd(0x8769)
    details[0x829A] = planned.exposure_s
    details[0x829D] = planned.f_number
    details[0x8827] = planned.iso
    details[0x920A] = float(planned.focal_mm)
    if planned.taken is not None:
        stamp = f"{planned.taken:%Y:%m:%d %H:%M:%S}"
        exif[0x0132] = stamp
        details[0x9003] = stamp
    if planned.has_position:
        # the middle of the Atlantic: nobody's home
        position = exif.get_ifd(0x8825)
        position[1], position[2] = "N", (41.0, float(planned.index % 60), 0.0)
        position[3], position[4] = "W", (38.0, float(planned.index * 7 % 60), 0.0)
    return exif


@click.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option("--images", default=80, show_default=True, help="Images a side, at least 20.")
@click.option("--seed", default=0, show_default=True, help="Another seed gives other images.")
def main(folder: Path, images: int, seed: int) -> None:
    """Writes the example pair into FOLDER."""
    try:
        a, b = write_example_pair(folder, images=images, seed=seed)
    except (ValueError, FileExistsError) as error:
        raise click.ClickException(str(error)) from None
    click.echo(f"{a}\n{b}")


if __name__ == "__main__":
    main()
