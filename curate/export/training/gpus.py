"""The cards that are trained on."""

from __future__ import annotations

from typing import Any

from pydantic import Field, model_validator

from curate.language import say
from curate.messages import did_you_mean
from curate.options import problem
from curate.unit import Form

#: card -> (GiB, computes in bf16). Volta and Turing (V100, T4) do not: NVIDIA's tensor cores have bf16 from
#: Ampere (compute capability 8.0) on.
CARDS: dict[str, tuple[float, bool]] = {
    "rtx 3060": (12, True),
    "rtx 3090": (24, True),
    "rtx 4080": (16, True),
    "rtx 4090": (24, True),
    "t4": (16, False),
    "v100 16g": (16, False),
    "v100 32g": (32, False),
    "a10": (24, True),
    "l40": (48, True),
    "a100 40g": (40, True),
    "a100 80g": (80, True),
    "h100": (80, True),
    "h20": (96, True),
}
#: other ways to write them; a bare name means the larger card where two were sold
ALIASES = {"v100": "v100 32g", "a100": "a100 80g", "l40s": "l40", "h100 80g": "h100", "h20 96g": "h20"}


def _plain(name: str) -> str:
    """``NVIDIA GeForce RTX-4090`` -> ``rtx 4090``; ``A100-80GB`` -> ``a100 80g``."""
    words = name.lower().replace("-", " ").replace("_", " ").replace("gb", "g").split()
    words = [word for word in words if word not in ("nvidia", "geforce", "tesla", "sxm4", "sxm", "pcie")]
    if words and words[0].startswith("rtx") and words[0] != "rtx":
        words = ["rtx", words[0][3:], *words[1:]]
    if words and words[0] in ("3060", "3090", "4080", "4090"):
        words = ["rtx", *words]
    plain = " ".join(words)
    return ALIASES.get(plain, plain)


class Gpu(Form):
    """训练用的显卡。 / The cards to train on."""

    card: str | None = None
    """显卡型号，例如 RTX 4090；写了就不用写 memory_gb 和 bf16 / the card's name; fills in the other two"""
    memory_gb: float = Field(24, gt=0)
    """每张卡的显存（GB） / memory of one card in GB"""
    count: int = Field(1, ge=1, le=64)
    """几张卡 / how many cards"""
    bf16: bool = True
    """显卡支不支持 bf16（V100、T4 不支持） / whether it computes in bf16 (V100 and T4 do not)"""

    @model_validator(mode="before")
    @classmethod
    def _card_fills_in(cls, given: Any) -> Any:
        if not isinstance(given, dict) or not isinstance(given.get("card"), str):
            return given
        card = _plain(given["card"])
        if card not in CARDS:
            raise problem(
                say(f"不认识显卡 {given['card']}", f"the card {given['card']} is not known"),
                did_you_mean(card, CARDS)
                + say("；也可以只写 memory_gb 和 bf16", "; or give memory_gb and bf16 instead"),
            )
        memory, bf16 = CARDS[card]
        return {"memory_gb": memory, "bf16": bf16, **given}

    @property
    def label(self) -> str:
        """``2 x RTX 4090 (24 GB)``; ``1 x 24 GB`` when the card has no name."""
        memory = f"{self.memory_gb:g} GB"
        return f"{self.count} x {self.card} ({memory})" if self.card else f"{self.count} x {memory}"


def cards_with(memory_gb: float) -> list[str]:
    """The known cards that hold at least so much, smallest first."""
    fitting = [(memory, card.upper()) for card, (memory, _) in CARDS.items() if memory >= memory_gb]
    return [card for _, card in sorted(fitting)]
