"""Calendar systems: the Chinese table against the sky, the others against known new years."""

import math
from datetime import date
from itertools import pairwise

import pytest

from connectors.calendars.chronology import SYSTEMS
from connectors.calendars.values import EPOCH


@pytest.mark.parametrize(
    ("system", "year", "begins"),
    [
        ("HEBREW", 5784, "2023-09-16"),
        ("HEBREW", 5785, "2024-10-03"),
        ("HEBREW", 5786, "2025-09-23"),
        ("ETHIOPIC", 2015, "2022-09-11"),
        ("ETHIOPIC", 2016, "2023-09-12"),
        ("COPTIC", 1740, "2023-09-12"),
        ("ISLAMIC-CIVIL", 1445, "2023-07-19"),
        ("ISLAMIC-CIVIL", 1446, "2024-07-08"),
        ("ISLAMIC-TBLA", 1446, "2024-07-07"),
        ("CHINESE", 2024, "2024-02-10"),
        ("CHINESE", 2025, "2025-01-29"),
    ],
)
def test_a_year_begins_on_its_known_day(system: str, year: int, begins: str) -> None:
    assert date.fromordinal(SYSTEMS[system].months(year)[0].first + EPOCH).isoformat() == begins


@pytest.mark.parametrize("system", ["GREGORIAN", "HEBREW", "ETHIOPIC", "COPTIC", "CHINESE", "ISLAMIC-CIVIL"])
def test_every_day_lies_in_its_year_and_years_join(system: str) -> None:
    chronology = SYSTEMS[system]
    for day in range(-13_000, 32_000, 7):
        months = chronology.months(chronology.year_of(day))
        assert months[0].first <= day < months[-1].first + months[-1].days
    for year in range(chronology.year_of(-13_000), chronology.year_of(32_000)):
        last = chronology.months(year)[-1]
        assert chronology.months(year + 1)[0].first == last.first + last.days


def test_the_chinese_table_is_what_moon_and_sun_say() -> None:
    """New moons by Meeus, Astronomical Algorithms, chapter 49; the sun by chapter 25; days as clocks in China show them."""
    moons = [_china(_new_moon(k)) for k in range(-830, 760)]
    terms = [_term(day) for day in moons]
    eleventh = [i for i in range(len(moons) - 1) if terms[i] in (7, 8) and terms[i + 1] >= 9]  # the winter solstice falls in it
    named: dict[int, tuple[int, bool]] = {}
    for this, following in pairwise(eleventh):
        number, open_ = 11, following - this == 13
        named[this] = (11, False)
        for i in range(this + 1, following):
            if open_ and terms[i] == terms[i + 1]:
                named[i], open_ = (number, True), False
            else:
                number = number % 12 + 1
                named[i] = (number, False)
    for year in range(1934, 2060):
        months = SYSTEMS["CHINESE"].months(year)
        place = moons.index(months[0].first)
        assert [named[place + i] for i in range(len(months))] == [(month.number, month.leap) for month in months]
        assert [moons[place + i] for i in range(len(months))] == [month.first for month in months]


def _delta(year: float) -> float:
    """Dynamical time minus universal time in seconds (Espenak and Meeus)."""
    if year < 1941:
        t = year - 1920
        return 21.2 + 0.84493 * t - 0.0761 * t**2 + 0.0020936 * t**3
    if year < 1961:
        t = year - 1950
        return 29.07 + 0.407 * t - t**2 / 233 + t**3 / 2547
    if year < 1986:
        t = year - 1975
        return 45.45 + 1.067 * t - t**2 / 260 - t**3 / 718
    t = year - 2000
    if year < 2005:
        return 63.86 + 0.3345 * t - 0.060374 * t**2 + 0.0017275 * t**3 + 0.000651814 * t**4 + 0.00002373599 * t**5
    return 62.92 + 0.32217 * t + 0.005589 * t**2


