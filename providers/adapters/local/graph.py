"""Builds the ONNX graph of a BERT sentence encoder from its weights, and quantises it; needs no torch."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from onnx import ModelProto, TensorProto, helper, load_model, numpy_helper, save_model

Array = npt.NDArray[np.float32]

_OPSET = 17
_IR_VERSION = 8
_WORDS = "words"  # the table of words
_LEVELS = 255
_MICROSOFT = "com.microsoft"  # onnxruntime's fused operators for transformers


@dataclass(frozen=True, slots=True)
class Shape:
    """How large a BERT encoder is, beside what its weights tell."""

    layers: int
    heads: int
    hidden: int
    epsilon: float


class _Graph:
    """Collects nodes and constants; every method returns the name of what it added."""

    def __init__(self, weights: dict[str, Array]) -> None:
        self.weights = weights
        self.nodes: list[Any] = []
        self.constants: list[Any] = []

    def constant(self, name: str, value: npt.NDArray[Any]) -> str:
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def weight(self, name: str) -> str:
        """A vector of the model, used as it is."""
        return self.constant(name, self.weights[name])

    def matrix(self, name: str) -> str:
        """A linear layer's matrix, turned so that it multiplies from the right."""
        return self.constant(name, self.weights[name].T)

    def node(self, operator: str, inputs: list[str], output: str, *, fused: bool = False, **attributes: Any) -> str:
        domain = _MICROSOFT if fused else ""
        self.nodes.append(helper.make_node(operator, inputs, [output], domain=domain, **attributes))
        return output


def build(weights: dict[str, Array], shape: Shape, target: Path) -> None:
    """Write the graph: `input_ids` and `attention_mask` (int32, batch x tokens) in, unit vectors out.

    `weights` are named as BERT's are, without a prefix.
    """
    graph = _Graph(weights)
    hidden = _embeddings(graph, shape)
    for layer in range(shape.layers):
        hidden = _layer(graph, layer, hidden, shape)
    _mean_of_tokens(graph, hidden)
    save_model(_model(graph, shape.hidden), target)


def _embeddings(graph: _Graph, shape: Shape) -> str:
    weights = graph.weights
    # every token is of type 0, so that row is added to the positions once and for all
    positions = weights["embeddings.position_embeddings.weight"] + weights["embeddings.token_type_embeddings.weight"][0]
    inputs = [
        "input_ids",
        "",
        graph.constant(_WORDS, weights["embeddings.word_embeddings.weight"]),
        graph.constant("positions", positions),
        "",
        graph.weight("embeddings.LayerNorm.weight"),
        graph.weight("embeddings.LayerNorm.bias"),
    ]
    node = helper.make_node(
        "EmbedLayerNormalization", inputs, ["embedded", "unused"], domain=_MICROSOFT, epsilon=shape.epsilon
    )
    graph.nodes.append(node)
    return "embedded"


def _layer(graph: _Graph, layer: int, hidden: str, shape: Shape) -> str:
    prefix, tag, epsilon = f"encoder.layer.{layer}.", f"layer{layer}_", shape.epsilon
    parts = [f"{prefix}attention.self.{part}" for part in ("query", "key", "value")]
    matrices = np.concatenate([graph.weights[f"{part}.weight"].T for part in parts], axis=1)
    biases = np.concatenate([graph.weights[f"{part}.bias"] for part in parts])
    attended = graph.node(
        "Attention",
        [hidden, graph.constant(f"{tag}qkv", matrices), graph.constant(f"{tag}qkv_bias", biases), "attention_mask"],
        f"{tag}attended",
        fused=True,
        num_heads=shape.heads,
    )
    mixed = graph.node("MatMul", [attended, graph.matrix(f"{prefix}attention.output.dense.weight")], f"{tag}mixed")
    normed = _add_and_normalise(graph, f"{prefix}attention.output.", mixed, hidden, f"{tag}normed", epsilon)
    wide = graph.node("MatMul", [normed, graph.matrix(f"{prefix}intermediate.dense.weight")], f"{tag}wide")
    bias = graph.weight(f"{prefix}intermediate.dense.bias")
    active = graph.node("BiasGelu", [wide, bias], f"{tag}active", fused=True)
    narrow = graph.node("MatMul", [active, graph.matrix(f"{prefix}output.dense.weight")], f"{tag}narrow")
    return _add_and_normalise(graph, f"{prefix}output.", narrow, normed, f"{tag}out", epsilon)


