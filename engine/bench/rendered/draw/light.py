"""What light and weather do to colours: the sky, and tints of the ground and of things."""

from __future__ import annotations

from dataclasses import dataclass

from engine.bench.rendered.draw.paint import RGB
from engine.bench.rendered.world import Light, Weather

__all__ = ["Mood", "mood"]


@dataclass(frozen=True, slots=True)
class Mood:
    """The light of a scene."""

    sky: tuple[RGB, RGB]  # high up, and above the horizon
    ground: RGB  # what is left of red, green and blue of the ground, each about 1
    things: RGB  # the same of things

    def earth(self, colour: RGB) -> RGB:
        """A colour of the ground or of the scenery in this light."""
        r, g, b = self.ground
        return colour[0] * r, colour[1] * g, colour[2] * b


_BY_WEATHER: dict[Weather, Mood] = {
    Weather.PLAIN: Mood(((146, 190, 226), (218, 232, 240)), (0.96, 0.96, 0.97), (1.0, 1.0, 1.0)),
    Weather.SUNNY: Mood(((44, 132, 232), (164, 214, 250)), (1.1, 1.08, 0.94), (1.1, 1.07, 0.98)),
    Weather.CLOUDY: Mood(
        ((150, 158, 170), (206, 210, 216)), (0.84, 0.85, 0.87), (0.93, 0.93, 0.95)
    ),
    Weather.RAINY: Mood(((92, 104, 122), (148, 160, 174)), (0.64, 0.69, 0.75), (0.82, 0.85, 0.9)),
    Weather.FOGGY: Mood(((206, 210, 214), (218, 220, 222)), (0.9, 0.91, 0.92), (0.92, 0.93, 0.94)),
    Weather.SNOWING: Mood(
        ((158, 168, 184), (204, 210, 220)), (0.88, 0.91, 0.97), (0.92, 0.94, 0.98)
    ),
    Weather.STORMY: Mood(((38, 40, 62), (92, 90, 112)), (0.5, 0.5, 0.6), (0.74, 0.74, 0.84)),
}
_BY_LIGHT: dict[Light, Mood] = {
    Light.SUNSET: Mood(((92, 66, 132), (255, 146, 60)), (1.0, 0.68, 0.52), (1.06, 0.8, 0.64)),
    Light.NIGHT: Mood(((8, 12, 38), (30, 42, 86)), (0.29, 0.33, 0.52), (0.58, 0.61, 0.84)),
    Light.BACKLIT: Mood(((250, 214, 150), (255, 246, 216)), (0.62, 0.54, 0.42), (0.13, 0.11, 0.12)),
    Light.SPOTLIGHT: Mood(((14, 13, 18), (26, 24, 30)), (0.2, 0.19, 0.2), (1.06, 1.03, 0.94)),
}


def mood(light: Light, weather: Weather) -> Mood:
    """The light of a scene; at other times than day the hour counts for more than the weather."""
    if light is Light.DAYLIGHT:
        return _BY_WEATHER[weather]
    return _BY_LIGHT[light]
