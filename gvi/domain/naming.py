"""Names of people: folding them for search and comparison, and code names that stand for them."""

import re
import unicodedata
from collections.abc import Callable, Iterator
from itertools import count

# Letters that carry no separable accent, as written by somebody without the key for them.
_PLAIN = str.maketrans({"ø": "o", "æ": "ae", "œ": "oe", "đ": "d", "ð": "d", "ł": "l", "þ": "th"})
_APOSTROPHES = frozenset("'’\N{LEFT SINGLE QUOTATION MARK}`\N{ACUTE ACCENT}")


def folded(name: str) -> str:
    """Give a name as it is compared: lower case, without accents and punctuation, single spaces.

    Apostrophes vanish, every other mark parts words, so that both spellings of a double name meet.

    Example:
        >>> folded("  Åsa-Märta O’Brien ")
        'asa marta obrien'
    """
    bare = unicodedata.normalize("NFKD", name.casefold().translate(_PLAIN))
    kept = (c for c in bare if not unicodedata.combining(c) and c not in _APOSTROPHES)
    return " ".join("".join(c if c.isalnum() else " " for c in kept).split())


_BIRDS = """
Lom Tärna Spov Ejder Järpe Siska Alka Trast Korp Mes Vipa Duva Skata Kaja Råka Kråka Stare Lärka
Svala Ärla Bofink Domherre Sidensvans Nötväcka Gärdsmyg Rödhake Näktergal Koltrast Björktrast
Taltrast Dubbeltrast Rödvinge Ringtrast Stenskvätta Buskskvätta Rödstjärt Blåhake Lövsångare
Gransångare Grönsångare Rörsångare Sävsångare Kärrsångare Härmsångare Ärtsångare Törnsångare
Trädgårdssångare Svarthätta Kungsfågel Talgoxe Blåmes Svartmes Tofsmes Entita Talltita Stjärtmes
Skäggmes Pungmes Trädkrypare Törnskata Varfågel Nötskrika Lavskrika Nötkråka Gråsparv Pilfink
Bergfink Grönfink Steglits Grönsiska Hämpling Gråsiska Vinterhämpling Korsnäbb Rosenfink
Stenknäck Gulsparv Sävsparv Snösparv Ortolan Sånglärka Trädlärka Berglärka Backsvala Hussvala
Ladusvala Tornseglare Sädesärla Gulärla Forsärla Ängspiplärka Trädpiplärka Skärpiplärka
Strömstare Gök Kungsfiskare Göktyta Gröngöling Spillkråka Hackspett Gråspett Härfågel Blåkråka
Nattskärra Ringduva Skogsduva Turkduva Turturduva Tornfalk Lärkfalk Stenfalk Pilgrimsfalk
Jaktfalk Sparvhök Duvhök Ormvråk Fjällvråk Bivråk Glada Brunkärrhök Fiskgjuse Havsörn Kungsörn
Kattuggla Slaguggla Lappuggla Hornuggla Jorduggla Pärluggla Sparvuggla Hökuggla Berguv
Fjälluggla Tornuggla Orre Tjäder Dalripa Fjällripa Rapphöna Vaktel Fasan Kornknarr Sothöna
Rörhöna Vattenrall Trana Häger Rördrom Stork Knölsvan Sångsvan Grågås Sädgås Bläsgås Kanadagås
Prutgås Gravand Gräsand Kricka Årta Bläsand Snatterand Stjärtand Skedand Vigg Brunand Bergand
Alfågel Svärta Sjöorre Knipa Salskrake Småskrake Storskrake Skäggdopping Gråhakedopping
Svarthakedopping Smådopping Storlom Smålom Skarv Sula Stormfågel Strandskata Skärfläcka Tofsvipa
Ljungpipare Kustpipare Strandpipare Fjällpipare Enkelbeckasin Dubbelbeckasin Morkulla Storspov
Småspov Rödspov Myrspov Rödbena Gluttsnäppa Grönbena Skogssnäppa Drillsnäppa Svartsnäppa
Kärrsnäppa Mosnäppa Roskarl Sandlöpare Brushane Simsnäppa Skrattmås Fiskmås Gråtrut Havstrut
Silltrut Dvärgmås Fisktärna Silvertärna Småtärna Skräntärna Svarttärna Labb Storlabb Sillgrissla
Tobisgrissla Tordmule Lunnefågel
"""

CODE_NAMES: tuple[str, ...] = tuple(_BIRDS.split())
"""Birds of Sweden, short ones first: easy to say, and nobody's own name."""
_TRIES = 20
"""So many draws before the numbers grow a digit."""


_NUMBER = re.compile(r"\s+\d+$")


def without_number(code_name: str) -> str:
    """Give a code name without the number that was drawn for it.

    Example:
        >>> without_number("Lom 47"), without_number("Lom"), without_number("47")
        ('Lom', 'Lom', '47')
    """
    return _NUMBER.sub("", code_name)


def has_number(code_name: str) -> bool:
    """Tell whether a name looks like a drawn one.

    Example:
        >>> has_number("Lom 47"), has_number("P-47")
        (True, False)
    """
    return _NUMBER.search(code_name) is not None


def drawn_code_names(word: str, draw: Callable[[int], int]) -> Iterator[str]:
    """Give drawn code names without end: the word, or birds where it is blank, with a number.

    `draw(n)` gives a number below n by chance. The numbers grow a digit after some draws, so that
    a name is found whatever is taken.

    Example:
        >>> names = drawn_code_names("Ugglan", lambda most: 0)
        >>> next(names), next(drawn_code_names("", lambda most: 0))
        ('Ugglan 10', 'Lom 10')
    """
    for tries in count():
        least = 10 ** (1 + tries // _TRIES)
        bird = word or CODE_NAMES[draw(len(CODE_NAMES))]
        yield f"{bird} {least + draw(9 * least)}"
