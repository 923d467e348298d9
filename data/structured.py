"""Plain rows of companies, visitors, products, exhibitions and forums."""

import random
from datetime import date, datetime, timedelta

import ids
import phrases_structured as phrases
import vocabulary as words
from grammar import Words, expand, listed, sentences
from layout import Row


def moment(rng: random.Random, year: int = 2026) -> datetime:
    """A working hour in the first three months of a year."""
    return datetime(
        year,
        rng.randint(1, 3),
        rng.randint(1, 28),
        rng.randint(8, 19),
        rng.randint(0, 59),
        rng.randint(0, 59),
    )


def any_date(rng: random.Random, first: int, last: int) -> date:
    return date(rng.randint(first, last), rng.randint(1, 12), rng.randint(1, 28))


def written(rng: random.Random, day: date) -> str:
    """A date as people type it: mostly 2015-03-09, sometimes 2015/3/9 or 2015年3月9日."""
    style = rng.random()
    if style < 0.8:
        return day.isoformat()
    if style < 0.92:
        return f"{day.year}/{day.month}/{day.day}"
    return f"{day.year}年{day.month}月{day.day}日"


def person(rng: random.Random) -> str:
    return rng.choice(words.SURNAMES) + rng.choice(words.GIVEN)


def brand(rng: random.Random) -> str:
    return rng.choice(words.BRAND_HEAD) + rng.choice(words.BRAND_TAIL)


def company_name(rng: random.Random, short: str, city: str) -> str:
    ending = rng.choice(words.COMPANY_ENDINGS)
    place = city.removesuffix("市")
    form = rng.choice(
        ("{0}{1}{2}有限公司", "{1}{2}（{0}）有限公司", "{0}市{1}{2}股份有限公司", "{0}{1}{2}有限责任公司")
    )
    return form.format(place, short, ending)


def topic(rng: random.Random, industry: str | None = None) -> tuple[str, dict[str, str | list[str]]]:
    """An industry and its words; 一, 二 and 三 are three different products."""
    industry = industry or rng.choice(list(words.INDUSTRIES))
    trade = words.INDUSTRIES[industry]
    one, two, three = rng.sample(trade["产品"], 3)
    return industry, {**words.COMMON, **trade, "行业": industry, "一": one, "二": two, "三": three}


def latin(rng: random.Random, syllables: int) -> str:
    return "".join(
        rng.choice(listed("lan yun he zhu qi bo mai rui xin tao wei jun fan su lu")) for _ in range(syllables)
    )


def company(rng: random.Random) -> Row:
    industry, context = topic(rng)
    province = rng.choice(list(words.PLACES))
    city = rng.choice(words.PLACES[province])
    short = brand(rng)
    return {
        "credit_code": ids.credit_code(rng, province),
        "name": company_name(rng, short, city),
        "short_name": short,
        "industry": industry,
        "province": province,
        "city": city,
        "founded": written(rng, any_date(rng, 1994, 2023)),
        "capital_wan": rng.choice(
            (50, 100, 200, 300, 500, 600, 800, 1000, 1288, 2000, 3000, 5000, 5080, 10000)
        ),
        "employees": rng.randint(6, 1200) if rng.random() < 0.95 else None,
        "business": expand(rng, rng.choice(phrases.BUSINESS), context),
        "introduction": sentences(rng, phrases.COMPANY, rng.randint(4, 6), context),
        "contact": person(rng) if rng.random() < 0.95 else None,
        "phone": ids.landline(rng) if rng.random() < 0.6 else ids.mobile(rng),
        "website": f"https://www.{latin(rng, 3)}{rng.randint(1, 99)}.example.com"
        if rng.random() < 0.8
        else None,
        "updated_at": str(moment(rng)),
    }


