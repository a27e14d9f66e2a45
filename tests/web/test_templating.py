import re
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from gvi.domain.access import Role
from gvi.domain.grading import Certainty
from gvi.web import templating
from gvi.web.context import Message, NavItem, PageContext
from gvi.web.forms import Form
from gvi.web.templating import TEMPLATES, environment, render, render_text, static_prefix

PAGE = PageContext(
    language="en",
    programme="Sluta skjut",
    town="Älvstad",
    is_invented=True,
    now=datetime(2026, 3, 2, 7, 31, tzinfo=UTC),
    zone=ZoneInfo("Europe/Stockholm"),
    csrf_token="token",
    static="/static/x",
    path="/groups",
    viewer_name="Åsa Öberg",
    viewer_role=Role.COORDINATOR_POLICE,
)
UI = sorted(TEMPLATES.glob("ui/*.html"))


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch):
    """Renders a line of template as a page would."""

    def say(source: str, page: PageContext = PAGE, **values: object) -> str:
        token = templating._page.set(page)
        try:
            return environment().from_string(source).render(page=page, **values)
        finally:
            templating._page.reset(token)

    return say


@pytest.mark.parametrize("name", environment().list_templates(extensions=["html"]))
def test_every_template_is_well_formed(name):
    environment().get_template(name)


@pytest.mark.parametrize("path", UI, ids=lambda path: path.stem)
def test_a_file_holds_the_macro_of_its_name_and_says_how_to_use_it(path: Path):
    source = path.read_text(encoding="utf-8")

    assert f"macro {path.stem}(" in source
    assert source.startswith("{#")


@pytest.mark.parametrize("path", UI, ids=lambda path: path.stem)
def test_every_component_is_used(path: Path):
    others = [p for p in TEMPLATES.rglob("*.html") if p != path]

    assert any(f'"ui/{path.name}"' in p.read_text(encoding="utf-8") for p in others)


def test_no_template_carries_an_inline_script_or_style():
    for path in TEMPLATES.rglob("*.html"):
        source = path.read_text(encoding="utf-8")
        assert not re.search(r"<script(?![^>]* src=)|<style|\sstyle=|\son\w+=", source), path


def test_a_plain_code_is_not_said_without_its_vocabulary(said):
    """Rows may hold codes as plain text, and `confirmed` is another word in each vocabulary."""
    with pytest.raises(TypeError):
        said("{{ code | label }}", code="confirmed")

    assert said("{{ code | label }}", code=Certainty.CONFIRMED) == "Confirmed"


def test_one_template_speaks_each_readers_language(said):
    line = '{{ _("Cancel") }} {{ 80.4 | say_number }}'

    assert [said(line), said(line, replace(PAGE, language="sv")), said(line)] == [
        "Cancel 80.4",
        "Avbryt 80,4",
        "Cancel 80.4",
    ]


def test_a_macro_speaks_the_language_of_the_page_that_uses_it(said):
    line = '{% from "ui/grade.html" import grade %}{{ grade("") }}'

    assert "none" in said(line)
    assert "ingen" in said(line, replace(PAGE, language="sv"))


def test_a_moment_has_its_full_stamp(said):
    assert said("{{ at | when }}", at=datetime(2026, 3, 3, 13, tzinfo=UTC)) == (
        '<time datetime="2026-03-03T14:00:00+01:00" title="Tue 3 Mar 2026 14:00">'
        "Tue 3 Mar 14:00</time>"
    )
    assert said("{{ on | when(start=true) }}", on=date(2026, 3, 2)) == (
        '<time datetime="2026-03-02" title="Mon 2 Mar 2026">Today</time>'
    )
    assert said("{{ none | when }}") == ""


def test_what_people_wrote_is_escaped_everywhere(said):
    bad = "<script>alert(1)</script>"
    form = Form([("name", bad)])
    form.add_error("name", "Bad %(it)s", it=bad)
    line = """{% from "ui/field.html" import field %}
        {% from "ui/person_chip.html" import person_chip %}
        {{ field(form, "name", bad) }}{{ person_chip("/x", bad, [bad]) }}{{ _("%(a)s", a=bad) }}"""

    assert "<script" not in said(line, form=form, bad=bad)


