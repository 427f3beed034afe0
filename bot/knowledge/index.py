"""The index: vectors, words and fitted weights of everything that can be answered, on disk.

Two files, no pickle: `index.npz` holds arrays, `index.json` says what they were made from.
"""

from __future__ import annotations

import hashlib
import io
import itertools
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Mapping, Sequence

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix

from bot.embedding import DIMENSIONS, WEIGHTS_SHA256, Embedder
from bot.sums import is_whole, read_checked, seal

from . import lexical
from .articles import check_claims, denied_claims, passages
from .caveats import read_caveats
from .deny import read_denied
from .entries import read_entries, read_phrasings
from .files import read_yaml
from .matcher import Fit, Floats, Matcher
from .model import Entry, Passage
from .text import expand
from .training import fit

FORMAT = 2
BATCH = 2048


@dataclass(frozen=True)
class Index:
    """What a question is compared with."""

    matcher: Matcher
    rarity: Floats
    passage_vectors: Floats
    passage_rows: csr_matrix
    passage_rarity: Floats
    silence: Floats
    texts: tuple[str, ...] = ()
    learned_from: str = ""


@dataclass(frozen=True)
class Known:
    """What an index on disk spares its successor: vectors by text, and what was learned from which phrasings."""

    vectors: Mapping[str, Floats] = field(default_factory=dict)
    fit: Fit | None = None
    learned_from: str = ""


def read_words(answers: Path) -> dict[str, str]:
    """Return the short forms and misspellings that are written out before matching."""
    path = answers / "words.yml"
    if not path.is_file():
        return {}
    content = read_yaml(path)
    both = {**(content.get("spellings") or {}), **(content.get("medicines") or {})}
    return {str(k).lower(): str(v).lower() for k, v in both.items()}


def read_medicines(answers: Path) -> frozenset[str]:
    """Return the names of medicines that make a question one for a prescriber."""
    path = answers / "words.yml"
    return frozenset(str(name).lower() for name in read_yaml(path).get("medicines") or ()) \
        if path.is_file() else frozenset()


def all_denied(data_dir: Path) -> list[str]:
    """Return what is never shown: the list of it, and every claim of an article that was marked DENY."""
    return [*read_denied(data_dir / "answers" / "deny.yml"), *denied_claims(data_dir / "articles")]


def approved_numbers(entries: Sequence[Entry]) -> frozenset[str]:
    """Return the figures that some answer states with approval."""
    return frozenset(number for entry in entries for number in entry.numbers)


def make_index(entries: Sequence[Entry], found: Sequence[Passage], spellings: Mapping[str, str],
               embedder: Embedder, known: Known = Known(), unanswered: Sequence[str] = ()) -> Index:
    """Return the index of these entries and passages, with what is `known` already and still holds.

    `unanswered` are questions that none of them answers, to learn silence from.
    """
    others = [expand(question, spellings) for question in unanswered]
    texts = [expand(question, spellings) for entry in entries for question in questions_of(entry)]
    spoken = [passage.quote for passage in found]
    sizes = [len(questions_of(entry)) for entry in entries]
    starts = np.concatenate([[0], np.cumsum(sizes)[:-1]]).astype(np.int64)
    vectors = _encode(embedder, texts, known.vectors)
    counted = lexical.counts(texts)
    weights = lexical.rarity(counted)
    rows = lexical.weigh(counted, weights)
    silence = (_encode(embedder, others, known.vectors), lexical.weigh(lexical.counts(others), weights))
    quotes = [expand(f"{passage.section} {passage.quote}", spellings) for passage in found]
    passage_counts = lexical.counts(quotes)
    passage_weights = lexical.rarity(passage_counts)
    source = _learned_from(texts, sizes, others)
    # Articles come and go more often than phrasings: what was learned from these is kept.
    learned = known.fit if known.fit and known.learned_from == source else fit(starts, vectors, rows, silence)
    return Index(
        Matcher(starts, vectors, rows, learned),
        weights,
        _encode(embedder, spoken, known.vectors),
        lexical.weigh(passage_counts, passage_weights),
        passage_weights,
        silence[0],
        (*texts, *others, *spoken),
        source,
    )


def questions_of(entry: Entry) -> tuple[str, ...]:
    """Return the phrasings of an entry, its title first, each once."""
    return tuple(dict.fromkeys((entry.title, *entry.questions)))


def _encode(embedder: Embedder, texts: Sequence[str], known: Mapping[str, Floats]) -> Floats:
    missing = [text for text in dict.fromkeys(texts) if text not in known]
    parts = [embedder.encode(missing[i:i + BATCH]) for i in range(0, len(missing), BATCH)]
    fresh = dict(zip(missing, itertools.chain.from_iterable(parts), strict=True))
    vectors = [fresh[text] if text in fresh else known[text] for text in texts]
    return np.stack(vectors) if vectors else np.zeros((0, DIMENSIONS), np.float32)