def visitor(rng: random.Random) -> Row:
    _, context = topic(rng)
    city = rng.choice(words.CITIES)
    age = rng.randint(22, 63)
    return {
        "name": rng.choice(words.RARE_NAMES) if rng.random() < 0.02 else person(rng),
        "phone": ids.mobile(rng),
        "email": f"{latin(rng, 2)}{rng.randint(10, 9999)}@mail.example.com" if rng.random() < 0.9 else None,
        "id_number": ids.id_number(rng, 2025 - age) if rng.random() < 0.9 else None,
        "company": company_name(rng, brand(rng), city),
        "title": rng.choice(words.TITLES),
        "city": city,
        "age": age if rng.random() < 0.93 else None,
        "interests": "、".join(rng.sample(list(words.INDUSTRIES), rng.randint(1, 3))),
        "updated_at": str(moment(rng)),
        "remark": sentences(rng, phrases.REMARKS, rng.randint(1, 2), context)
        if rng.random() < 0.75
        else None,
    }


def product(rng: random.Random, companies: list[str]) -> Row:
    industry, context = topic(rng)
    letters = "".join(rng.choice("ABCDEFGHKLMNPRSTWXYZ") for _ in range(2))
    return {
        "name": rng.choice(phrases.PRODUCT_PREFIX) + str(context["一"]),
        "model": f"{letters}-{rng.randint(100, 9999)}{rng.choice(('', 'A', 'B', 'S', 'Pro', 'T'))}",
        "company_id": rng.choice(companies),
        "category": industry,
        "price_yuan": rng.choice(
            (round(rng.uniform(9, 400), 2), rng.randint(400, 9000), rng.randint(90, 3800) * 100)
        ),
        "unit": rng.choice(("台", "件", "套", "箱", "个")),
        "description": sentences(rng, phrases.PRODUCT, rng.randint(3, 5), context),
        "launched": written(rng, any_date(rng, 2019, 2025)) if rng.random() < 0.93 else None,
        "tags": rng.sample([str(context["一"]), *context["技术"], *context["场景"]], rng.randint(2, 4)),
        "updated_at": str(moment(rng)),
    }


def exhibition(rng: random.Random, companies: list[str]) -> Row:
    industry, context = topic(rng)
    start = any_date(rng, 2024, 2026)
    city = rng.choice(words.CITIES)
    area, exhibitors, guests = rng.randint(8, 220) * 1000, rng.randint(80, 2600), rng.randint(50, 1900) * 100
    edition = rng.randint(2, 28)
    numbers: Words = {**context, "面积": str(area), "展商": str(exhibitors), "观众": str(guests)}
    kind = rng.choice(("展览会", "博览会", "采购大会", "交易会", "创新展"))
    return {
        "name": f"第{edition}届{rng.choice(words.BRAND_HEAD)}{industry}{kind}（{city.removesuffix('市')}）",
        "edition": edition,
        "city": city,
        "venue": rng.choice(words.VENUES) + rng.choice(("国际会展中心", "展览馆", "博览中心", "会展城")),
        "start_date": str(start),
        "end_date": str(start + timedelta(days=rng.randint(2, 4))),
        "area_sqm": area,
        "exhibitors": exhibitors,
        "visitors": guests,
        "organizer_id": rng.choice(companies),
        "theme": expand(rng, rng.choice(phrases.THEMES), context),
        "introduction": expand(rng, phrases.EXHIBITION[0], numbers)
        + sentences(rng, phrases.EXHIBITION[1:], rng.randint(5, 7), numbers),
        "updated_at": str(moment(rng)),
    }


def forum(rng: random.Random, exhibitions: list[tuple[str, str]]) -> Row:
    _, context = topic(rng)
    exhibition_id, day = rng.choice(exhibitions)
    start = datetime.fromisoformat(day) + timedelta(
        days=rng.randint(0, 1), hours=rng.randint(9, 16), minutes=rng.choice((0, 30))
    )
    return {
        "exhibition_id": exhibition_id,
        "title": expand(rng, rng.choice(phrases.FORUM_TITLES), context),
        "speaker": person(rng),
        "speaker_title": f"{brand(rng)}{rng.choice(words.TITLES)}",
        "start": start,
        "room": f"{rng.randint(1, 9)}号馆{rng.choice('ABCDE')}{rng.randint(101, 420)}室"
        if rng.random() < 0.92
        else None,
        "abstract": sentences(rng, phrases.FORUM, rng.randint(5, 7), context),
        "updated_at": moment(rng),
    }
