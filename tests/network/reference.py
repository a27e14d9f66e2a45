"""The scores of design section 4, line by line in plain dictionaries: slow, obvious, the judge.

Nothing here is shared with `gvi.network`; where the two differ, one of them misreads the design.
"""

from collections import defaultdict
from collections.abc import Mapping
from itertools import combinations

from gvi.domain.facts import Facts
from gvi.domain.policy import ScoringPolicy

DRIVING = {"co_offending", "associate", "friend", "online", "recruiter"}
EXPOSURE = DRIVING | {"family", "household", "co_stop", "co_victim"}
DOING = {"convicted", "suspect", "instigator", "accomplice", "present"}


class Reference:
    def __init__(self, facts: Facts, policy: ScoringPolicy) -> None:
        self.facts, self.policy = facts, policy
        self.people = list(facts.persons.id)
        self.incidents = {
            i: ((facts.as_of - at).total_seconds() / 86_400, kind, gmi)
            for i, at, kind, gmi in zip(
                facts.incidents.id,
                facts.incidents.occurred_at,
                facts.incidents.kind,
                facts.incidents.gmi,
                strict=True,
            )
        }
        self.roles = defaultdict(list)
        for i, p, role, certainty in zip(
            facts.involvements.incident,
            facts.involvements.person,
            facts.involvements.role,
            facts.involvements.certainty,
            strict=True,
        ):
            if i in self.incidents and p in self.people and self.incidents[i][0] >= 0:
                self.roles[i, p].append((role, policy.certainty[certainty]))

    def decay(self, i: int) -> float:
        return 2 ** (-self.incidents[i][0] / self.policy.half_life_days)

    def own_in(self, p: int, i: int) -> float:
        _, kind, gmi = self.incidents[i]
        roles = self.roles.get((i, p), [])
        most = max((self.policy.doing.get(r, 0) * c for r, c in roles), default=0)
        return self.policy.harm.get(kind, 0) * self.policy.gmi[gmi] * self.decay(i) * most

    def hurt_in(self, p: int, i: int) -> float:
        roles = self.roles.get((i, p), [])
        most = max((self.policy.exposure.get(r, 0) * c for r, c in roles), default=0)
        return self.policy.harm.get(self.incidents[i][1], 0) * self.decay(i) * most

    def own(self) -> dict[int, float]:
        return self.over_incidents(self.own_in)

    def hurt(self) -> dict[int, float]:
        return self.over_incidents(self.hurt_in)

    def over_incidents(self, amount) -> dict[int, float]:
        total = dict.fromkeys(self.people, 0.0)
        for i, p in sorted(self.roles):
            total[p] += amount(p, i)
        return total

    def shared(self) -> dict[tuple[int, int], float]:
        """The sum over shared incidents of each pair, lower id first."""
        strength = defaultdict(float)
        for i, (age, _, gmi) in self.incidents.items():
            if not (0 <= age <= self.policy.tie_window_days and self.policy.gmi[gmi] > 0):
                continue
            doers = {}
            for (j, p), roles in self.roles.items():
                certainties = [c for r, c in roles if r in DOING]
                if j == i and certainties:
                    doers[p] = max(certainties)
            for p, q in combinations(sorted(doers), 2):
                strength[p, q] += min(doers[p], doers[q]) * self.decay(i) / (len(doers) - 1)
        return strength

    def recorded(self) -> dict[tuple[int, int, str], float]:
        """The largest strength·c of each pair (lower id first) and kind."""
        strength = defaultdict(float)
        t = self.facts.ties
        for a, b, kind, value, certainty in zip(
            t.a, t.b, t.kind, t.strength, t.certainty, strict=True
        ):
            known = (min(a, b), max(a, b), kind)
            strength[known] = max(strength[known], value * self.policy.certainty[certainty])
        return strength

    def ties(self, kinds: set[str]) -> dict[tuple[int, int], float]:
        """A or A': the strength between each ordered pair that is tied."""
        shared, recorded = self.shared(), self.recorded()
        strength = defaultdict(float)
        for p, q in sorted({*shared, *((a, b) for a, b, _ in recorded)}):
            if p == q or not {p, q} <= set(self.people):
                continue
            together = max(shared[p, q], recorded[p, q, "co_offending"])
            others = sum(recorded[p, q, k] for k in sorted(kinds - {"co_offending"}))
            strength[p, q] = strength[q, p] = together + others
        return strength

    def spread(self, kinds: set[str]) -> dict[tuple[int, int], float]:
        """S or S'; a pair that is not in it is not tied."""
        a = self.ties(kinds)
        whole = defaultdict(float)
        for (_, q), strength in a.items():
            whole[q] += strength
        s = defaultdict(float)
        s.update({(p, q): strength / max(1.0, whole[q]) for (p, q), strength in a.items()})
        return s

    def steps(self, kinds: set[str], amount: Mapping[int, float]) -> tuple[dict, dict]:
        reached_from = defaultdict(list)
        for (p, q), share in sorted(self.spread(kinds).items()):
            reached_from[p].append((q, share))
        near = {p: sum(s * amount[q] for q, s in reached_from[p]) for p in self.people}
        far = {
            p: sum(
                first * second * amount[r]
                for q, first in reached_from[p]
                for r, second in reached_from[q]
                if r != p
            )
            for p in self.people
        }
        return near, far

    def memberships(self) -> tuple[dict, dict]:
        """w(q, g) and share(p, g)."""
        m = self.facts.memberships
        rows = [
            (p, g, self.policy.membership_role[role], self.policy.certainty[c])
            for p, g, role, c in zip(m.person, m.group, m.role, m.certainty, strict=True)
            if role != "former" and p in self.people and g in self.facts.groups.id
        ]
        within, share = {}, {}
        for p, g, role, c in rows:
            within[p, g] = c / max(1.0, sum(d for q, _, _, d in rows if q == p))
            share[p, g] = role * c / sum(k * d for _, h, k, d in rows if h == g)
        return within, share

    def group_own(self) -> dict[int, float]:
        own, (within, _) = self.own(), self.memberships()
        return {
            g: sum(w * own[q] for (q, h), w in sorted(within.items()) if h == g)
            for g in self.facts.groups.id
        }

    def driving(self) -> dict[int, tuple[float, float, float, float]]:
        """Own, near, far, group of everybody, whether or not they may be listed."""
        own, group_own = self.own(), self.group_own()
        within, share = self.memberships()
        near, far = self.steps(DRIVING, own)
        return {
            p: (
                own[p],
                self.policy.near * near[p],
                self.policy.far * far[p],
                self.policy.group
                * sum(
                    (group_own[g] - w * own[p]) * share[p, g]
                    for (q, g), w in within.items()
                    if q == p
                ),
            )
            for p in self.people
        }

    def role(self, p: int, i: int, weights: Mapping[str, float]) -> str:
        """The role of p in i that weighs most; of equals, the first in the design's order."""
        order = list(weights)
        roles = [(r, c) for r, c in self.roles[i, p] if r in weights]
        return min(roles, key=lambda rc: (-weights[rc[0]] * rc[1], order.index(rc[0])))[0]

    def driving_contributions(self, p: int) -> dict[tuple, float]:
        """Amount for each (part, source, incident, role) behind a driving score."""
        s, people = self.spread(DRIVING), self.people
        within, share = self.memberships()
        carried = {("own", p): 1.0}
        for r in people:
            carried["near", r] = self.policy.near * s[p, r]
            if r != p:
                carried["far", r] = self.policy.far * sum(s[p, q] * s[q, r] for q in people)
                carried["group", r] = self.policy.group * sum(
                    within.get((r, g), 0) * share.get((p, g), 0) for g in self.facts.groups.id
                )
        doing = {r: w for r, w in self.policy.doing.items() if w > 0}
        return {
            (part, r, i, self.role(r, i, doing)): factor * self.own_in(r, i)
            for (part, r), factor in carried.items()
            for i in self.incidents
            if factor * self.own_in(r, i) > 0
        }

    def exposed(self) -> dict[int, tuple[float, float, float, float]]:
        """Hurt, near, far, conflict of everybody."""
        hurt, group_own = self.hurt(), self.group_own()
        _, share = self.memberships()
        near, far = self.steps(EXPOSURE, hurt)
        rel = self.facts.relations
        between = defaultdict(float)
        for a, b, kind in zip(rel.group_a, rel.group_b, rel.kind, strict=True):
            if a != b:
                weight = self.policy.relation.get(kind, 0.0)
                between[a, b] = between[b, a] = max(between[a, b], weight)
        return {
            p: (
                hurt[p],
                self.policy.exposed_near * near[p],
                self.policy.exposed_far * far[p],
                self.policy.conflict
                * sum(
                    s * sum(group_own[h] * between[g, h] for h in group_own)
                    for (q, g), s in share.items()
                    if q == p
                ),
            )
            for p in self.people
        }