def build_index(data_dir: Path, index_dir: Path, embedder: Embedder, anew: bool = False) -> None:
    """Write the index of the answers and articles in `data_dir`; raises `KnowledgeError`.

    Does nothing when it is fresh, and embeds only texts that the index on disk does not know, unless
    it is to be made `anew`.
    """
    if is_fresh(data_dir, index_dir) and not anew:
        return
    answers = data_dir / "answers"
    entries = read_entries(answers)
    check_claims(data_dir / "articles", read_caveats(answers / "caveats.yml"))
    found = passages(data_dir / "articles", all_denied(data_dir), approved_numbers(entries))
    index = make_index(entries, found, read_words(answers), embedder, Known() if anew else known_index(index_dir),
                       read_phrasings(answers)[1])
    index_dir.mkdir(parents=True, exist_ok=True)
    # The stamp goes last: a half-written index is never taken for a fresh one.
    (index_dir / "index.json").unlink(missing_ok=True)
    np.savez(index_dir / "index.npz", **_arrays(index))
    stamp = {"format": FORMAT, "model": WEIGHTS_SHA256, "fingerprint": fingerprint(data_dir),
             "bias": index.matcher.fit.bias, "learned_from": index.learned_from, "texts": index.texts}
    (index_dir / "index.json").write_text(json.dumps(stamp), encoding="utf-8")
    seal(index_dir)


def known_index(index_dir: Path) -> Known:
    """Return what the index on disk knows, fresh or not; nothing when it is of another make."""
    stamp = _stamp(index_dir)
    if stamp.get("format") != FORMAT or stamp.get("model") != WEIGHTS_SHA256:
        return Known()
    old = load_index(index_dir)
    vectors = [*old.matcher.vectors, *old.silence, *old.passage_vectors]
    return Known(dict(zip(stamp["texts"], vectors, strict=True)), old.matcher.fit, stamp["learned_from"])


def _learned_from(texts: Sequence[str], sizes: Sequence[int], others: Sequence[str]) -> str:
    """Return a hash of everything that the fit depends on."""
    digest = hashlib.sha256(json.dumps([list(texts), list(sizes), list(others)]).encode())
    for name in ("matcher.py", "training.py", "lexical.py", "text.py"):
        digest.update((Path(__file__).parent / name).read_bytes())
    return digest.hexdigest()


def is_fresh(data_dir: Path, index_dir: Path) -> bool:
    """Return whether the index on disk is whole and was made from exactly these files."""
    stamp = _stamp(index_dir)
    return stamp.get("format") == FORMAT and stamp.get("fingerprint") == fingerprint(data_dir)


def load_index(index_dir: Path) -> Index:
    """Return the index on disk."""
    with np.load(io.BytesIO(read_checked(index_dir / "index.npz")), allow_pickle=False) as arrays:
        kept = {name: arrays[name] for name in arrays.files}
    learned = Fit(kept["alpha"], kept["weights"], float(_stamp(index_dir)["bias"]))
    return Index(
        # By column, a product with one question reads memory at twice the pace.
        Matcher(kept["starts"], np.asfortranarray(kept["vectors"]), _csr(kept, "rows"), learned),
        kept["rarity"], kept["passage_vectors"], _csr(kept, "passage_rows"), kept["passage_rarity"],
        kept["silence"])


def fingerprint(data_dir: Path) -> str:
    """Return a hash of every file that the index is made from, their names and this code's settings."""
    found = sorted([*(data_dir / "answers").rglob("*.yml"), *(data_dir / "articles").glob("*.*")])
    digest = hashlib.sha256(WEIGHTS_SHA256.encode())
    for path in [*found, *sorted(Path(__file__).parent.glob("*.py"))]:
        digest.update(path.name.encode() + hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def _arrays(index: Index) -> dict[str, npt.NDArray[Any]]:
    matcher = index.matcher
    return {
        "starts": matcher.starts, "vectors": matcher.vectors, "alpha": matcher.fit.alpha,
        "weights": matcher.fit.weights, "rarity": index.rarity,
        "passage_vectors": index.passage_vectors, "passage_rarity": index.passage_rarity,
        "silence": index.silence,
        **_parts("rows", matcher.rows), **_parts("passage_rows", index.passage_rows)}


def _parts(name: str, rows: csr_matrix) -> dict[str, npt.NDArray[Any]]:
    return {f"{name}_data": rows.data, f"{name}_indices": rows.indices, f"{name}_indptr": rows.indptr}


def _csr(kept: Mapping[str, npt.NDArray[Any]], name: str) -> csr_matrix:
    starts = kept[f"{name}_indptr"]
    return csr_matrix((kept[f"{name}_data"], kept[f"{name}_indices"], starts),
                      shape=(len(starts) - 1, lexical.BUCKETS))


def _stamp(index_dir: Path) -> dict[str, Any]:
    path = index_dir / "index.json"
    if not is_whole(index_dir):
        return {}
    try:
        stamp = json.loads(path.read_text(encoding="utf-8"))
    except ValueError:
        return {}
    return stamp if isinstance(stamp, dict) else {}
