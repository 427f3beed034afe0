"""What do the articles say? A question in, a reviewed answer out; nothing is generated."""

from .files import KnowledgeError
from .index import build_index, is_fresh
from .knowledge import Knowledge, load_knowledge
from .model import Answer, Source

__all__ = ["Answer", "Knowledge", "KnowledgeError", "Source", "build_index", "is_fresh", "load_knowledge"]
