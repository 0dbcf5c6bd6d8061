"""Pictures of journeys: everything is in them, in the words of the file, and nothing lies upon anything else."""

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

from engine.language.journeys.steps import VERBS
from engine.language.report import Report
from engine.language.source import read_yaml
from engine.render.graph import Picture, mermaid, picture_of, svg
from engine.render.graph.shapes import TOLD, Shape
from tests.browsing import chromium
from tests.support import ROOT

LARGE = """\
journey: large
title: Everything <at> once & "more" 车主关怀
purpose: care
start: {on: complaint.opened, per: event.complaint_id, when: "event.severity == 'serious'"}
stop: [{on: customer.forgotten}, {on: complaint.opened, when: event.text == run.key}]
steps:
  - send: complaint-received
    by: [sms, email, letter]
  - task: call-back
    for: dealer
    due: "{{ '4 hours' if event.severity == 'serious' else '1 day' }}"
  - choose:
      - when: event.severity == 'serious' and event.mood == 'furious' and customer.last('service.visited')
        do: [{task: call-by-manager, for: headquarters}, {wait: 2 days}]
      - {when: event.mood == 'angry', do: [{tag: angry}]}
      - else: [{wait: 1 day, at: "10:00", days: weekdays}]
  - wait_for: complaint.resolved
    when: event.complaint_id == run.key
    within: 3 days
    then:
      - wait: 10000 km
      - if: customer.email
        then: [{send: follow-up, id: by-mail, by: email, title: The friendly letter}]
        else: [{task: ring, for: dealer}]
      - split:
          - {share: 50%, name: with-a-gift, do: [{tag: gifted}, {untag: angry}]}
          - {share: 50%, name: without}
    otherwise:
      - task: escalate
        for: headquarters
      - repeat:
          every: 1 week
          times: 3
          do:
            - emit: promotion.entered
              with: {promotion: apology}
            - {if: customer.mobile, then: [end]}
  - set: {customer.complained: "true"}
  - send: 一封写给车主的很长很长很长很长很长很长很长的信
    by: letter
    when: customer.email
  - end
"""


def picture(text: str) -> Picture:
    node = read_yaml(text, "journeys/large.yaml", Report())
    assert node is not None
    return picture_of(node)


def shapes(steps: tuple[Shape, ...]) -> list[Shape]:
    return [one for step in steps for one in (step, *(x for way in step.ways for x in shapes(way.steps)))]


JOURNEYS = [*sorted((ROOT / "journeys").glob("*.yaml")), None]
TEXTS = [LARGE] + [
    one.read_text("utf-8")
    for one in JOURNEYS
    if one and one.name not in ("policy.yaml", "dealers.yaml", "events.yaml")
]


def test_every_verb_has_its_look() -> None:
    assert set(TOLD) == set(VERBS)


@pytest.mark.parametrize("text", TEXTS, ids=lambda text: text.split()[1])
def test_the_drawing_holds_every_step_in_the_words_of_the_file(text: str) -> None:
    drawn = picture(text)
    root = ElementTree.fromstring(svg(drawn))
    said = " ".join("".join(one.itertext()) for one in root.iter("{http://www.w3.org/2000/svg}text"))
    squeezed = re.sub(r"\s", "", said)
    for one in shapes(drawn.steps):
        if one.look != "end":
            assert re.sub(r"\s", "", one.head) in squeezed
        for channel in one.channels:
            assert channel in said
    assert svg(drawn) == svg(picture(text))


def test_words_stay_whole_where_a_line_is_too_long() -> None:
    drawn = picture(
        "journey: large\nstart:\n  on: service.visited\n"
        "  when: event.origin and customer.count('purchase.recorded') == 0\n"
        "steps:\n  - send: a-letter-about-everything-there-is-to-tell\n    by: letter\n"
    )
    root = ElementTree.fromstring(svg(drawn))
    lines = ["".join(one.itertext()) for one in root.iter("{http://www.w3.org/2000/svg}text")]
    assert lines[3:5] == ["customer.count(", "'purchase.recorded') == 0"]
    assert "a-letter-about-" in lines


def test_the_days_of_a_schedule_are_told_as_in_the_file() -> None:
    drawn = picture(
        "journey: large\nstart: {schedule: [2026-02-17, 2027-02-06], at: '09:00'}\nsteps: [end]\n"
    )
    assert drawn.start == ("2026-02-17, 2027-02-06 at 09:00",)


def test_mermaid_holds_the_same_and_ties_only_what_is_there() -> None:
    drawn = picture(LARGE)
    text = mermaid(drawn)
    nodes = set(re.findall(r'^\s*(\w+)(?:\(\[|\[/|\[|\{\{|\{|\(\(|>)"', text, re.MULTILINE))
    ties = re.findall(r'^\s*(\w+) -\.?->(?:\|"[^"|]*"\|)? (\w+)$', text, re.MULTILINE)
    assert {end for tie in ties for end in tie} <= nodes
    assert len(nodes) == len(shapes(drawn.steps)) + 3  # the start and two stops; each branch ends at its own
    assert "Everything #lt;at#gt; once #amp; #quot;more#quot; 车主关怀" in text
    assert '|"50% without"|' in text
    assert "send complaint-received<br>by sms › email › letter" in text


def test_the_way_on_after_an_end_is_not_drawn() -> None:
    text = mermaid(picture("journey: large\nstart: {on: service.visited}\nsteps:\n  - end\n"))
    assert text.count("-->") == 1


@pytest.mark.xdist_group("demo")
def test_texts_stay_in_their_boxes_and_boxes_apart(tmp_path: Path) -> None:
    look = """() => [...document.querySelectorAll('g[data-step]')].map(g => {
      const box = g.querySelector('rect, path').getBoundingClientRect();
      return {id: g.dataset.step, box: [box.left, box.top, box.right, box.bottom],
        texts: [...g.querySelectorAll('text')].map(t => t.getBoundingClientRect())
          .map(r => [r.left, r.top, r.right, r.bottom])};
    })"""
    with chromium() as browser:
        for text in TEXTS:
            path = tmp_path / "journey.svg"
            path.write_text(svg(picture(text)), "utf-8")
            page = browser.new_page(viewport={"width": 1400, "height": 900})
            page.goto(path.as_uri())
            boxes = page.evaluate(look)
            width = page.evaluate("document.documentElement.viewBox.baseVal.width")
            assert boxes
            for one in boxes:
                left, top, right, bottom = one["box"]
                assert 0 <= left < right <= width
                for inner in one["texts"]:
                    assert (
                        left <= inner[0] and inner[2] <= right and top <= inner[1] and inner[3] <= bottom
                    ), one
            for i, one in enumerate(boxes):
                for other in boxes[i + 1 :]:
                    assert not _overlap(one["box"], other["box"]), (one, other)


def _overlap(one: list[float], other: list[float]) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
