"""People: age at a day, and what follows from being under 18."""

from datetime import date

ADULT_AGE = 18


def age_on(birth_date: date, day: date) -> int:
    """Give the age in whole years on a day; born on 29 February turns older on 1 March."""
    before_birthday = (day.month, day.day) < (birth_date.month, birth_date.day)
    return day.year - birth_date.year - before_birthday


def is_adult(birth_date: date | None, day: date) -> bool:
    """Tell whether the person counts as 18 or more; an unknown birth date counts as adult."""
    return birth_date is None or age_on(birth_date, day) >= ADULT_AGE


def adult_born_by(day: date) -> date:
    """Give the latest birth date at which somebody is 18 or more on a day.

    Example:
        >>> adult_born_by(date(2028, 2, 29))
        datetime.date(2010, 2, 28)
    """
    try:
        return day.replace(year=day.year - ADULT_AGE)
    except ValueError:
        return day.replace(year=day.year - ADULT_AGE, day=28)
