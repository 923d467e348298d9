"""People at the pages: a real Chromium before a real Label Studio. Pairs are judged by keyboard alone."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, Response, ViewportSize

from curate.clients.labelstudio.api import MODEL_VERSION, Server
from curate.review.adjudicate import for_adjudication, verdicts_text
from curate.review.interface import Interface, load_interface
from curate.review.remote import as_html
from curate.review.result import read_result
from tests.conftest import ROOT
from tests.servers.chromium import browser
from tests.servers.labelstudio import Served, labelstudio

pytestmark = [
    pytest.mark.live,
    # label-studio-sdk 2.1 reads the answer to its token by a method that pydantic is giving up
    pytest.mark.filterwarnings("ignore:The `parse_obj` method is deprecated"),
]

SCREEN = ViewportSize(width=1440, height=900)
SUBMIT = 'button[data-testid="bottombar-submit-button"]'
MODAL = ".ant-modal-body:visible"

PASSAGE = (
    "第18届砾石新能源博览会（北京）于2025年4月12日至16日在金水堤会展城举办。本届展会使用展览面积214000平方米，吸引740家企业参展，"
    "到场专业观众128100人次，比上届增长12%。展会以“告别备件断供，共建新能源新生态”为主题，设光伏、储能、充换电、氢能四个展区，"
    "其中储能展区面积最大，为68000平方米。\n"
    "开幕首日，主办方发布《2025年储能备件白皮书》，指出华北地区储能电站的备件平均等候时间为23天，较2023年缩短9天，"
    "但仍有三成企业因备件断供停机超过一周。在随后举行的采购对接会上，来自14个国家和地区的310名买家与176家参展商完成洽谈1920场，"
    "现场签约金额4.7亿元，其中海外订单占38%。针对新手上手慢的问题，现场开设5间诊断室，由20位工程师轮值答疑，四天共接待来访企业863家。\n"
    "参展商云岚储能的展台负责人表示，他们带来的模块化电池柜把现场更换时间从6小时压缩到45分钟，展会期间收到意向订单52份。"
    "禾屿领越则首次展出可移动式充电车，单车每天可服务40辆乘用车。展会闭幕后，线上展厅继续开放168天，观众可以按展区检索展品、"
    "预约参展商。主办方宣布，第19届展会将移师长沙，展览面积预计扩大到23万平方米，招展工作已于2025年5月启动，"
    "老展商在6月30日前报名可享受九折优惠，并优先选择展位；首次参展的中小企业可申请标准展位补贴。主办方提醒，报名以合同盖章日期为准。"
)
QUESTION = (
    "第18届砾石新能源博览会（北京）的储能展区有多大？主办方在开幕首日发布的白皮书对备件等候时间怎么说？"
)
ANSWER = (
    "储能展区是第18届砾石新能源博览会（北京）四个展区中面积最大的，为68000平方米，约占全部展览面积214000平方米的32%。"
    "开幕首日发布的《2025年储能备件白皮书》指出，华北地区储能电站的备件平均等候时间为23天，比2023年缩短了9天；"
    "但仍有三成企业因为备件断供而停机超过一周。采购对接会上共完成洽谈1920场，现场签约4.7亿元，其中海外订单占38%；"
    "四天里诊断室接待来访企业863家。"
)
EVIDENCE = "其中储能展区面积最大，为68000平方米"
ABOUT = "reports · doc_qa · 第18届砾石新能源博览会（北京）展后报告"
PAIR = {"question": QUESTION, "answer": ANSWER, "passage": PASSAGE, "about": ABOUT}
#: The item of the issue's promise: it must not scroll.
assert len(PASSAGE) >= 600
assert len(ANSWER) >= 195


def span(text: str, words: str, label: str) -> dict[str, Any]:
    start = text.index(words)
    return {"start": start, "end": start + len(words), "text": words, "label": label}


def marked() -> dict[str, Any]:
    """The evidence as it is shown beforehand."""
    value = span(PASSAGE, EVIDENCE, "evidence")
    value["labels"] = [value.pop("label")]
    return {"id": "evidence", "from_name": "evidence", "to_name": "source", "type": "labels", "value": value}


def page_of(name: str) -> Interface:
    return load_interface(ROOT / f"labelstudio/{name}.xml", ROOT / f"labelstudio/{name}.md")


@dataclass
class Desk:
    """An annotator's browser, and the server behind it.

    Attributes:
        hosts: everything that the browser asked.
    """

    page: Page
    server: Server
    hosts: set[str] = field(default_factory=set)

    def make(self, interface: Interface, data: Mapping[str, str], times: int, marks: list[Any]) -> int:
        """A project in which an item comes so many times, and once more, so that there is always a next one."""
        project = self.server.create_project("看页面", interface.xml, as_html(interface.guideline), 1)
        predictions = [{"model_version": MODEL_VERSION, "result": marks}] if marks else []
        self.server.import_tasks(
            project,
            [
                {
                    "data": {**data, "curate_id": f"{number:016}", "curate_content": "c", "curate_round": 1},
                    "predictions": predictions,
                }
                for number in range(times + 1)
            ],
        )
        return project

    def open(self, project: int) -> None:
        """The label stream; the guideline that opens with it is closed."""
        self.page.goto(f"{self.server.url}/projects/{project}/data?labeling=1")
        self.page.wait_for_selector(SUBMIT)
        self.page.wait_for_selector(".guideline")
        self.page.keyboard.press("Escape")
        self.page.wait_for_selector(".guideline", state="detached")

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def tab_to(self, name: str) -> None:
        """Press Tab until a field of this name has the focus."""
        for _ in range(40):
            self.page.keyboard.press("Tab")
            focus = str(self.page.evaluate("document.activeElement.name ?? ''"))
            if focus.partition(":")[0] == name:
                return
        pytest.fail(f"Tab never comes to {name}")

    def write_at_end(self, name: str, text: str) -> None:
        """Type into a box, and leave it: Label Studio hears no keys while a box or a choice has the focus."""
        self.tab_to(name)
        self.press("Control+End")
        self.page.keyboard.type(text)
        self.press("Tab")
        while self.page.evaluate("['INPUT', 'TEXTAREA'].includes(document.activeElement.tagName)"):
            self.press("Tab")

    def mark(self, key: str, words: str) -> None:
        """Press a label's key and drag over words of the last text on the page."""
        self.press(key)
        left, top, right, bottom = self.page.evaluate(RECTANGLE, words)
        middle = (top + bottom) / 2
        self.page.mouse.move(left + 1, middle)
        self.page.mouse.down()
        self.page.mouse.move((left + right) / 2, middle, steps=4)
        self.page.mouse.move(right - 1, middle, steps=4)
        self.page.mouse.up()
        self.page.wait_for_function(MARKED, arg=words)
        self.press("Escape")

    def sent(self, *keys: str) -> None:
        """Press keys that send an annotation, and wait until the server has it and the next item is there."""
        self.page.evaluate("document.querySelector('.page').dataset.judged = 'yes'")
        with self.page.expect_response(_is_annotation) as answer:
            self.press(*keys)
        assert answer.value.status == 201
        self.page.wait_for_selector("[data-judged]", state="detached")
        self.page.wait_for_selector(".page")
        self.page.wait_for_selector(SUBMIT)

    def refused(self, words: str) -> None:
        """Ctrl+Enter, and the page says what is missing."""
        self.press("Control+Enter")
        assert words in self.page.locator(MODAL).inner_text()
        self.page.wait_for_function("document.activeElement.closest('.ant-modal') !== null")
        self.press("Escape")
        self.page.wait_for_selector(MODAL, state="hidden")

    def annotations(self, project: int) -> list[dict[str, Any]]:
        """What the server holds, in the order of its making."""
        found = [one for task in self.server.changed(project) for one in task["annotations"]]
        return sorted(found, key=lambda one: int(one["id"]))


