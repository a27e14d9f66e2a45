"""Gang 1 of Wheeler and others: 22 people of a real call-in, coded, ties of one to three years.

From github.com/apwheele/crimepy (Edges_Gang1.csv, Nodes_Gang1.csv), MIT licence, copyright (c) 2025
Andrew Wheeler, Crime De-Coder LLC. Wheeler, McLean, Becker and Worden (2019), Choosing
Representatives to Deliver the Message in a Group Violence Intervention, Justice Evaluation Journal
2(2), 93-117.
"""

from gvi.network.plan import SelectionProblem
from gvi.network.reach import attendance_probability

PEOPLE = range(1, 23)
TIES = [
    *((1, 20), (2, 3), (4, 18), (5, 6), (6, 7), (6, 21), (7, 21), (8, 10), (8, 14), (8, 15)),
    *((8, 21), (9, 17), (10, 18), (10, 20), (10, 21), (11, 22), (12, 16), (13, 17), (14, 16)),
    *((15, 20), (15, 21), (18, 20), (19, 21), (20, 21)),
]
OBLIGED = frozenset({2, 5, 7, 12, 20})
ATTENDED = frozenset({4, 5, 11, 22})


def gang_1(seats: int, **asked) -> SelectionProblem:
    return SelectionProblem(
        universe=PEOPLE,
        ties=TIES,
        candidates=frozenset(PEOPLE),
        attendance={p: attendance_probability(obliged=p in OBLIGED) for p in PEOPLE},
        obliged=OBLIGED,
        seats=seats,
        **asked,
    )
