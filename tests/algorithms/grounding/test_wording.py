"""Phrases that betray a prompt, questions that cannot stand alone, languages, quotations."""

from __future__ import annotations

import pytest

from curate.algorithms.grounding import evidence_in, language_ok, leaked, question_ok

LEAKED = {
    "根据上文，共有1200家企业。": "根据上文", "根据以上信息，展会分两期。": "根据以上", "根据提供的材料，展会分两期。": "根据提供的材料", "文中提到展会分两期。": "文中提到",
    "上述内容显示，展会分两期。": "上述内容显示", "该段落说明了票价。": "该段落", "展会分两期，参考资料如此。": "参考资料", "本文介绍了票价。": "本文",
    "作为一个AI，我不清楚。": "作为一个AI", "我是人工智能语言模型。": "我是人工智能", "以下是申报条件：送审图纸。": "以下是", "好的，展会分两期。": "好的",
    "展会分两期。希望这对您有帮助！": "希望这对您", "展会分两期。如有其他问题请告知。": "如有其他问题请告知", "答案：两期。": "答案", "共⟦1⟧家。": "⟦1⟧",
    "As an AI model, I cannot say.": "As an AI", "According to the text, there are two.": "According to the text", "Sure, there are two.": "Sure",
}  # fmt: skip
NOT_LEAKED = (
    "根据《展会管理办法》，余款应在开展前付清。", "以上海为例，展会分两期。", "根据以上海为中心的规划，展会分两期。", "20岁以上的观众可以入场。", "根据主办方提供的数据，共1200家。",
    "请提交上述材料各一份。", "如有疑问请联系组委会。", "日本文化展区在三号馆。", "样本文件一式两份。", "零度以下是禁止的。", "根据材料性能选择板材。", "好的展位先到先得。",
    "作为主办方，组委会负责安全。", "The text size is 12 points.",
)  # fmt: skip
POINTING = (
    "该公司的注册资本是多少？", "本报告的数据截至何时？", "上述材料要交几份？", "这家企业在哪里？", "此次展会规模多大？", "它的重量是多少？", "文中提到的价格是多少？", "其注册地在哪里？",
    "这个项目投资多少？",
)  # fmt: skip
STANDING = (
    "霁川会展服务有限公司有多少员工，该公司成立于哪年？", "《扶持办法》何时施行，该办法有效期几年？", "标准展位的价格是多少，其配置包括什么？", "应该怎样申报绿色展台？", "成本是多少？",
    "参展证怎么领，其他人可以代领吗？", "日本展商有多少家？", "React 17 何时发布，它有什么特点？", "第18届砾石博览会面积多大，本届有多少展商？",
)  # fmt: skip
LANGUAGES = {
    "展会有1200家企业参展": "zh", "React 19 的 useEffectEvent 很有用": "zh", "The exhibition has 1200 exhibitors": "en", "XK-2000A": "zh en", "https://a.example.com": "zh en",
    "this 答案 is 混合 text": "", "これはテストです": "", "выставка": "", "": "zh en",
}  # fmt: skip
EVIDENCE = {
    "吸引1,200家企业，": True, "吸引１，２００家企业": True, "吸引 1,200 家企业": True, "“吸引1,200家企业。”": True, "吸引1,300家企业": False, "吸引企业1,200家": False, "": False,
    "。": False,
}  # fmt: skip


@pytest.mark.parametrize(("text", "phrase"), LEAKED.items())
def test_a_phrase_of_the_prompt_is_found(text: str, phrase: str) -> None:
    assert leaked(text) == phrase


@pytest.mark.parametrize("text", NOT_LEAKED)
def test_plain_words_betray_nothing(text: str) -> None:
    assert leaked(text) is None


@pytest.mark.parametrize("question", POINTING)
def test_a_question_about_something_that_it_does_not_name_refers_to_the_unseen(question: str) -> None:
    assert question_ok(question) == "refers_to_unseen"


@pytest.mark.parametrize("question", STANDING)
def test_a_question_that_names_what_it_is_about_stands_alone(question: str) -> None:
    assert question_ok(question) is None


@pytest.mark.parametrize(("text", "languages"), LANGUAGES.items())
def test_the_language_of_an_answer_is_told(text: str, languages: str) -> None:
    assert (language_ok(text), language_ok(text, "en"), language_ok(text, "any")) == (
        "zh" in languages,
        "en" in languages,
        True,
    )


@pytest.mark.parametrize(("quoted", "found"), EVIDENCE.items())
def test_evidence_stands_word_for_word_in_its_source(quoted: str, found: bool) -> None:
    assert evidence_in(quoted, "展会将吸引1,200家企业，规模空前。") is found