RECTANGLE = """words => {
  const root = [...document.querySelectorAll('.lsf-htx-richtext')].pop()
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT)
  for (let node; (node = walker.nextNode());) {
    const at = node.data.indexOf(words)
    if (at < 0) continue
    const range = document.createRange()
    range.setStart(node, at)
    range.setEnd(node, at + words.length)
    const box = range.getBoundingClientRect()
    return [box.left, box.top, box.right, box.bottom]
  }
}"""
MARKED = (
    "words => [...document.querySelectorAll('.htx-highlight')].some(mark => mark.innerText.includes(words))"
)
#: Whatever of the page is higher than the room that it has.
SCROLLING = """() => [...document.querySelectorAll('*')]
  .filter(e => e === document.documentElement || /auto|scroll/.test(getComputedStyle(e).overflowY))
  .filter(e => e.clientHeight > 0 && e.scrollHeight > e.clientHeight)
  .map(e => `${e.tagName} ${e.className} ${e.scrollHeight} > ${e.clientHeight}`)"""


def _is_annotation(response: Response) -> bool:
    asked = response.request.method == "POST"
    return asked and re.search(r"/api/tasks/\d+/annotations", response.url) is not None


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with labelstudio(tmp_path_factory.mktemp("annotating")) as there:
        yield there


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with browser() as there:
        yield there


