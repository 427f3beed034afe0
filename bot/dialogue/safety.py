"""The policy that nothing overrides: a crisis ends whatever was going on."""

from __future__ import annotations

from typing import Any, Dict, List, Optional, Text

from rasa.core.policies.policy import Policy, PolicyPrediction, SupportedData
from rasa.engine.graph import ExecutionContext
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, UserUttered
from rasa.shared.core.generator import TrackerWithCachedStates
from rasa.shared.core.trackers import DialogueStateTracker

CRISIS = "crisis"
PLAN = ("utter_crisis", "action_deactivate_loop", "action_listen")


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.POLICY_WITHOUT_END_TO_END_SUPPORT, is_trainable=True)
class SafetyPolicy(Policy):
    """After a crisis: the reply, the end of any form, and silence until the next message.

    Priority alone loses to an active form, so the prediction is marked as a form's own would be
    (`is_no_user_prediction`). The plan is read from `applied_events`, which survives the rewind of
    Rasa's fallback action, and is carried out to the end, since a form would be entered again.
    """

    @staticmethod
    def supported_data() -> SupportedData:
        """Learn from nothing: rules and stories alike are accepted."""
        return SupportedData.ML_AND_RULE_DATA

    @staticmethod
    def get_default_config() -> Dict[Text, Any]:
        """Return the highest priority in the house."""
        return {"priority": 100}

    def train(self, training_trackers: List[TrackerWithCachedStates], domain: Domain, **kwargs: Any) -> Resource:
        """Return without learning anything."""
        return self._resource

    @classmethod
    def load(cls, config: Dict[Text, Any], model_storage: ModelStorage, resource: Resource,
             execution_context: ExecutionContext, **kwargs: Any) -> "SafetyPolicy":
        """Create the policy; there is nothing to load."""
        return cls(config, model_storage, resource, execution_context)

    def predict_action_probabilities(
            self, tracker: DialogueStateTracker, domain: Domain,
            rule_only_data: Optional[Dict[Text, Any]] = None, **kwargs: Any) -> PolicyPrediction:
        """Predict the next step of the plan while the last message was a crisis."""
        done: list[str] = []
        last: UserUttered | None = None
        for event in reversed(tracker.applied_events()):
            if isinstance(event, UserUttered):
                last = event
                break
            if isinstance(event, ActionExecuted) and event.action_name:
                done.append(event.action_name)
        # Rasa zeroes what was rejected; extraction of slots runs on its own and is not a step.
        steps = [name for name in done if name in PLAN]
        acts = last is not None and last.intent.get("name") == CRISIS and len(steps) < len(PLAN)
        probabilities = self._default_predictions(domain)
        if acts:
            probabilities[domain.index_for_action(PLAN[len(steps)])] = 1.0
        return PolicyPrediction(probabilities, self.__class__.__name__, self.priority,
                                is_no_user_prediction=acts)
