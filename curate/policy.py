"""Who may do what in a workspace: ``policy.yaml``, or the file that ``CURATE_POLICY`` names::

    roles: {analyst: [run, return, review], lead: [run, return, review, override, export, unmask], auditor: []}
    users: {wangfang: analyst, lead1: [lead]}
    default: []            # users who are not named

Users are those of the operating system. Without a policy everybody may do everything. Reading the audit log needs no permission.

What it is worth: it keeps people from doing by mistake what is not theirs, and a denied attempt stands in the audit log. It cannot hold
somebody who may read and write the files themselves, or who sets ``CURATE_POLICY`` or ``PYTHONPATH`` anew: there the operating system
is the only boundary. So, where it matters: each person with an account of their own; the workspace owned by a group, its folders setgid
(``chmod g+s``) and everybody's umask 002; ``policy.yaml`` owned by root or an administrator and readable only, named by ``CURATE_POLICY`` in the system's profile;
raw ``data/`` and ``runs/`` readable only for those with ``unmask``, or curate as a service under an account of its own, whose
environment also holds ``CURATE_AUDIT_KEY``; the log append-only (``chattr +a runs/audit/log.jsonl``).
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Literal, get_args

from pydantic import BeforeValidator, ValidationError

from curate.audit.changes import Tracked
from curate.audit.log import record
from curate.environment import who
from curate.errors import CurateError, NotAllowed, Problem
from curate.files import sha256_of_file
from curate.language import say
from curate.messages import did_you_mean, in_words
from curate.unit import Form
from curate.yaml_lines import Document, read_yaml

Permission = Literal["run", "return", "review", "override", "export", "unmask"]
PERMISSIONS: tuple[Permission, ...] = get_args(Permission)
POLICY_ENV = "CURATE_POLICY"
#: permission -> what it lets people do (Chinese, English)
WORDS: dict[str, tuple[str, str]] = {
    "run": ("运行配方", "run recipes"),
    "return": ("交回退回的行", "return quarantined rows"),
    "review": ("收发和裁决审核", "push, pull and settle reviews"),
    "override": ("放行关卡", "override gates"),
    "export": ("导出", "export"),
    "unmask": ("看未遮盖的个人信息", "see personal data unmasked"),
}

Roles = Annotated[list[str], BeforeValidator(lambda value: [value] if isinstance(value, str) else value)]


class Policy(Form):
    """What roles may do, and who has which."""

    roles: dict[str, list[Permission]]
    """角色 → 可以做什么 / role -> permissions"""
    users: dict[str, Roles] = {}
    """用户 → 角色 / user of the operating system -> roles"""
    default: Roles = []
    """没有列出的用户的角色 / roles of users who are not named"""

    def of(self, user: str) -> frozenset[str]:
        """The permissions of a user."""
        return frozenset(
            permission for role in self.users.get(user, self.default) for permission in self.roles[role]
        )


def policy_file(workspace: Path) -> Path | None:
    """The policy that holds here; None where there is none.

    Raises:
        CurateError: ``CURATE_POLICY`` names a file that is not there; that is no leave to do everything.
    """
    named = os.environ.get(POLICY_ENV)
    if not named:
        file = workspace / "policy.yaml"
        # a link that leads nowhere is there, and fails when it is read
        return file if os.path.lexists(file) else None
    if not Path(named).is_file():
        raise CurateError(
            say(f"{POLICY_ENV} 指向的 {named} 不存在", f"{POLICY_ENV} names {named}, which is not there"),
            say(
                "请管理员放好权限文件，或改正这个变量",
                "have the administrator put the policy there, or mend the variable",
            ),
        )
    return Path(named)


def load_policy(workspace: Path) -> Policy | None:
    """Raises:
    CurateError: all that is wrong with the file, each with its line. Nobody may do anything until it is mended.
    """
    file = policy_file(workspace)
    if file is None:
        return None
    document = read_yaml(file)
    problems = list(document.problems)
    if not problems:
        try:
            policy = Policy.model_validate({} if document.value is None else document.value)
            problems = _unknown_roles(document, policy)
            if not problems:
                return policy
        except ValidationError as errors:
            problems = [_problem(document, error) for error in errors.errors(include_url=False)]
    raise CurateError(
        "\n".join(
            [
                *map(str, sorted(set(problems))),
                say(f"权限文件有 {len(problems)} 处问题", f"the policy has {len(problems)} problem(s)"),
            ]
        ),
        say(
            "请管理员逐条改好；在那以前谁都不能做需要权限的事",
            "have them mended; until then nobody may do what needs a permission",
        ),
    )


def may(workspace: Path, permission: Permission) -> bool:
    """May the user who runs this do it?

    Raises:
        CurateError: the policy cannot be read.
    """
    policy = load_policy(workspace)
    return policy is None or permission in policy.of(who())


def need(workspace: Path, permission: Permission, what: str) -> None:
    """Go on, or not.

    Args:
        what: what the user is about to do, for the message and the log.

    Raises:
        NotAllowed: the user may not; that it was tried is recorded.
        CurateError: the policy cannot be read.
    """
    if may(workspace, permission):
        return
    file = policy_file(workspace)
    told = say("已记入审计日志", "this is in the audit log now")
    try:
        record(workspace, "policy.denied", {"permission": permission, "what": what})
    except CurateError as error:  # denied all the same
        told = error.problem
    raise NotAllowed(
        say(
            f"用户 {who()} 没有“{WORDS[permission][0]}”（{permission}）的权限：{what}",
            f"user {who()} may not {WORDS[permission][1]} ({permission}): {what}",
        ),
        say(
            f"请有这个权限的人来做，或请管理员在 {file} 里加上角色（{told}）",
            f"ask somebody who may, or have a role added in {file} ({told})",
        ),
    )


def policy_line(workspace: Path) -> str:
    """What holds here, in a sentence: for ``check`` and the audit log."""
    file = policy_file(workspace)
    if file is None:
        return say(
            "没有权限文件 policy.yaml：谁都可以做所有的事",
            "there is no policy.yaml: everybody may do everything",
        )
    own = load_policy(workspace)
    granted = sorted(own.of(who())) if own else []
    words = say("、", ", ").join(say(*WORDS[name]) for name in granted) or say("什么都不能做", "nothing")
    return say(f"权限文件 {file}：{who()} 可以{words}", f"policy {file}: {who()} may: {words}")


def tracked(workspace: Path) -> list[Tracked]:
    """The policy as a file whose changes are recorded."""
    file = policy_file(workspace)
    if file is None:
        return []
    inside = file.is_relative_to(workspace)
    path = file.relative_to(workspace).as_posix() if inside else str(file)
    return [Tracked(path, "policy", sha256_of_file(file))]


def _unknown_roles(document: Document, policy: Policy) -> list[Problem]:
    named: list[tuple[tuple[str, ...], str]]
    named = [(("users", user), role) for user, roles in policy.users.items() for role in roles]
    named += [(("default",), role) for role in policy.default]
    return [
        Problem(
            document.file,
            document.line(place),
            say(f"没有角色 {role}", f"there is no role {role}"),
            did_you_mean(role, policy.roles),
        )
        for place, role in named
        if role not in policy.roles
    ]


def _problem(document: Document, error: object) -> Problem:
    """One of pydantic's errors, at its line and in words."""
    assert isinstance(error, dict)
    where = error["loc"]
    last, line = str(where[-1]) if where else "", document.line(where)
    if error["type"] == "extra_forbidden":
        hint = did_you_mean(last, Policy.model_fields)
        return Problem(document.file, line, say(f"没有 {last} 这一项", f"there is no {last}"), hint)
    if error["type"] == "literal_error":
        told = say(f"没有 {error['input']} 这种权限", f"there is no permission {error['input']}")
        return Problem(document.file, line, told, did_you_mean(str(error["input"]), PERMISSIONS))
    place = ".".join(str(step) for step in where)
    return Problem(document.file, line, f"{place}: {in_words(error)}" if place else in_words(error))