@pytest.fixture(scope="module")
def desk(served: Served, chromium: Browser) -> Iterator[Desk]:
    """An annotator who has logged in, by keyboard."""
    page = chromium.new_context(viewport=SCREEN).new_page()
    with Server(served.url, served.admin.token or "") as server:
        desk = Desk(page, server)
        page.on("request", lambda request: desk.hosts.add(urlsplit(request.url).hostname or ""))
        page.goto(f"{served.url}/user/login/")
        desk.tab_to("email")
        page.keyboard.type(served.annotators[0].email)
        desk.tab_to("password")
        page.keyboard.type(served.annotators[0].password)
        desk.press("Enter")
        page.wait_for_url(lambda url: "login" not in url)
        yield desk


def test_pairs_are_judged_by_keyboard_alone_and_nothing_scrolls(desk: Desk, served: Served) -> None:
    interface = page_of("pair_review")
    project = desk.make(interface, PAIR, 5, [marked()])
    desk.open(project)
    assert desk.page.evaluate(SCROLLING) == [], "an ordinary item"

    desk.refused("请先决定")
    desk.press("a", "z", "z", "z", "z")
    desk.sent("Control+Enter")

    desk.press("s")
    assert desk.page.evaluate(SCROLLING) == [], "with the boxes for an edit"
    desk.write_at_end("edited_answer", "（2025年）")
    desk.sent("Control+Enter")

    desk.press("d")
    assert desk.page.evaluate(SCROLLING) == [], "with the reasons"
    desk.refused("请选拒绝的理由")
    desk.press("1", "4")
    desk.sent("Control+Enter")

    desk.sent("Control+Space")

    desk.press("s")  # what a change of mind leaves behind is not sent
    desk.write_at_end("edited_question", "？")
    desk.press("d", "2")
    desk.write_at_end("note", "全文都没有")
    desk.sent("Control+Enter")

    there = desk.annotations(project)
    evidence = {"evidence": [span(PASSAGE, EVIDENCE, "evidence")]}
    judged = [read_result(interface, PAIR, one["result"]) for one in there if not one["was_cancelled"]]
    assert [one.problems for one in judged] == [[]] * 4
    assert [one.values for one in judged] == [
        evidence | {"decision": "accept", "faithful": 4},
        evidence | {"decision": "edit", "edited_question": QUESTION, "edited_answer": ANSWER + "（2025年）"},
        evidence | {"decision": "reject", "reasons": ["incomplete", "wrong_fact"]},
        evidence | {"decision": "reject", "reasons": ["unsupported"], "note": "全文都没有"},
    ]
    assert [one["was_cancelled"] for one in there] == [False, False, False, True, False]
    # the skipped one keeps what was marked beforehand, and nothing else
    assert [one["from_name"] for one in there[3]["result"]] == ["evidence"]
    people = desk.server.users()
    assert {people[one["completed_by"]] for one in there} == {served.annotators[0].email}


def test_boxes_stay_boxes_after_a_refused_submit(desk: Desk) -> None:
    """Label Studio turns the text of a box into a line with a pencil then, unless the box is a transcription."""
    interface = page_of("pair_review")
    project = desk.make(interface, PAIR, 1, [])
    desk.open(project)
    desk.refused("请先决定")
    desk.press("s")
    desk.write_at_end("edited_question", "（长沙）")
    desk.sent("Control+Enter")
    (one,) = desk.annotations(project)
    judged = read_result(interface, PAIR, one["result"])
    assert judged.problems == []
    assert judged.values == {
        "decision": "edit",
        "edited_question": QUESTION + "（长沙）",
        "edited_answer": ANSWER,
    }


def test_chinese_is_drawn_with_a_chinese_font(desk: Desk) -> None:
    """What Chromium has drawn the glyphs with, not what the page asked for."""
    desk.open(desk.make(page_of("pair_review"), PAIR, 1, []))
    chrome = desk.page.context.new_cdp_session(desk.page)
    chrome.send("DOM.enable")
    chrome.send("CSS.enable")
    root = chrome.send("DOM.getDocument")["root"]["nodeId"]
    for place in (".source", ".question", ".answer", ".decision"):
        node = chrome.send("DOM.querySelector", {"nodeId": root, "selector": f".page {place}"})["nodeId"]
        names = fonts_below(chrome.send, node)
        assert names, place
        assert all("CJK SC" in name for name in names), (place, names)


