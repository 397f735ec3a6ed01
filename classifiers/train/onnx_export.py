"""Writes the fine-tuned encoder as int8 ONNX beside its tokenizer."""

import json
import shutil
from pathlib import Path

import onnx
import torch
from onnxruntime.quantization import QuantType, quantize_dynamic

from classifiers.train.bert import Encoder

OPSET = 17


def export(model: Encoder, names: list[str], tokenizer: Path, work: Path, target: Path) -> None:
    """Write `encoder.onnx` (int8), `tokenizer.json` and `encoder.json` into `target`."""
    model.eval()
    exact = work / "encoder_f32.onnx"
    ids, mask = torch.ones(2, 16, dtype=torch.long), torch.ones(2, 16, dtype=torch.long)
    varying = {0: "batch", 1: "length"}
    torch.onnx.export(
        model,
        (ids, mask),
        str(exact),
        input_names=["ids", "mask"],
        output_names=["logits"],
        dynamic_axes={"ids": varying, "mask": varying, "logits": {0: "batch"}},
        opset_version=OPSET,
        dynamo=False,
    )
    onnx.checker.check_model(str(exact))
    quantize_dynamic(str(exact), str(target / "encoder.onnx"), weight_type=QuantType.QInt8, per_channel=True)
    shutil.copyfile(tokenizer, target / "tokenizer.json")
    (target / "encoder_heads.json").write_text(json.dumps(names) + "\n", "utf-8")
