"""What does the patient want? A linear classifier over the shared embedding and the letters."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any, Dict, List, Text

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from scipy.sparse import csr_matrix, hstack
from sklearn.feature_extraction.text import HashingVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.utils import murmurhash3_32

from bot.embedding import Vectors, shared_embedder, training_embedder

LETTERS = 4096
LETTERS_WEIGHT = 0.6
RANKED = 5


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class IntentClassifier(GraphComponent):
    """Logistic regression, kept as two NumPy arrays: no pickle, and nothing slow to import."""

    @staticmethod
    def get_default_config() -> Dict[Text, Any]:
        """Return the regularisation (inverse strength) and the seed."""
        return {"C": 20.0, "max_iter": 400, "random_state": 1}

    def __init__(self, config: Dict[Text, Any], model_storage: ModelStorage, resource: Resource) -> None:
        self._config, self._storage, self._resource = config, model_storage, resource
        self._letters = HashingVectorizer(analyzer="char_wb", ngram_range=(2, 4), n_features=LETTERS,
                                          alternate_sign=False, norm="l2")
        self._runs_of_letters = self._letters.build_analyzer()
        self._names: list[str] = []
        self._weights = np.zeros((0, 0), np.float32)
        self._bias = np.zeros(0, np.float32)

    @classmethod
    def create(cls, config: Dict[Text, Any], model_storage: ModelStorage, resource: Resource,
               execution_context: ExecutionContext) -> "IntentClassifier":
        """Create an untrained classifier."""
        return cls({**cls.get_default_config(), **config}, model_storage, resource)

    @classmethod
    def load(cls, config: Dict[Text, Any], model_storage: ModelStorage, resource: Resource,
             execution_context: ExecutionContext, **kwargs: Any) -> "IntentClassifier":
        """Load what `train` has written."""
        component = cls.create(config, model_storage, resource, execution_context)
        with model_storage.read_from(resource) as directory:
            component._names = json.loads((directory / "intents.json").read_text())
            with np.load(directory / "weights.npz") as arrays:
                component._weights, component._bias = arrays["weights"], arrays["bias"]
        return component

    def train(self, training_data: TrainingData) -> Resource:
        """Fit on every example that has an intent, and write the weights."""
        examples = [example for example in training_data.intent_examples if example.get(TEXT)]
        texts = [example.get(TEXT) for example in examples]
        labels = [example.get(INTENT) for example in examples]
        model = LogisticRegression(C=self._config["C"], max_iter=self._config["max_iter"],
                                   class_weight="balanced", random_state=self._config["random_state"])
        # Rows are mostly zeros: kept sparse, the fit takes a tenth of the time.
        vectors = csr_matrix(training_embedder().encode(texts))
        training_embedder().save()
        model.fit(hstack([vectors, self._letter_rows(texts)], format="csr"), labels)
        self._names = [str(name) for name in model.classes_]
        self._weights = model.coef_.astype(np.float32)
        self._bias = model.intercept_.astype(np.float32)
        with self._storage.write_to(self._resource) as directory:
            (directory / "intents.json").write_text(json.dumps(self._names))
            np.savez(directory / "weights.npz", weights=self._weights, bias=self._bias)
        return self._resource

    def process(self, messages: List[Message]) -> List[Message]:
        """Set the likeliest intent and the ranking of the next ones."""
        for message in messages:
            text = message.get(TEXT) or ""
            scores = self._weights @ self._features(text, shared_embedder().encode([text])[0]) + self._bias
            likely = np.exp(scores - scores.max())
            likely /= likely.sum()
            ranking = [{"name": self._names[i], "confidence": float(likely[i])}
                       for i in np.argsort(-likely)[:RANKED]]
            message.set(INTENT, ranking[0], add_to_output=True)
            message.set("intent_ranking", ranking, add_to_output=True)
        return messages

    def _features(self, text: Text, vector: Vectors) -> Vectors:
        """Return embedding and letter features of one text, shape (384 + LETTERS,), as `_letter_rows` counts them."""
        found = [_bucket(letters) for letters in self._runs_of_letters(text.lower())]
        counted = np.bincount(found, minlength=LETTERS).astype(np.float32)
        length = float(np.linalg.norm(counted))
        return np.concatenate([vector, counted * np.float32(LETTERS_WEIGHT / (length or 1.0))])

    def _letter_rows(self, texts: List[Text]) -> csr_matrix:
        letters = self._letters.transform([text.lower() for text in texts])
        return (LETTERS_WEIGHT * letters).astype(np.float32)


@lru_cache(maxsize=65536)
def _bucket(letters: Text) -> int:
    """Return where scikit-learn's hashing vectorizer counts a run of letters; for one text its own call is slow."""
    return abs(int(murmurhash3_32(letters, seed=0))) % LETTERS
