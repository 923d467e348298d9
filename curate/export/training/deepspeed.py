"""DeepSpeed's JSON: the trainer fills in every "auto" from its YAML. LLaMA-Factory's wheel carries none."""

from __future__ import annotations

from typing import Any

from curate.export.training.memory import BUCKET, LIVE


def zero_config(stage: int) -> dict[str, Any]:
    """The configuration of ZeRO stage 2 or 3 (Rajbhandari et al. 2020).

    Buckets are smaller than DeepSpeed's 500 million elements: adapters have far fewer gradients, and a bucket is
    allocated whole (2 GB each).
    """
    zero: dict[str, Any] = {
        "stage": stage,
        "overlap_comm": False,
        "contiguous_gradients": True,
        "reduce_bucket_size": BUCKET,
    }
    if stage == 2:
        zero |= {"allgather_partitions": True, "allgather_bucket_size": BUCKET, "reduce_scatter": True}
        zero |= {"round_robin_gradients": True}
    else:
        zero |= {
            "sub_group_size": 1_000_000_000,
            "stage3_prefetch_bucket_size": "auto",
            "stage3_param_persistence_threshold": "auto",
            "stage3_max_live_parameters": LIVE,
            "stage3_max_reuse_distance": LIVE,
            "stage3_gather_16bit_weights_on_model_save": True,
        }
    return {
        "train_batch_size": "auto",
        "train_micro_batch_size_per_gpu": "auto",
        "gradient_accumulation_steps": "auto",
        "gradient_clipping": "auto",
        "zero_allow_untested_optimizer": True,
        "fp16": {
            "enabled": "auto",
            "loss_scale": 0,
            "loss_scale_window": 1000,
            "initial_scale_power": 16,
            "hysteresis": 2,
            "min_loss_scale": 1,
        },
        "bf16": {"enabled": "auto"},
        "zero_optimization": zero,
    }
