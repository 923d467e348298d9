"""Dates as ISO 8601."""

from __future__ import annotations

import polars as pl
import pytest

from curate.algorithms.fields.dates import DateRules, parse_dates

READ = {
    "2003-05-01": "2003-05-01", "2003年5月1日": "2003-05-01", "2003年05月01号": "2003-05-01", "2003年5月1": "2003-05-01",
    "2003 年 5 月 1 日": "2003-05-01", "2003.5.1": "2003-05-01", "2003/5/1": "2003-05-01", "2003-5-1": "2003-05-01",
    "２００３．５．１": "2003-05-01", "2003。5。1": "2003-05-01", "20030501": "2003-05-01",
    "二〇〇三年五月一日": "2003-05-01", "二零零三年十二月三十一日": "2003-12-31", "二〇〇四年二月廿九日": "2004-02-29",
    "民国92年5月1日": "2003-05-01", "民國九十二年五月": "2003-05", "民国元年": "1912",
    "2003年5月": "2003-05", "2003年05月份": "2003-05", "2003-5": "2003-05", "2003年": "2003", "2003": "2003",
    "May 1, 2003": "2003-05-01", "1st May 2003": "2003-05-01", "1-May-2003": "2003-05-01", "May 2003": "2003-05",
    "13/5/2003": "2003-05-13", "05/13/2003": "2003-05-13", "5/5/2003": "2003-05-05",
    "2003-05-01 星期四": "2003-05-01", "2003年5月1日（周四）": "2003-05-01",
    "成立日期：2003年5月1日": "2003-05-01", "2003年5月1日成立": "2003-05-01",
    "2003年5月1日 14:30": "2003-05-01 14:30:00", "2003年5月1日下午2点30分": "2003-05-01 14:30:00",
    "2003年5月1日凌晨12点30分": "2003-05-01 00:30:00", "2003年5月1日中午12点30分": "2003-05-01 12:30:00",
    "5 Sept. 2003": "2003-09-05", "December 2003": "2003-12",
    "2003/5/1 8:05:09": "2003-05-01 08:05:09", "2003/5/1 0:00": "2003-05-01", "2003-05-01 00:00:00": "2003-05-01",
    "2003-05-01T08:00:00+08:00": "2003-05-01T08:00:00+08:00",
}  # fmt: skip
UNREAD = {
    "relative": "去年", "about": "约2003年", "a third of a month": "2003年5月上旬", "a range": "2003年5月1日-5日",
    "two digits for the year": "98年5月", "all of two digits": "03-05-01", "year and month or a day": "200305",
    "day or month first": "5/1/2003", "no such day": "2003-02-30", "no such month": "2003年13月",
    "no leap year": "2003年二月廿九日", "zeros": "0000-00-00", "a serial number": "43831", "two separators": "2003-5/1",
    "midnight of which day": "2003年5月1日晚上12点", "words that begin like months": "Decade 2003", "another": "Marching 2003",
    "no such hour": "2003-05-01 25:00", "a time alone": "12:30", "a telephone": "13800138000",
}  # fmt: skip


@pytest.mark.parametrize(("text", "wanted"), READ.items())
def test_a_date_is_no_more_exact_than_it_is_written(text: str, wanted: str) -> None:
    assert parse_dates(pl.Series([text, wanted])).to_list() == [wanted, wanted]


@pytest.mark.parametrize("text", UNREAD.values(), ids=UNREAD)
def test_what_is_no_date_for_sure_is_null(text: str) -> None:
    assert parse_dates(pl.Series([text])).to_list() == [None]


@pytest.mark.parametrize(
    ("rules", "text", "wanted"),
    [
        (DateRules(day_first=True), "1/2/2003", "2003-02-01"),
        (DateRules(day_first=False), "1/2/2003", "2003-01-02"),
        (DateRules(excel_serial=True), "43831", "2020-01-01"),
        (DateRules(excel_serial=True), "37742.0", "2003-05-01"),
        (DateRules(excel_serial=True), "2003", "2003"),
        (DateRules(excel_serial=True), "9" * 5000, None),
    ],
)
def test_an_option_says_what_the_value_cannot(rules: DateRules, text: str, wanted: str | None) -> None:
    assert parse_dates(pl.Series([text, None]), rules).to_list() == [wanted, None]