def test_links_keep_the_day_asked_about(said):
    then = replace(PAGE, as_of=datetime(2026, 1, 21, 22, 59, tzinfo=UTC))

    assert said('{{ "/people/4?tab=why" | as_known }}') == "/people/4?tab=why"
    assert said('{{ "/people/4" | as_known }}', then) == "/people/4?as_of=2026-01-21"


def test_a_wrong_field_says_so_to_eyes_and_readers(said):
    form = Form([("size", "many")])
    form.integer("size")
    shown = said(
        '{% from "ui/field.html" import field %}{{ field(form, "size", "Size") }}', form=form
    )

    assert 'data-state="error"' in shown
    assert 'aria-invalid="true"' in shown
    assert 'aria-describedby="f-size-error "' in shown
    assert 'value="many"' in shown


def test_a_password_is_never_shown_again(said):
    form = Form([("password", "hemligt")])
    line = (
        '{% from "ui/field.html" import field %}{{ field(form, "password", "P", type="password") }}'
    )

    assert "hemligt" not in said(line, form=form)


def test_a_score_bars_parts_stand_one_after_another(said):
    shown = said(
        '{% from "ui/score_bar.html" import score_bar %}{{ score_bar(parts, 100, "x") }}',
        parts=[("own", 40.0), ("near", 0.0), ("far", 10.0)],
    )

    assert re.findall(r'x="([\d.]+)" y="0" width="([\d.]+)"', shown) == [
        ("0.00", "40.00"),
        ("40.00", "10.00"),
    ]
    assert "data-score" in shown


def test_a_page_has_its_frame():
    page = replace(
        PAGE,
        nav=((NavItem(label="Groups", url="/groups", current=True),),),
        messages=(Message(kind="done", text="Saved."),),
    )

    answer = render(page, "error.html", status_code=404, title="Not found", message="No such page.")
    html = answer.body.decode()

    assert answer.status_code == 404
    assert "<title>Not found – Sluta skjut</title>" in html
    assert 'href="/groups" aria-current="page"' in html
    assert "Invented data" in html
    assert "Printed Mon 2 Mar 2026 08:31 by Åsa Öberg." in html
    assert "Saved." in html
    assert html.count("<h1>") == 1


def test_a_page_before_log_in_has_no_menu():
    page = replace(PAGE, viewer_name=None, viewer_role=None)

    assert 'class="rail"' not in render_text(page, "error.html", title="Not found", message="")


def test_nothing_of_a_page_is_left_behind_when_it_fails():
    with pytest.raises(Exception, match="message"):
        render_text(PAGE, "error.html", title="x")

    with pytest.raises(LookupError):
        templating._page.get()


def test_the_address_of_static_files_follows_their_content():
    assert re.fullmatch(r"/static/[0-9a-f]{12}", static_prefix())


def test_every_class_in_a_template_is_in_the_stylesheet():
    css = (templating.STATIC / "app.css").read_text(encoding="utf-8")
    used: set[str] = set()
    for path in TEMPLATES.rglob("*.html"):
        source = re.sub(r"\{[{%#].*?[}%#]\}", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
        for classes in re.findall(r'\bclass="([^"]*)"', source):
            used.update(classes.split())

    assert sorted(name for name in used if f".{name}" not in css) == []


def test_what_is_counted_comes_first_where_a_plural_is_chosen():
    """Jinja counts by the first variable; in English a day in its place goes unnoticed."""
    block = re.compile(r"{%-?\s*trans\b(.*?)-?%}(.*?){%-?\s*endtrans", re.DOTALL)
    wrong = [
        f"{path.relative_to(TEMPLATES)}: {variables}"
        for path in sorted(TEMPLATES.rglob("*.html"))
        for variables, text in block.findall(path.read_text(encoding="utf-8"))
        if "pluralize" in text and not re.match(r"\s+(trimmed\s+)?num\b", variables)
    ]
    assert wrong == []
