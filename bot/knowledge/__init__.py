"""What do the articles say? A question in, a reviewed answer out; nothing is generated."""

from .conversation import beside, converse, follow_up, more
from .files import KnowledgeError
from .index import build_index, is_fresh
from .knowledge import NOT_REVIEWED, Knowledge, load_knowledge
from .model import Answer, Situation, Source

__all__ = ["NOT_REVIEWED", "Answer", "Knowledge", "KnowledgeError", "Situation", "Source", "beside",
           "build_index", "converse", "follow_up", "is_fresh", "load_knowledge", "more"]
