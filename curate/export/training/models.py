"""The models that a release can be made for: what their config.json says, and which chat template they take."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import Field, ValidationError, model_validator

from curate.errors import CurateError, Problem, RecipeError
from curate.language import say
from curate.messages import did_you_mean, in_words
from curate.options import problem
from curate.unit import Form
from curate.yaml_lines import read_yaml

#: how far the count from the shapes may be from the stated one; biases and norms are not counted
TOLERANCE = 0.005


class Model(Form):
    """一个可以微调的模型，数字来自它的 config.json。 / A model to be tuned; the numbers are its config.json's."""

    name: str
    """模型在目录里的名字 / its name in the catalogue"""
    hub: str = Field(min_length=1)
    """下载用的名字 / the name to download it by"""
    template: str = Field(min_length=1)
    """LLaMA-Factory 的模板 / LLaMA-Factory's template"""
    thinking: Literal["always", "hybrid", "never"] = "never"
    """回答前是否思考：always、hybrid（可开可关）、never / whether it thinks before it answers"""
    context: int = Field(ge=512)
    """最长多少 token / the longest context in tokens"""
    parameters: int = Field(ge=1)
    """参数总数 / the number of parameters"""
    layers: int = Field(ge=1)
    """层数 / layers"""
    hidden: int = Field(ge=1)
    """隐藏层宽度 / hidden size"""
    intermediate: int = Field(ge=1)
    """前馈层宽度；专家模型是一个专家的 / width of the feed-forward layer, of one expert where there are experts"""
    heads: int = Field(ge=1)
    """注意力头数 / attention heads"""
    kv_heads: int = Field(ge=1)
    """键和值的头数 / heads of keys and values"""
    head_dim: int | None = Field(None, ge=1)
    """每个头的宽度，不写就是 hidden / heads / width of a head; hidden / heads when absent"""
    vocabulary: int = Field(ge=1)
    """词表大小 / size of the vocabulary"""
    tied: bool = False
    """输入和输出共用一份词表 / one table of embeddings for input and output"""
    experts: int = Field(0, ge=0)
    """专家个数，0 是普通模型 / experts; 0 for a dense model"""
    experts_per_token: int = Field(0, ge=0)
    """每个 token 用几个专家 / experts that a token uses"""
    license: str = ""
    """许可证 / licence"""

    @property
    def query_width(self) -> int:
        """Width of all query heads."""
        return self.heads * (self.head_dim or self.hidden // self.heads)

    @property
    def kv_width(self) -> int:
        """Width of the keys (and of the values)."""
        return self.kv_heads * (self.head_dim or self.hidden // self.heads)

    @property
    def shapes(self) -> dict[str, tuple[int, int]]:
        """Linear layers of one block that LoRA can take: name -> (width in, width out).

        Those of experts are not among them: transformers 5 keeps all experts of a block in one 3-D parameter,
        which neither PEFT's ``all`` nor bitsandbytes takes for a linear layer.
        """
        hidden, inner = self.hidden, self.intermediate
        attention = {
            "q_proj": (hidden, self.query_width),
            "k_proj": (hidden, self.kv_width),
            "v_proj": (hidden, self.kv_width),
            "o_proj": (self.query_width, hidden),
        }
        if self.experts:
            return attention
        return attention | {
            "gate_proj": (hidden, inner),
            "up_proj": (hidden, inner),
            "down_proj": (inner, hidden),
        }

    @property
    def linear(self) -> int:
        """Parameters that bitsandbytes can hold in 8 or 4 bits: the linear layers of all blocks."""
        return self.layers * sum(wide * out for wide, out in self.shapes.values())

    @property
    def embeddings(self) -> int:
        """Parameters of the embeddings and of the output layer; they stay in 16 bits."""
        return self.vocabulary * self.hidden * (1 if self.tied else 2)

    @property
    def counted(self) -> int:
        """The number of parameters by the shapes; without biases and norms, which are below 0.1 %."""
        experts = self.layers * self.experts * (3 * self.hidden * self.intermediate + self.hidden)
        return self.embeddings + self.linear + experts

    @model_validator(mode="after")
    def _numbers_agree(self) -> Model:
        away = abs(self.counted - self.parameters) / self.parameters
        if away > TOLERANCE:
            raise problem(
                say(
                    f"parameters 写的是 {self.parameters:,}，按各层尺寸重算是 {self.counted:,}，相差 {away:.1%}",
                    f"parameters is {self.parameters:,}, but the shapes give {self.counted:,}: {away:.1%} apart",
                ),
                say("对照模型的 config.json 核对每个数", "compare every number with the model's config.json"),
            )
        return self


def packaged_models() -> Path:
    """The catalogue that comes with curate: in a wheel inside the package, in a checkout beside it."""
    import curate

    package = Path(curate.__file__).parent
    place = package / "starter" if (package / "starter").is_dir() else package.parent
    return place / "recipes" / "models.yaml"


def load_models(file: Path | None = None) -> dict[str, Model]:
    """The packaged catalogue, and over it what ``file`` holds.

    Raises:
        RecipeError: all mistakes of the file at once, with their lines.
    """
    models = _read(packaged_models())
    return models if file is None else models | _read(file)


def _read(file: Path) -> dict[str, Model]:
    stat = file.stat()
    return _read_once(file, stat.st_mtime_ns, stat.st_size)


@cache
def _read_once(file: Path, changed: int, size: int) -> dict[str, Model]:  # noqa: ARG001
    """A run asks for its model eight times, and YAML is slow to read."""
    document = read_yaml(file)
    problems = list(document.problems)
    found: dict[str, Model] = {}
    if not problems and not isinstance(document.value, dict):
        hint = say("照 recipes/models.yaml 的样子写", "write it like recipes/models.yaml")
        problems.append(Problem(file, 1, say("应当是“名称: 内容”的形式", "must map names to models"), hint))
    for name, about in (document.value or {}).items() if not problems else ():
        try:
            if not isinstance(about, dict):
                raise CurateError(say(f"{name} 没有内容", f"{name} is empty"))
            found[str(name)] = Model.model_validate({**about, "name": str(name)})
        except CurateError as error:
            problems.append(Problem(file, document.line((name,)), error.problem))
        except ValidationError as error:
            for mistake in error.errors():
                where = ".".join(map(str, (name, *mistake["loc"])))
                hint = str(mistake.get("ctx", {}).get("hint", ""))
                if mistake["type"] == "extra_forbidden":
                    hint = did_you_mean(str(mistake["loc"][-1]), Model.model_fields)
                line = document.line((name, *mistake["loc"]))
                problems.append(Problem(file, line, f"{where}：{in_words(mistake)}", hint))
    if problems:
        raise RecipeError(problems)
    return found


def find_model(name: str, models: dict[str, Model]) -> Model:
    """The model of that name; capitals and the hub's own name are understood.

    Raises:
        CurateError: there is none; names the nearest.
    """
    for model in models.values():
        if name.lower() in (model.name.lower(), model.hub.lower(), model.hub.split("/")[-1].lower()):
            return model
    raise CurateError(
        say(f"模型目录里没有 {name}", f"the model catalogue has no {name}"),
        did_you_mean(name.lower(), models)
        + say("；要加模型，写进 recipes/models.yaml", "; a new one goes into recipes/models.yaml"),
    )