def _china(dynamical: float) -> int:
    year = 2000 + (dynamical - 2451545) / 365.25
    return math.floor(dynamical - _delta(year) / 86400 + 8 / 24 + 0.5) - 2440588


def _term(day: int) -> int:
    """The twelfth of the sun's way that it is in when a day begins in China."""
    julian = day + 2440588 - 0.5 - 8 / 24
    return math.floor(_sun(julian + _delta(2000 + (julian - 2451545) / 365.25) / 86400) / 30)


def _sun(julian: float) -> float:
    t = (julian - 2451545) / 36525
    anomaly = math.radians(357.52911 + 35999.05029 * t - 0.0001537 * t**2)
    centre = (1.914602 - 0.004817 * t - 0.000014 * t**2) * math.sin(anomaly)
    centre += (0.019993 - 0.000101 * t) * math.sin(2 * anomaly) + 0.000289 * math.sin(3 * anomaly)
    node = math.radians(125.04 - 1934.136 * t)
    return (280.46646 + 36000.76983 * t + 0.0003032 * t**2 + centre - 0.00569 - 0.00478 * math.sin(node)) % 360


_PERIODIC = (  # coefficient, power of the eccentricity's factor, multiples of M, M', F
    (-0.40720, 0, 0, 1, 0), (0.17241, 1, 1, 0, 0), (0.01608, 0, 0, 2, 0), (0.01039, 0, 0, 0, 2), (0.00739, 1, -1, 1, 0),
    (-0.00514, 1, 1, 1, 0), (0.00208, 2, 2, 0, 0), (-0.00111, 0, 0, 1, -2), (-0.00057, 0, 0, 1, 2), (0.00056, 1, 1, 2, 0),
    (-0.00042, 0, 0, 3, 0), (0.00042, 1, 1, 0, 2), (0.00038, 1, 1, 0, -2), (-0.00024, 1, -1, 2, 0), (-0.00007, 0, 2, 1, 0),
    (0.00004, 0, 0, 2, -2), (0.00004, 0, 3, 0, 0), (0.00003, 0, 1, 1, -2), (0.00003, 0, 0, 2, 2), (-0.00003, 0, 1, 1, 2),
    (0.00003, 0, -1, 1, 2), (-0.00002, 0, -1, 1, -2), (-0.00002, 0, 1, 3, 0), (0.00002, 0, 0, 4, 0),
)  # fmt: skip
_PLANETS = (
    (299.77, 0.107408, 325), (251.88, 0.016321, 165), (251.83, 26.651886, 164), (349.42, 36.412478, 126), (84.66, 18.206239, 110),
    (141.74, 53.303771, 62), (207.14, 2.453732, 60), (154.84, 7.306860, 56), (34.52, 27.261239, 47), (207.19, 0.121824, 42),
    (291.34, 1.844379, 40), (161.72, 24.198154, 37), (239.56, 25.513099, 35), (331.55, 3.592518, 23),
)  # fmt: skip


def _new_moon(k: int) -> float:
    """Julian day, in dynamical time, of the k-th new moon since January 2000."""
    t = k / 1236.85
    factor = 1 - 0.002516 * t - 0.0000074 * t**2
    m = math.radians(2.5534 + 29.10535670 * k - 0.0000014 * t**2)
    moon = math.radians(201.5643 + 385.81693528 * k + 0.0107582 * t**2)
    f = math.radians(160.7108 + 390.67050284 * k - 0.0016118 * t**2)
    node = math.radians(124.7746 - 1.56375588 * k + 0.0020672 * t**2)
    at = 2451550.09766 + 29.530588861 * k + 0.00015437 * t**2 - 0.00017 * math.sin(node)
    at += sum(c * factor**power * math.sin(a * m + b * moon + d * f) for c, power, a, b, d in _PERIODIC)
    return at + sum(1e-6 * size * math.sin(math.radians(start + rate * k)) for start, rate, size in _PLANETS)
