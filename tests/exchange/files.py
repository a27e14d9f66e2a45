"""Files of the exchange format in a few words."""

from gvi.exchange.reading import SourceFile


def a_file(name: str, *lines: str, encoding: str = "utf-8") -> SourceFile:
    """A file of these lines; a name without ending is a CSV file."""
    full = name if "." in name else f"{name}.csv"
    return SourceFile(name=full, content="".join(f"{line}\n" for line in lines).encode(encoding))


def a_town() -> list[SourceFile]:
    """One row at least in every file, with Swedish letters and every kind of cell."""
    return [
        a_file(
            "groups",
            "id,name,kind,status,area,grade",
            "G1,Ådalsgatan,area_group,active,Öster,B2",
            "G2,Granit,,dormant,,",
        ),
        a_file(
            "group_relations",
            "group_a,group_b,kind,valid_from,valid_to",
            "G2,G1,open_conflict,2025-01-01,2025-06-01T12:00",
        ),
        a_file(
            "persons",
            "id,name,birth_date,sex,area,source,recorded_at",
            "P1,Åsa Öberg,1998-05-17,kvinna,Öster,Områdespolis,2025-02-03T08:15:00+01:00",
            'P2,"Bo ""Bosse"" Ek, d.y.",,,,,',
            "P3,,2001-01-01,,,,",
        ),
        a_file(
            "memberships",
            "person,group,valid_from,valid_to,role,certainty,status",
            "P1,G1,2024-01-01,2025-01-01,member,confirmed,ended",
            "P1,G1,2025-01-01,,leader,confirmed,",
            "P2,G2,,,,,",
        ),
        a_file(
            "ties",
            "person_a,person_b,kind,valid_from,strength,certainty",
            "P2,P1,friend,2025-03-01,2.5,probable",
            "P3,P1,recruiter,,,possible",
        ),
        a_file(
            "incidents",
            "id,occurred_at,kind,status,gmi,place,latitude,longitude,area,summary",
            'I1,2025-03-30T01:30,explosion,,likely,Torget,59.274,-15.2066,Öster,"Rad ett',
            'rad två; med ""citat"""',
            "I2,2025-10-26T02:30:00+02:00,stabbing,closed,,,,,,",
        ),
        a_file(
            "involvements",
            "incident,person,role,certainty",
            "I1,P1,suspect,confirmed",
            "I1,P2,victim,",
        ),
        a_file(
            "supervisions",
            "person,kind,valid_from,valid_to,obliges_attendance",
            "P1,probation,2025-01-01,2026-12-31,yes",
            "P2,custody,,,",
        ),
    ]