def fonts_below(send: Callable[..., Any], node: int) -> set[str]:
    """The fonts that an element and those in it are drawn with."""
    inside = send("DOM.querySelectorAll", {"nodeId": node, "selector": "*"})["nodeIds"]
    return {
        font["familyName"]
        for one in [node, *inside]
        for font in send("CSS.getPlatformFontsForNode", {"nodeId": one})["fonts"]
    }


TWO = {"question": QUESTION, "answer_a": ANSWER, "answer_b": ANSWER[:150], "passage": PASSAGE, "about": ABOUT}
NEWS = PASSAGE[:300] + "云岚储能的负责人田毅说，下一届在长沙。"
CONTACT = "现场请联系王小姐，微信同号 wang_expo_2025，展位 A12。"
COMPANY = "name：长沙檀溪丰沃实业有限公司\nshort_name：檀溪丰沃\ncity：长沙市\nemployees：184\nwebsite：https://www.example.com"
#: page -> its item, what is pressed and dragged over (key, words), and what must come of it
OTHERS: dict[str, tuple[dict[str, str], list[tuple[str, str]], dict[str, Any]]] = {
    "preference": (TWO, [("1", "")], {"better": "a"}),
    "labels": (
        {"text": "客服小姑娘说话利索，会场空调太冷。", "about": "comments"},
        [("3", "")],
        {"label": "mixed"},
    ),
    "spans": (
        {"text": NEWS, "about": "news"},
        [("1", "云岚储能"), ("2", "田毅")],
        {"spans": [span(NEWS, "云岚储能", "company"), span(NEWS, "田毅", "person")]},
    ),
    "noise_audit": (
        {"text": NEWS + "\n点击展开全文 &nbsp;", "about": "news"},
        [("d", ""), ("3", ""), ("6", "")],
        {"noisy": "yes", "kinds": ["mark_up", "truncated"]},
    ),
    "duplicates": (
        {"left": COMPANY, "right": COMPANY.replace("有限公司", "公司"), "about": "companies"},
        [("a", "")],
        {"same": "same"},
    ),
    "personal_data": (
        {"text": CONTACT, "about": "visitors"},
        [("6", "wang_expo_2025"), ("d", "")],
        {"leaked": "yes", "found": [span(CONTACT, "wang_expo_2025", "chat")]},
    ),
}


@pytest.mark.parametrize("name", OTHERS)
def test_the_other_pages_take_an_answer_and_do_not_scroll(name: str, desk: Desk) -> None:
    interface, (data, done, expected) = page_of(name), OTHERS[name]
    project = desk.make(interface, data, 1, [])
    desk.open(project)
    assert desk.page.evaluate(SCROLLING) == []
    for key, words in done:
        if words:
            desk.mark(key, words)
        else:
            desk.press(key)
    desk.sent("Control+Enter")
    (one,) = desk.annotations(project)
    judged = read_result(interface, data, one["result"])
    assert judged.problems == []
    assert judged.values == expected


def test_an_expert_decides_by_keyboard_with_the_verdicts_in_view(desk: Desk) -> None:
    annotating = page_of("pair_review")
    interface = for_adjudication(annotating)
    said = [
        {"value": "reject", "values": {"decision": "reject", "reasons": ["wrong_fact"], "note": "比例算错"}},
        {"value": "accept", "values": {"decision": "accept", "faithful": 5}},
    ]
    data = PAIR | {"verdicts": verdicts_text(annotating, said)}
    project = desk.make(interface, data, 1, [marked()])
    desk.open(project)
    assert "比例算错" in desk.page.locator("body").inner_text()
    desk.press("a")
    desk.refused("请写明裁决理由")
    desk.write_at_end("decision_reason", "资料写明了")
    desk.sent("Control+Enter")
    (one,) = desk.annotations(project)
    judged = read_result(interface, data, one["result"])
    assert judged.problems == []
    assert (judged.values["decision"], judged.values["decision_reason"]) == ("accept", "资料写明了")


def test_the_browser_asked_nobody_but_this_machine(desk: Desk) -> None:
    desk.open(desk.make(page_of("labels"), OTHERS["labels"][0], 1, []))
    assert desk.hosts == {"127.0.0.1"}