def _add_and_normalise(graph: _Graph, prefix: str, new: str, old: str, output: str, epsilon: float) -> str:
    names = ("LayerNorm.weight", "LayerNorm.bias", "dense.bias")
    inputs = [new, old, *[graph.weight(prefix + name) for name in names]]
    return graph.node("SkipLayerNormalization", inputs, output, fused=True, epsilon=epsilon)


def _mean_of_tokens(graph: _Graph, hidden: str) -> None:
    last_axis = graph.constant("last_axis", np.array([2], np.int64))
    token_axis = graph.constant("token_axis", np.array([1], np.int64))
    mask = graph.node("Cast", ["attention_mask"], "mask", to=TensorProto.FLOAT)
    column = graph.node("Unsqueeze", [mask, last_axis], "mask_column")
    masked = graph.node("Mul", [hidden, column], "masked")
    total = graph.node("ReduceSum", [masked, token_axis], "total", keepdims=0)
    count = graph.node("ReduceSum", [mask, token_axis], "count", keepdims=1)
    mean = graph.node("Div", [total, count], "mean")
    graph.node("LpNormalization", [mean], "embedding", axis=1, p=2)


def _model(graph: _Graph, hidden_size: int) -> ModelProto:
    shape = ["batch", "tokens"]
    inputs = [helper.make_tensor_value_info(name, TensorProto.INT32, shape) for name in ("input_ids", "attention_mask")]
    output = helper.make_tensor_value_info("embedding", TensorProto.FLOAT, ["batch", hidden_size])
    body = helper.make_graph(graph.nodes, "sentence_encoder", inputs, [output], graph.constants)
    opsets = [helper.make_opsetid("", _OPSET), helper.make_opsetid(_MICROSOFT, 1)]
    model: ModelProto = helper.make_model(body, opset_imports=opsets)
    model.ir_version = _IR_VERSION
    return model


def quantise(source: Path, target: Path) -> None:
    """Write an int8 copy of a graph, a quarter of its size; the vectors stay within .99 cosine."""
    from onnxruntime.quantization import QuantType, quantize_dynamic

    quantize_dynamic(
        source,
        target,
        weight_type=QuantType.QInt8,
        per_channel=True,
        reduce_range=True,  # processors without VNNI would overflow 16 bits
        op_types_to_quantize=["MatMul", "Attention", "EmbedLayerNormalization"],
        extra_options={"DefaultTensorType": TensorProto.FLOAT},
    )


def put_words(graph: Path, batches: Callable[[], Iterable[Array]], file: str) -> None:
    """Give a quantised graph its table of words, in `file` beside it, which processes map into memory and share.

    `batches` returns the rows some thousands at a time, and is called twice: a table of 250,000 words takes 400 MB as
    it is, and was built into the graph as a stub. It is quantised as `quantise` would.
    """
    low, high = 0.0, 0.0
    for batch in batches():
        low, high = min(low, float(batch.min())), max(high, float(batch.max()))
    scale = (high - low) / _LEVELS
    zero = round(-low / scale)
    rows = 0
    with (graph.parent / file).open("wb") as table:
        for batch in batches():
            np.clip(np.rint(batch / scale) + zero, 0, _LEVELS).astype(np.uint8).tofile(table)
            rows += len(batch)
    model = load_model(graph)
    constants = {constant.name: constant for constant in model.graph.initializer}
    words = constants[f"{_WORDS}_quantized"]
    words.ClearField("raw_data")
    words.dims[0] = rows
    words.data_location = TensorProto.EXTERNAL
    words.external_data.add(key="location", value=file)
    _set(constants[f"{_WORDS}_scale"], np.array(scale, np.float32))
    _set(constants[f"{_WORDS}_zero_point"], np.array(zero, np.uint8))
    graph.write_bytes(model.SerializeToString())


def _set(constant: TensorProto, value: npt.NDArray[Any]) -> None:
    constant.CopyFrom(numpy_helper.from_array(value, constant.name))
