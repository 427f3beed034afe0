"""The training data of this project: Rasa's own files and the phrasings of the reviewed answers."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Dict, List, Optional, Text, Union

from rasa.shared.importers.rasa import RasaFileImporter
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.knowledge.entries import read_entries

QUESTION = "question"
EVERY = 5
# These have intents of their own; the screen reads what is a crisis.
OWN_INTENT = ("booking", "handoff", "privacy", "bot_challenge", "small_talk", "crisis", "out_of_scope")


class ClinicImporter(RasaFileImporter):
    """Adds each answer's phrasings as examples of a question, so that they stand in one place only."""

    def __init__(self, config_file: Optional[Text] = None, domain_path: Optional[Text] = None,
                 training_data_paths: Optional[Union[List[Text], Text]] = None, **kwargs: Any) -> None:
        super().__init__(config_file, domain_path, training_data_paths)
        paths = [training_data_paths] if isinstance(training_data_paths, str) else training_data_paths or []
        # `rasa test` hands in its own small files: the phrasings belong to training only.
        self._answers = next((Path(path) for path in paths if (Path(path) / "answers").is_dir()), None)
        self._read: Dict[Optional[Text], TrainingData] = {}

    def get_nlu_data(self, language: Optional[Text] = "en") -> TrainingData:
        """Return Rasa's examples and, for training, the answers' phrasings."""
        if language not in self._read:  # Rasa asks several times over
            self._read[language] = self._nlu_data(language)
        return self._read[language]

    def _nlu_data(self, language: Optional[Text]) -> TrainingData:
        data = super().get_nlu_data(language)
        if self._answers is None:
            return data
        known = {str(example.get(TEXT)).lower() for example in data.training_examples}
        extra = [Message({TEXT: text, INTENT: QUESTION}) for text in _phrasings(self._answers / "answers")
                 if text.lower() not in known]
        return data.merge(TrainingData(training_examples=extra))


def _phrasings(answers: Path) -> List[Text]:
    # A part of them is enough to know a question by; which question it is, the answers' own index tells.
    return sorted({question for entry in read_entries(answers) if entry.kind not in OWN_INTENT
                   for question in entry.questions})[::EVERY]
